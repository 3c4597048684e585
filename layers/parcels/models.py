"""Land parcels, and apart from them who holds them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import IsValid
from django.contrib.gis.geos import MultiPolygon
from django.core.exceptions import ValidationError
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Concat

from gis_core import places
from gis_core.accounts.words import spoken
from gis_core.features import ScopedFeature
from layers.admin_units.services import current_communes
from layers.parcels import codes
from layers.parcels.geohash import geohash

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
        if self.geom_original is not None and not self.geom_original.valid:
            raise ValidationError({"geom_original": "Ranh thửa tự cắt hoặc không khép kín"})
        if self.geom_original is not None:
            self.follow_survey()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with what follows from the survey, and the commune's name where none is given, for the search."""
        self.follow_survey()
        self.unit_code = self.unit_code or places.unit_at(self.geom) or ""
        if self.unit_code and not self.unit_name:
            self.unit_name = (
                current_communes().filter(code=self.unit_code).values_list("name", flat=True).first() or ""
            )
        changed = kwargs.get("update_fields")
        if changed is not None and "geom_original" in changed:
            kwargs["update_fields"] = {*changed, "geom"}
        super().save(*args, **kwargs)

    def follow_survey(self) -> None:
        """Make ``geom`` from the surveyed geometry, and the national identifier if the parcel has none yet.

        An identifier once given stays when the survey is corrected: certificates carry it.
        """
        lonlat = self.geom_original.transform(4326, clone=True)
        assert isinstance(lonlat, MultiPolygon)
        self.geom = lonlat
        if not self.national_id:
            inside = self.geom.point_on_surface
            self.national_id = geohash(inside.x, inside.y)


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
