"""What hangs on a feature, on the feature's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


class WithFeature:
    """For an inline: seen and changed by whoever sees and changes the feature."""

    admin_site: Any
    parent_model: Any

    def _of_feature(self, act: str, request: HttpRequest, obj: Any) -> bool:
        parent = self.admin_site._registry[self.parent_model]
        if act == "change" and obj is None:
            return bool(parent.has_change_permission(request) or parent.has_add_permission(request))
        return bool(getattr(parent, f"has_{act}_permission")(request, obj))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature("view", request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any) -> bool:
        return self._of_feature("change", request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature("change", request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature("change", request, obj)


class BesideFeature(WithFeature):
    """For an inline that is no part of the feature: a permission of its own, and the right to change the feature."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature("change", request, obj) and super(WithFeature, self).has_view_permission(
            request, obj
        )  # type: ignore[misc]

    def has_add_permission(self, request: HttpRequest, obj: Any) -> bool:
        return self._of_feature("change", request, obj) and super(WithFeature, self).has_add_permission(
            request, obj
        )  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature("change", request, obj) and super(WithFeature, self).has_change_permission(
            request, obj
        )  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature("change", request, obj) and super(WithFeature, self).has_delete_permission(
            request, obj
        )  # type: ignore[misc]
