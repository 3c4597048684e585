"""What the administration shows of values that are codes elsewhere: communes by their names, places as places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import shapely
from django.contrib.admin import ChoicesFieldListFilter, SimpleListFilter, display
from django.contrib.gis.geos import GEOSGeometry
from django.db import connections
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


MOST_LOOKED_AT = 20_000  # rows, for which codes they have: in a larger table every code is offered


def held(rows: QuerySet[Any], name: str) -> frozenset[Any] | None:
    """The values that ``rows`` have in a field; None where there are more rows than are looked at.

    All rows of a large table would be read for it at every page; and of a part of them it would depend on where they
    lie what is offered.
    """
    statement, values = rows.order_by().values_list(name)[: MOST_LOOKED_AT + 1].query.sql_with_params()
    counting = f"select count(*), array_agg(distinct _held) from ({statement}) _rows (_held)"
    with connections[rows.db].cursor() as cursor:
        cursor.execute(counting, values)
        count, found = cursor.fetchone()
    return frozenset(found or ()) if count <= MOST_LOOKED_AT else None


class UnitFilter(SimpleListFilter):
    """By commune, offered by its name: those that a row is in which the reader sees, or his own."""

    title = UNIT
    parameter_name = "unit_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known, reached = held(model_admin.get_queryset(request), "unit_code"), model_admin.reach(request)
        if known is None and reached.main is not None and reached.caller.is_scoped_in(reached.main):
            known = frozenset(reached.caller.units)
        names = places.unit_names().items()
        return [(code, name) for code, name in names if known is None or code in known]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(unit_code=self.value()) if self.value() else queryset


class HeldChoices(ChoicesFieldListFilter):
    """By a code, offered by its name: those that a row has which the reader sees."""

    def __init__(
        self, field: Any, request: HttpRequest, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        self.held = held(model_admin.get_queryset(request), field.name)

    def choices(self, changelist: Any) -> Iterator[Any]:
        every, *each = super().choices(changelist)
        yield every
        for (code, _), choice in zip(self.field.flatchoices, each, strict=False):
            if self.held is None or code in self.held or choice["selected"]:
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
