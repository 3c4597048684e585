from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex

from gis_core.accounts.words import spoken
from gis_core.bilingual import choices
from gis_core.features import Feature
from layers.roads import codes


class Road(Feature):
    """A piece of road between two junctions, or as its source cuts it; digitised in the direction of travel."""

    geom = models.MultiLineStringField("tim đường", srid=4326)
    name = models.CharField("tên đường", max_length=200, blank=True, db_default="")
    other_names = models.CharField("tên khác", max_length=300, blank=True, db_default="")
    ref = models.CharField("số hiệu", max_length=60, blank=True, db_default="")
    kind = models.CharField("loại", max_length=20, choices=choices(codes.KINDS))
    surface = models.CharField(
        "mặt đường",
        max_length=20,
        blank=True,
        db_default="",
        choices=choices(codes.SURFACES),
    )
    width_m = models.FloatField("bề rộng (m)", null=True, blank=True)
    lanes = models.SmallIntegerField("số làn", null=True, blank=True)
    oneway = models.CharField("chiều đi", max_length=8, db_default="no", choices=choices(codes.ONEWAY))
    maxspeed = models.SmallIntegerField("tốc độ tối đa (km/h)", null=True, blank=True)
    manager = models.CharField("đơn vị quản lý", max_length=200, blank=True, db_default="")
    osm_id = models.BigIntegerField("mã OpenStreetMap", null=True, blank=True)
    source = models.CharField("nguồn", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = spoken("đoạn đường", "road section")
        verbose_name_plural = spoken("đường", "roads")
        indexes: ClassVar = [
            GistIndex(fields=["geom3857"], name="road_geom3857"),
            models.Index(fields=["osm_id"], name="road_osm_id"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(width_m__gt=0), name="road_width_positive"),
            models.CheckConstraint(condition=models.Q(lanes__gt=0), name="road_lanes_positive"),
            models.CheckConstraint(condition=models.Q(maxspeed__gt=0), name="road_maxspeed_positive"),
        ]

    def __str__(self) -> str:
        return self.name or self.ref or f"{self.get_kind_display()} {self.fid}"
