"""The form of a feature: its place as text (with a map where there is script), its commune by name, its version."""

from __future__ import annotations

from typing import Any, ClassVar

import shapely
from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Field as ModelField
from django.db.models import Value
from django.db.models.expressions import DatabaseDefault
from django.urls import NoReverseMatch, reverse
from shapely.geometry.base import BaseGeometry

from gis_core import places
from gis_core.accounts.words import spoken, spoken_language
from gis_core.administration.place_words import PLACE_WORDS
from gis_core.administration.reach import Reach
from gis_core.crs import EPSG9214
from gis_core.geos import geos
from gis_core.place_text import METRIC, PlaceError, in_degrees, read_place, write_place
from gis_core.problems import Problem
from gis_core.writers import refuse_outside_units
from gis_core.writing import against_the_rules

KINDS = {
    "POINT": "Point", "LINESTRING": "LineString", "POLYGON": "Polygon", "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString", "MULTIPOLYGON": "MultiPolygon",
}  # fmt: skip
BY_PLACE = spoken("theo vị trí", "by the place")
CHANGED_MEANWHILE = spoken(
    "Đối tượng đã được người khác sửa sau khi bạn mở. Hãy tải lại rồi sửa tiếp; chưa có gì bị ghi đè.",
    "Somebody else changed this feature after you opened it. Load it again, then edit; nothing has been overwritten.",
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


def shape_of(value: GEOSGeometry) -> BaseGeometry:
    return shapely.force_2d(shapely.from_wkb(bytes(value.wkb)))


class PlaceWidget(forms.Widget):
    """A text of coordinates and the zone that metres are meant in; a map beside it where the browser can draw one."""

    template_name = "administration/place.html"

    def __init__(self, kind: str, srid: int) -> None:
        super().__init__()
        self.kind, self.srid = kind, srid

    def format_value(self, value: Any) -> str:
        if isinstance(value, tuple):
            return str(value[0])
        return write_place(shape_of(value)) if isinstance(value, GEOSGeometry) else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        zone = value[1] if isinstance(value, tuple) else self.zone
        drawn = in_degrees(shape_of(value), self.srid) if isinstance(value, GEOSGeometry) else None
        language = spoken_language()
        context["widget"] |= {
            "kind": self.kind,
            "srid": self.srid,
            "zone": zone,
            "zones": [(srid, crs.title.to(language)) for srid, crs in METRIC.items()],
            "drawn": shapely.to_geojson(drawn) if drawn is not None else "",
            "check": check_address(),
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
    """A place in EPSG:``srid``, as `gis_core.place_text` reads it; a text that was not touched moves nothing."""

    widget: PlaceWidget

    def __init__(self, *, srid: int, geom_type: str, **more: Any) -> None:
        self.kind, self.srid = KINDS[geom_type], srid
        # GeometryField hands over limits of Django's own field, which reads collections.
        own = {key: value for key, value in more.items() if not key.startswith("max_geom")}
        super().__init__(**{**own, "widget": PlaceWidget(self.kind, srid)})

    def to_python(self, value: Any) -> GEOSGeometry | None:
        if isinstance(value, GEOSGeometry):
            return value
        if not isinstance(value, tuple) or not value[0].strip():
            return None
        try:
            return geos(read_place(value[0], self.kind, self.srid, value[1]), self.srid)
        except PlaceError as error:
            raise ValidationError(error.words.to(spoken_language()), "no-place") from error

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

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # What the database will choose has no value to show yet.
        chosen_later = [name for name, value in self.initial.items() if isinstance(value, DatabaseDefault)]
        for name in chosen_later:
            default = self.initial[name].expression
            self.initial[name] = default.value if isinstance(default, Value) else None
        version = self.version_now()
        if version is not None:
            self.fields["version"] = forms.CharField(
                required=False, initial=version, widget=forms.HiddenInput()
            )
        for name, field in self.fields.items():
            if isinstance(field, UnitField):
                held = getattr(self.instance, name, "")
                if isinstance(held, str) and held and held not in places.unit_names():
                    field.held = held  # type: ignore[attr-defined]
                    field.choices = [*field.choices, (held, held)]  # type: ignore[misc]

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

    def clean(self) -> Any:
        cleaned = super().clean()
        seen = (self.cleaned_data or {}).get("version")
        if seen and seen != self.version_now():
            self.add_error(None, ValidationError(CHANGED_MEANWHILE, "changed-meanwhile"))
        return cleaned

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
