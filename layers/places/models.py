from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Q

from gis_core.accounts.words import spoken
from gis_core.bilingual import choices
from gis_core.features import Feature
from layers.places import codes


class Place(Feature):
    """A name that people use for a settlement or a part of one, where a map would write it."""

    geom = models.PointField("vị trí", srid=4326)
    name = models.CharField("tên", max_length=200)
    other_names = models.CharField("tên khác", max_length=300, blank=True, db_default="")
    name_en = models.CharField("tên tiếng Anh", max_length=200, blank=True, db_default="")
    kind = models.CharField("loại", max_length=20, choices=choices(codes.KINDS))
    rank = models.SmallIntegerField("thứ bậc", db_default=codes.LAST_RANK)
    population = models.IntegerField("dân số", null=True, blank=True)
    approximate = models.BooleanField("gần đúng", db_default=False)
    osm_id = models.BigIntegerField("mã OpenStreetMap", null=True, blank=True)
    source = models.CharField("nguồn", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = spoken("địa danh", "place name")
        verbose_name_plural = spoken("địa danh", "place names")
        indexes: ClassVar = [
            GistIndex(fields=["geom3857"], name="place_geom3857"),
            models.Index(fields=["osm_id"], name="place_osm_id"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(rank__gte=1, rank__lte=codes.LAST_RANK), name="place_rank_range"
            ),
            models.CheckConstraint(condition=Q(population__gte=0), name="place_population_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name
