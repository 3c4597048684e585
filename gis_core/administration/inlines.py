"""What hangs on a feature, on the feature's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.admin.options import InlineModelAdmin

    Inline = InlineModelAdmin[Any, Any]
else:
    Inline = object


class WithFeature(Inline):
    """For an inline: seen and changed by whoever changes the feature; no layer shows what hangs on it to others."""

    def _of_feature(self, request: HttpRequest, obj: Any) -> bool:
        parent: Any = self.admin_site._registry[self.parent_model]
        adds = obj is None and parent.has_add_permission(request)
        return bool(adds or parent.has_change_permission(request, obj))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature(request, obj)


class BesideFeature(WithFeature):
    """For an inline that is no part of the feature: a permission of its own, and the right to change the feature."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature(request, obj) and super(WithFeature, self).has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature(request, obj) and super(WithFeature, self).has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature(request, obj) and super(WithFeature, self).has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._of_feature(request, obj) and super(WithFeature, self).has_delete_permission(request, obj)
