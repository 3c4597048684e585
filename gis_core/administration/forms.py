"""The form of a feature: its place as text (with a map where there is script), its commune by name, its version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import shapely
from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Field as ModelField
from django.db.models import QuerySet, Value
from django.db.models.expressions import DatabaseDefault
from django.urls import NoReverseMatch, reverse
from shapely.geometry.base import BaseGeometry

from gis_core import places
from gis_core.accounts.words import spoken, spoken_language
from gis_core.administration.comparing import Comparison, compare
from gis_core.administration.neighbours import neighbours
from gis_core.administration.place_words import PLACE_WORDS
from gis_core.administration.reach import Reach
from gis_core.administration.shown import shape_of
from gis_core.crs import EPSG9214
from gis_core.geos import geos
from gis_core.measures import beyond_measure
from gis_core.place_changes import AreaChange, area_change, area_of
from gis_core.place_text import (
    METRIC,
    PLACE_KINDS,
    PlaceError,
    in_degrees,
    keep_corners,
    read_place,
    write_place,
)  # fmt: skip
from gis_core.problems import Problem
from gis_core.writers import refuse_outside_units
from gis_core.writing import against_the_rules

BY_DJANGO = {kind.upper(): kind for kind in PLACE_KINDS}
BY_PLACE = spoken("theo vị trí", "by the place")
CHANGED_MEANWHILE = spoken(
    "Đối tượng đã được người khác sửa sau khi bạn mở. Chưa có gì bị ghi đè: hãy chọn ở trên rồi lưu lại.",
    "Somebody else changed this feature after you opened it. Nothing is overwritten: choose above, then save again.",
)


def unit_choice(column: ModelField[Any, Any]) -> forms.Field:
    """A choice of communes by name for a column that holds their codes."""
    choices = [("", BY_PLACE), *places.unit_names().items()]
    return UnitField(choices=choices, required=False, label=spoken("Xã, phường", "Commune"))


class UnitField(forms.ChoiceField):
    """A code of today's units, or the one that the feature has already (a unit of another day)."""

    def valid_value(self, value: Any) -> bool:
        return super().valid_value(value) or value == getattr(self, "held", None)


def check_address() -> str:
    """Where a typed place is judged without sending the form; empty in a house without pages."""
    try:
        return reverse("place-check")
    except NoReverseMatch:
        return ""


class PlaceWidget(forms.Widget):
    """A text of coordinates and the zone that metres are meant in; a map beside it where the browser can draw one.

    ``held`` is the place that stands, ``asked`` a change of its area that is to be confirmed, ``layer`` and ``corners``
    (an address) are what is drawn around it.
    """

    template_name = "administration/place.html"

    def __init__(self, kind: str, srid: int) -> None:
        super().__init__()
        self.kind, self.srid = kind, srid
        self.held: BaseGeometry | None = None
        self.asked: AreaChange | None = None
        self.layer, self.label, self.corners, self.fid = "", "", "", ""

    def format_value(self, value: Any) -> str:
        if isinstance(value, tuple):
            return str(value[0])
        return write_place(shape_of(value), self.srid) if isinstance(value, GEOSGeometry) else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        zone = value[1] if isinstance(value, tuple) else self.zone
        drawn = in_degrees(shape_of(value), self.srid) if isinstance(value, GEOSGeometry) else None
        language = spoken_language()
        area = area_of(self.held, self.srid)
        context["widget"] |= {
            "kind": self.kind,
            "srid": self.srid,
            "zone": zone,
            "zones": [(srid, crs.title.to(language)) for srid, crs in METRIC.items()],
            "drawn": shapely.to_geojson(drawn) if drawn is not None else "",
            "check": check_address(),
            "area": "" if area is None else repr(area),
            "area_now": "" if area is None else AreaChange(None, area).words().to(language),
            "asked": self.asked,
            "asked_words": self.asked.words().to(language) if self.asked else "",
            "layer": self.layer,
            "label": self.label,
            "corners": self.corners,
            "fid": self.fid,
            "rows": 3 if self.kind == "Point" else 10,
            "words": {key: text.to(language) for key, text in PLACE_WORDS.items()},
        }
        return context

    @property
    def zone(self) -> int:
        return self.srid if self.srid in METRIC else EPSG9214.srid

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[str, int] | None:
        if name not in data:
            return None
        zone = str(data.get(f"{name}_zone") or self.zone)
        return str(data[name]), int(zone) if zone.isdecimal() and len(zone) < 7 else 0

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data

    def id_for_label(self, id_: str) -> str:
        return id_


class PlaceField(forms.Field):
    """A place in EPSG:``srid``, as `gis_core.place_text` reads it; a corner that was not touched moves nowhere.

    ``around`` gives the places of the neighbours of one: a corner that is written as one of theirs is theirs.
    """

    widget: PlaceWidget

    def __init__(self, *, srid: int, geom_type: str, **more: Any) -> None:
        self.kind, self.srid = BY_DJANGO[geom_type], srid
        self.around: Callable[[BaseGeometry], list[BaseGeometry]] = lambda place: []
        # GeometryField hands over limits of Django's own field, which reads collections.
        own = {key: value for key, value in more.items() if not key.startswith("max_geom")}
        super().__init__(**{**own, "widget": PlaceWidget(self.kind, srid)})

    def to_python(self, value: Any) -> GEOSGeometry | None:
        if isinstance(value, GEOSGeometry):
            return value
        if not isinstance(value, tuple) or not value[0].strip():
            return None
        try:
            found = read_place(value[0], self.kind, self.srid, value[1])
        except PlaceError as error:
            raise ValidationError(error.words.to(spoken_language()), "no-place") from error
        held = [] if self.widget.held is None else [self.widget.held]
        return geos(keep_corners(found, [*held, *self.around(found)], self.srid), self.srid)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            new = self.to_python(data)
        except ValidationError:
            return True
        if new is None or not isinstance(initial, GEOSGeometry):
            return (new is None) != (initial is None)
        return shape_of(new) != shape_of(initial)


