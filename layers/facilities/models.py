from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex

from gis_core.accounts.words import spoken
from gis_core.bilingual import choices
from gis_core.features import ScopedFeature
from layers.facilities import codes


class Facility(ScopedFeature):
    """A place that serves the public, at its entrance or on its ground."""

    geom = models.PointField("vị trí", srid=4326)
    name = models.CharField("tên", max_length=200, blank=True, db_default="")
    other_names = models.CharField("tên khác", max_length=300, blank=True, db_default="")
    kind = models.CharField("loại", max_length=20, choices=choices(codes.KINDS))
    address = models.CharField("địa chỉ", max_length=250, blank=True, db_default="")
    phone = models.CharField("điện thoại", max_length=60, blank=True, db_default="")
    operator = models.CharField("đơn vị quản lý", max_length=200, blank=True, db_default="")
    opening_hours = models.CharField("giờ mở cửa", max_length=200, blank=True, db_default="")
    osm_id = models.BigIntegerField("mã OpenStreetMap", null=True, blank=True)
    osm_type = models.CharField("loại phần tử OpenStreetMap", max_length=8, blank=True, db_default="")
    source = models.CharField("nguồn", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = spoken("công trình công cộng", "public facility")
        verbose_name_plural = spoken("công trình công cộng", "public facilities")
        indexes: ClassVar = [
            GistIndex(fields=["geom3857"], name="facility_geom3857"),
            models.Index(fields=["osm_type", "osm_id"], name="facility_osm"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.get_kind_display()} {self.fid}"
