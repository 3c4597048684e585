from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex

from gis_core.accounts.words import spoken
from gis_core.bilingual import choices
from gis_core.features import Feature
from layers.water import codes


class WaterArea(Feature):
    """A surface of water at its ordinary level; banks as their source draws them, never a flood."""

    geom = models.MultiPolygonField("mặt nước", srid=4326)
    name = models.CharField("tên", max_length=200, blank=True, db_default="")
    name_en = models.CharField("tên tiếng Anh", max_length=200, blank=True, db_default="")
    kind = models.CharField("loại", max_length=20, choices=choices(codes.AREA_KINDS))
    intermittent = models.BooleanField("có mùa cạn", db_default=False)
    approximate = models.BooleanField("gần đúng", db_default=False)
    osm_id = models.BigIntegerField("mã OpenStreetMap", null=True, blank=True)
    osm_type = models.CharField("loại phần tử OpenStreetMap", max_length=8, blank=True, db_default="")
    source = models.CharField("nguồn", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = spoken("mặt nước", "body of water")
        verbose_name_plural = spoken("mặt nước", "bodies of water")
        indexes: ClassVar = [
            GistIndex(fields=["geom3857"], name="water_area_geom3857"),
            models.Index(fields=["osm_type", "osm_id"], name="water_area_osm"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.get_kind_display()} {self.fid}"


class Waterway(Feature):
    """The middle line of flowing water, digitised in the direction of flow."""

    geom = models.MultiLineStringField("dòng chảy", srid=4326)
    name = models.CharField("tên", max_length=200, blank=True, db_default="")
    name_en = models.CharField("tên tiếng Anh", max_length=200, blank=True, db_default="")
    kind = models.CharField("loại", max_length=20, choices=choices(codes.LINE_KINDS))
    width_m = models.FloatField("bề rộng (m)", null=True, blank=True)
    covered = models.BooleanField("chảy ngầm", db_default=False)
    intermittent = models.BooleanField("có mùa cạn", db_default=False)
    approximate = models.BooleanField("gần đúng", db_default=False)
    osm_id = models.BigIntegerField("mã OpenStreetMap", null=True, blank=True)
    source = models.CharField("nguồn", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = spoken("dòng chảy", "watercourse")
        verbose_name_plural = spoken("sông, suối, kênh", "watercourses")
        indexes: ClassVar = [
            GistIndex(fields=["geom3857"], name="waterway_geom3857"),
            models.Index(fields=["osm_id"], name="waterway_osm_id"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(width_m__gt=0), name="waterway_width_positive"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.get_kind_display()} {self.fid}"