class LayerForm(forms.ModelForm):  # type: ignore[type-arg]
    """Keeps an officer within his units, and nobody's work under another's."""

    reach: ClassVar[Reach]
    rows: ClassVar[QuerySet[Any]]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # What the database will choose has no value to show yet.
        chosen_later = [name for name, value in self.initial.items() if isinstance(value, DatabaseDefault)]
        for name in chosen_later:
            default = self.initial[name].expression
            self.initial[name] = default.value if isinstance(default, Value) else None
        self.version = self.version_now()
        if self.version is not None:
            self.fields["version"] = forms.CharField(
                required=False, initial=self.version, widget=forms.HiddenInput()
            )
        self.comparison: Comparison | None = None
        self.area: AreaChange | None = None
        for name, field in self.fields.items():
            if isinstance(field, UnitField):
                held = getattr(self.instance, name, "")
                if isinstance(held, str) and held and held not in places.unit_names():
                    field.held = held  # type: ignore[attr-defined]
                    field.choices = [*field.choices, (held, held)]  # type: ignore[misc]
            elif isinstance(field, PlaceField):
                self._know_place(name, field)

    def _know_place(self, name: str, field: PlaceField) -> None:
        """What stands, and what is around it."""
        widget, meta = field.widget, self._meta.model._meta
        held = self.initial.get(name)
        widget.held = shape_of(held) if isinstance(held, GEOSGeometry) else None
        if self.reach.main is not None:
            widget.layer, widget.label = self.reach.main.id, self.reach.main.label or ""
        but = None if self.instance._state.adding else self.instance.pk
        widget.fid = "" if but is None else str(but)
        if name == self.reach.place:
            widget.corners = reverse(f"admin:{meta.app_label}_{meta.model_name}_corners")

            def around(place: BaseGeometry) -> list[BaseGeometry]:
                return neighbours(self.rows, self.reach, in_degrees(place, field.srid).bounds, but)

            field.around = around

    def version_now(self) -> str | None:
        """The version of the feature as the caller sees it, None for a new one."""
        layer = self.reach.main
        if layer is None or self.instance._state.adding:
            return None
        with connection.cursor() as cursor:
            cursor.execute(
                f'select "version" from "{self.reach.caller.audience}"."{layer.id}" where "fid" = %s',
                [self.instance.pk],
            )
            row = cursor.fetchone()
        return str(row[0]) if row else None

    def full_clean(self) -> None:
        """What somebody else wrote meanwhile is set against what was typed, and where he chose it, it is taken."""
        if self.is_bound and self.version is not None:
            seen = str(self.data.get(self.add_prefix("version"), ""))
            if seen != self.version:
                self.comparison = compare(self, seen)
        taken = self.comparison.taken if self.comparison else ()
        for name in taken:
            self.fields[name].disabled = True
        super().full_clean()
        for name in taken:
            self.fields[name].disabled = False

    def clean(self) -> Any:
        cleaned = super().clean()
        if self.comparison is not None and not self.comparison.settled:
            self.add_error(None, ValidationError(CHANGED_MEANWHILE, "changed-meanwhile"))
        self._measure()
        self._weigh_area()
        return cleaned

    def _measure(self) -> None:
        """Refuse numbers that nothing measures, in the words in which the APIs do."""
        fields = {f.sql_column: f for layer in self.reach.layers for f in layer.fields}
        for name in self.changed_data:
            declared = fields.get(name)
            why = beyond_measure(declared, self.cleaned_data.get(name)) if declared is not None else None
            if why is not None:
                said = why.to(spoken_language())
                self.add_error(name, ValidationError(said[0].upper() + said[1:], "beyond-measure"))

    def _weigh_area(self) -> None:
        """A large change of the area is asked about: a corner that slipped is noticed before it is saved."""
        name = self.reach.place
        field = self.fields.get(name or "")
        if name is None or not isinstance(field, PlaceField) or field.widget.held is None:
            return
        place = self.cleaned_data.get(name)
        if not isinstance(place, GEOSGeometry) or field.disabled:
            return
        change = area_change(field.widget.held, shape_of(place), field.srid)
        if change is None or not change.is_seen:
            return
        self.area = change
        if change.is_large and self.data.get(f"{self.add_prefix(name)}_area") != change.confirmation:
            field.widget.asked = change
            self.add_error(name, ValidationError(change.question().to(spoken_language()), "area-changes"))

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        layer, caller = self.reach.written, self.reach.caller
        if layer is not None and layer.scope is not None:
            place = getattr(self.instance, layer.geometry.column)
            if self.reach.place in self.changed_data or self.instance._state.adding:
                setattr(self.instance, layer.scope.column, places.unit_at(place) or "")
            try:
                refuse_outside_units(layer, getattr(self.instance, layer.scope.column), caller)
            except Problem as problem:
                self.add_error(None, problem.detail.to(spoken_language()))
        try:
            self.instance.validate_constraints(
                exclude={f.name for f in self._meta.model._meta.fields if f.generated}
            )
        except ValidationError:
            # Without the database's words, as everywhere: they may speak of a row that the caller does not see.
            self.add_error(None, against_the_rules().detail.to(spoken_language()))
