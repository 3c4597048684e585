"""Land parcels, and apart from them who holds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Self

import shapely
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import IsValid
from django.core.exceptions import ValidationError
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Concat

from gis_core.accounts.words import spoken
from gis_core.features import ScopedFeature
from gis_core.geos import ewkb_of, moved
from layers.admin_units.services import current_communes
from layers.parcels import codes
from layers.parcels.geohash import geohashes

VN2000_HUE = 9214


class PlanarArea(Func):
    """Area in the square units of the geometry's own CRS (here metres), not on the ellipsoid: as surveyed."""

    function = "ST_Area"
    output_field = models.FloatField()


class Parcel(ScopedFeature):
    """A parcel of the cadastral map.

    ``geom_original`` (VN-2000 / TM-3 107-00, EPSG:9214, metres) is what was surveyed and what counts; areas and
    stake-out coordinates come from it. ``geom`` (EPSG:4326, good to the transformation's 1 m) is made from it on
    every save. It is no generated column: a dump would restore no parcels, since PostGIS 3.3 knows EPSG:9214 only
    from a row that is restored later.

    Sheets are numbered within the commune of the survey. Today's communes are unions of older ones, each with its
    sheet 1, hence ``sheet_series``.
    """

    follows: ClassVar[Mapping[str, Collection[str]]] = {"geom": ("geom_original",)}

    # What was surveyed (EWKB), where that is in EPSG:4326 (EWKB), and the identifier of that place, empty where the
    # shape crosses itself.
    _followed: tuple[bytes, memoryview, str] | None = None

    geom = models.MultiPolygonField(srid=4326)
    geom_original = models.MultiPolygonField(srid=VN2000_HUE)
    national_id = models.CharField(max_length=12, unique=True, blank=True, help_text="Mã định danh thửa đất")
    unit_name = models.CharField(max_length=80, blank=True, default="")
    sheet_series = models.CharField(
        max_length=80,
        blank=True,
        default="",
        help_text="Xã khi đo đạc, nếu đã sáp nhập",
    )
    sheet = models.PositiveIntegerField(help_text="Số tờ bản đồ")
    number = models.PositiveIntegerField(help_text="Số thửa")
    designation = models.GeneratedField(
        expression=Concat(
            Cast("sheet", models.TextField()),
            Value("/"),
            Cast("number", models.TextField()),
            output_field=models.TextField(),
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    map_scale = models.PositiveIntegerField(null=True, blank=True, help_text="Mẫu số tỷ lệ bản đồ")
    area_m2 = models.GeneratedField(
        expression=Cast(
            PlanarArea(F("geom_original")),
            models.DecimalField(max_digits=14, decimal_places=1),
        ),
        output_field=models.DecimalField(max_digits=14, decimal_places=1),
        db_persist=True,
    )
    legal_area_m2 = models.DecimalField(max_digits=14, decimal_places=1, null=True, blank=True)
    land_use = models.CharField(max_length=3, choices=codes.land_use_choices)
    address = models.CharField(max_length=200, blank=True, default="")
    surveyed_on = models.DateField(null=True, blank=True)
    accuracy_m = models.FloatField(null=True, blank=True, help_text="Sai số vị trí đỉnh thửa, m")
    source = models.CharField(max_length=120, blank=True, default="")

    use_origin = models.CharField(max_length=120, blank=True, default="", help_text="Nguồn gốc sử dụng đất")
    certificate_no = models.CharField(max_length=40, blank=True, default="", help_text="Số giấy chứng nhận")
    mortgaged = models.BooleanField(default=False)
    disputed = models.BooleanField(default=False)

    class Meta:
        verbose_name = spoken("thửa đất", "land parcel")
        verbose_name_plural = spoken("thửa đất", "land parcels")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("unit_code", "sheet_series", "sheet", "number"),
                name="parcels_parcel_sheet_and_number",
            ),
            models.CheckConstraint(
                condition=Q(sheet__gte=1, number__gte=1),
                name="parcels_parcel_numbers_from_1",
            ),
            models.CheckConstraint(
                condition=Q(national_id__regex=r"^[0-9b-hjkmnp-z]{12}$"),
                name="parcels_parcel_national_id_geohash",
            ),
            models.CheckConstraint(
                condition=Q(legal_area_m2__gt=0),
                name="parcels_parcel_legal_area_positive",
            ),
            models.CheckConstraint(
                condition=Q(map_scale__in=codes.MAP_SCALES),
                name="parcels_parcel_map_scale",
            ),
            models.CheckConstraint(condition=Q(accuracy_m__gt=0), name="parcels_parcel_accuracy_positive"),
            models.CheckConstraint(condition=IsValid("geom_original"), name="parcels_parcel_geometry_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}/{self.number} {self.unit_name}".rstrip()

    def clean(self) -> None:
        """Refuse a shape that crosses itself, by name: its area and its inside would mean nothing."""
        # Looked for where it is kept: a geometry that an import set is then not built for this alone.
        shape: Any = self.__dict__.get("geom_original") or self.geom_original
        if shape is None:
            return
        follow_surveys([self])
        assert self._followed is not None
        if not self._followed[2]:
            raise ValidationError({"geom_original": "Ranh thửa tự cắt hoặc không khép kín"})

    @classmethod
    def settle(cls, made: Sequence[Self]) -> None:
        """What follows from the survey, and the commune's name where none is given, for the search."""
        follow_surveys(made)
        super().settle(made)
        unnamed = [parcel for parcel in made if parcel.unit_code and not parcel.unit_name]
        if unnamed:
            names = dict(
                current_communes()
                .filter(code__in={parcel.unit_code for parcel in unnamed})
                .values_list("code", "name")
            )
            for parcel in unnamed:
                parcel.unit_name = names.get(parcel.unit_code, "")


def follow_surveys(parcels: Sequence[Parcel]) -> None:
    """Make ``geom`` from the surveyed geometry, and the national identifier where a parcel has none yet.

    An identifier once given stays when the survey is corrected: certificates carry it.
    """
    surveys = [bytes(ewkb_of(parcel, "geom_original")) for parcel in parcels]
    unknown = [
        (parcel, survey)
        for parcel, survey in zip(parcels, surveys, strict=True)
        if parcel._followed is None or parcel._followed[0] != survey
    ]
    if unknown:
        learn_places(unknown)
    for parcel in parcels:
        assert parcel._followed is not None
        parcel.geom = parcel._followed[1]  # type: ignore[assignment]  # EWKB is read where it is looked at
        parcel.national_id = parcel.national_id or parcel._followed[2]


def learn_places(unknown: Sequence[tuple[Parcel, bytes]]) -> None:
    """Keep with each parcel where its survey (EWKB) lies on Earth."""
    surveys = shapely.from_wkb([survey for _, survey in unknown])
    lonlats = moved(surveys, VN2000_HUE, 4326)
    fits = shapely.is_valid(surveys)
    ewkb = shapely.to_wkb(shapely.set_srid(lonlats, 4326), include_srid=True)
    identifiers = iter(geohashes(shapely.get_coordinates(shapely.point_on_surface(lonlats[fits]))))
    for (parcel, survey), place, fit in zip(unknown, ewkb, fits, strict=True):
        parcel._followed = survey, memoryview(place), next(identifiers) if fit else ""


class ParcelHolder(models.Model):
    """Who holds a parcel, one row for each holder. In no layer, hence in no view, no tile, no export and no event."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="holders")
    name = models.CharField(max_length=120)
    id_number = models.CharField(max_length=20, blank=True, default="")
    address = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name = spoken("người sử dụng đất", "land holder")
        verbose_name_plural = spoken("người sử dụng đất", "land holders")

    def __str__(self) -> str:
        return f"{self.parcel_id}"
