from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex

from gis_core.accounts.words import spoken
from gis_core.bilingual import choices
from gis_core.features import Feature
from layers.islands import codes


class Island(Feature):
    """An archipelago or island of Việt Nam out at sea, as a point to write its name at."""

    comes_with_migrations = True

    geom = models.PointField("vị trí", srid=4326)
    name = models.CharField("tên", max_length=120, unique=True)
    name_en = models.CharField("tên tiếng Anh", max_length=120, blank=True, db_default="")
    kind = models.CharField("loại", max_length=16, choices=choices(codes.KINDS))
    unit_code = models.CharField("mã đặc khu", max_length=8, blank=True, db_default="")
    belongs_to = models.CharField("thuộc", max_length=120)
    approximate = models.BooleanField("gần đúng", db_default=True)

    class Meta:
        verbose_name = spoken("đảo", "island")
        verbose_name_plural = spoken("quần đảo và đảo", "islands and archipelagos")
        indexes: ClassVar = [GistIndex(fields=["geom3857"], name="island_geom3857")]

    def __str__(self) -> str:
        return self.name
