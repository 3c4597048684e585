from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex

from gis_core.accounts.words import spoken
from gis_core.bilingual import choices
from gis_core.features import Feature
from layers.land_cover import codes


class LandCover(Feature):
    """A patch of ground with one cover. Patches may overlap (a park in a settlement); the smaller is drawn above."""

    geom = models.MultiPolygonField("phạm vi", srid=4326)
    name = models.CharField("tên", max_length=200, blank=True, db_default="")
    name_en = models.CharField("tên tiếng Anh", max_length=200, blank=True, db_default="")
    kind = models.CharField("loại", max_length=20, choices=choices(codes.KINDS))
    approximate = models.BooleanField("gần đúng", db_default=False)
    osm_id = models.BigIntegerField("mã OpenStreetMap", null=True, blank=True)
    osm_type = models.CharField("loại phần tử OpenStreetMap", max_length=8, blank=True, db_default="")
    source = models.CharField("nguồn", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = spoken("mảng phủ mặt đất", "patch of land cover")
        verbose_name_plural = spoken("lớp phủ mặt đất", "land cover")
        indexes: ClassVar = [
            GistIndex(fields=["geom3857"], name="land_cover_geom3857"),
            models.Index(fields=["osm_type", "osm_id"], name="land_cover_osm"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.get_kind_display()} {self.fid}"
