"""What the administration shows of values that are codes elsewhere: communes by their names, places as places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import shapely
from django.contrib.admin import ChoicesFieldListFilter, SimpleListFilter, display
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from shapely.geometry.base import BaseGeometry

from gis_core import places
from gis_core.accounts.words import spoken, spoken_language

UNIT = spoken("xã, phường", "commune")
PUBLIC_UNIT = spoken("xã, phường công bố", "published commune")


def shape_of(value: GEOSGeometry) -> BaseGeometry:
    return shapely.force_2d(shapely.from_wkb(bytes(value.wkb)))


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


class HeldChoices(ChoicesFieldListFilter):
    """By a code, offered by its name: those that a row has which the reader sees."""

    def __init__(
        self, field: Any, request: HttpRequest, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        rows = model_admin.get_queryset(request).order_by()
        self.held = set(rows.values_list(field.name, flat=True).distinct())

    def choices(self, changelist: Any) -> Iterator[Any]:
        every, *each = super().choices(changelist)
        yield every
        for (code, _), choice in zip(self.field.flatchoices, each, strict=False):
            if code in self.held or choice["selected"]:
                yield choice


class Shown:
    """For a ``ModelAdmin``: readable columns in place of codes and geometries."""

    SPOKEN: ClassVar[dict[str, str]] = {"unit_code": "commune", "unit_code_public": "public_commune"}

    def shown_name(self, name: str) -> str:
        return self.SPOKEN.get(name, name)

    def filter_by(self, name: str, field: Any) -> Any:
        if name == "unit_code":
            return UnitFilter
        return (name, HeldChoices) if field.choices else name

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
