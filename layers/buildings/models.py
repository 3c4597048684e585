from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from gis_core.accounts.words import spoken
from gis_core.bilingual import choices
from gis_core.features import Feature
from layers.buildings import codes

STOREY_M = 3.3  # of a dwelling; what a storey counts for where only storeys are known
UNKNOWN_M = 4.0  # drawn where neither height nor storeys are known: a house of one storey with its roof


class Building(Feature):
    """A building or a part of one: its outline on the ground, its height above the ground.

    ``drawn_height_m`` is what a view in three dimensions raises: the height where it is known, else an assumption
    from the storeys. Heights that are known are ``height_m`` alone.
    """

    geom = models.MultiPolygonField("đường bao", srid=4326)
    name = models.CharField("tên", max_length=200, blank=True, db_default="")
    kind = models.CharField("loại", max_length=20, choices=choices(codes.KINDS))
    address = models.CharField("địa chỉ", max_length=250, blank=True, db_default="")
    height_m = models.FloatField("chiều cao (m)", null=True, blank=True)
    base_m = models.FloatField("độ cao đáy (m)", db_default=0.0)
    levels = models.SmallIntegerField("số tầng", null=True, blank=True)
    drawn_height_m = models.GeneratedField(
        expression=Coalesce(F("height_m"), F("levels") * Value(STOREY_M), Value(UNKNOWN_M)),
        output_field=models.FloatField(),
        db_persist=True,
    )
    approximate = models.BooleanField("gần đúng", db_default=False)
    osm_id = models.BigIntegerField("mã OpenStreetMap", null=True, blank=True)
    osm_type = models.CharField("loại phần tử OpenStreetMap", max_length=8, blank=True, db_default="")
    source = models.CharField("nguồn", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = spoken("công trình", "building")
        verbose_name_plural = spoken("nhà và công trình", "buildings")
        indexes: ClassVar = [
            GistIndex(fields=["geom3857"], name="building_geom3857"),
            models.Index(fields=["osm_type", "osm_id"], name="building_osm"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(height_m__gt=0), name="building_height_positive"),
            models.CheckConstraint(condition=models.Q(base_m__gte=0), name="building_base_not_below"),
            models.CheckConstraint(condition=models.Q(levels__gt=0), name="building_levels_positive"),
        ]

    def __str__(self) -> str:
        return self.name or self.address or f"{self.get_kind_display()} {self.fid}"
