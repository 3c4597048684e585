"""Dams and the reservoirs behind them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import Q

from gis_core.accounts.words import spoken
from gis_core.features import Feature
from layers.dams import codes


class Dam(Feature):
    """A dam, as a point on its crest. A number that nobody published is NULL: no data, never zero."""

    geom = models.PointField(srid=4326)
    approximate = models.BooleanField(default=False, help_text="Vị trí gần đúng, chưa đo đạc")
    name = models.CharField(max_length=120, unique=True)
    river = models.CharField(max_length=80, blank=True, default="")
    kind = models.CharField(max_length=16, choices=codes.kind_choices)
    capacity_mm3 = models.FloatField(null=True, blank=True, help_text="Dung tích toàn bộ, triệu m³")
    catchment_km2 = models.FloatField(null=True, blank=True, help_text="Lưu vực, km²")
    normal_level_m = models.FloatField(null=True, blank=True, help_text="Mực nước dâng bình thường, m")
    procedure = models.CharField(max_length=120, blank=True, default="", help_text="Quy trình vận hành")
    monitored = models.BooleanField(default=False, help_text="Số liệu của hồ về tới hệ thống này")
    owner = models.CharField(max_length=120, blank=True, default="")
    source = models.CharField(max_length=300, blank=True, default="")
    operator_contact = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name = spoken("hồ đập", "dam")
        verbose_name_plural = spoken("hồ đập", "dams")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(capacity_mm3__gt=0), name="dams_dam_capacity_positive"),
            models.CheckConstraint(condition=Q(catchment_km2__gt=0), name="dams_dam_catchment_positive"),
        ]

    def __str__(self) -> str:
        return self.name
