"""What the administration shows of values that are codes elsewhere: communes by their names, places as places."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter, display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gis_core import places
from gis_core.accounts.words import spoken, spoken_language

UNIT = spoken("xã, phường", "commune")
PUBLIC_UNIT = spoken("xã, phường công bố", "published commune")


def is_unit(name: str) -> bool:
    """Whether a column holds codes of communes: every feature that belongs to one has it so."""
    return name in ("unit_code", "unit_code_public")


class UnitFilter(SimpleListFilter):
    """By commune, offered by its name."""

    title = UNIT
    parameter_name = "unit_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        held = set(model_admin.get_queryset(request).values_list("unit_code", flat=True).distinct())
        return [(code, name) for code, name in places.unit_names().items() if code in held]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(unit_code=self.value()) if self.value() else queryset


class Shown:
    """For a ``ModelAdmin``: readable columns in place of codes and geometries."""

    SPOKEN: ClassVar[dict[str, str]] = {"unit_code": "commune", "unit_code_public": "public_commune"}

    def shown_name(self, name: str) -> str:
        return self.SPOKEN.get(name, name)

    def filter_by(self, name: str) -> Any:
        return UnitFilter if name == "unit_code" else name

    @display(description=UNIT, ordering="unit_code")
    def commune(self, feature: Any) -> str:
        return places.unit_name(feature.unit_code)

    @display(description=PUBLIC_UNIT, ordering="unit_code_public")
    def public_commune(self, feature: Any) -> str:
        return places.unit_name(feature.unit_code_public)

    @display(description=spoken("vị trí", "place"))
    def place(self, feature: Any) -> SafeString | str:
        """Where the feature is, and the way to it on the map, which shows the place that the reader may see."""
        layer = getattr(feature, "shown_layer", None)
        if layer is None:
            return "-"
        try:
            address = reverse(
                f"feature-{'en' if spoken_language() == 'en' else 'vi'}", args=[layer, feature.pk]
            )
        except NoReverseMatch:  # a house without its pages
            return "-"
        return format_html('<a href="{}">{}</a>', address, spoken("Xem trên bản đồ", "Show on the map"))
