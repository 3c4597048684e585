"""Zones of urban plans."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import F, Q

from gis_core.accounts.words import spoken
from gis_core.features import Feature, permuted_fid
from layers.planning import codes


class PlanningZone(Feature):
    """A lot of a plan with its limits on building. Only approved zones are public: a draft moves land prices."""

    fid = permuted_fid()
    geom = models.MultiPolygonField(srid=4326)
    project = models.CharField(max_length=160, help_text="Đồ án quy hoạch")
    level = models.CharField(max_length=8, choices=codes.level_choices)
    lot_code = models.CharField(max_length=40, help_text="Ký hiệu lô đất")
    function = models.CharField(max_length=8, choices=codes.function_choices)
    density_pct = models.FloatField(null=True, blank=True, help_text="Mật độ xây dựng tối đa, %")
    storeys_min = models.PositiveSmallIntegerField(null=True, blank=True)
    storeys_max = models.PositiveSmallIntegerField(null=True, blank=True)
    far = models.FloatField(null=True, blank=True, help_text="Hệ số sử dụng đất tối đa, lần")
    setback_m = models.FloatField(null=True, blank=True, help_text="Khoảng lùi, m")
    population = models.PositiveIntegerField(null=True, blank=True, help_text="Dân số dự kiến, người")
    status = models.CharField(max_length=12, choices=codes.status_choices, default="draft")
    decision_no = models.CharField(max_length=80, blank=True, default="")
    decision_date = models.DateField(null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=120, blank=True, default="")
    internal_note = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = spoken("ô quy hoạch", "planning zone")
        verbose_name_plural = spoken("ô quy hoạch", "planning zones")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(density_pct__range=(0, 100)),
                name="planning_zone_density_to_100",
            ),
            models.CheckConstraint(
                condition=Q(storeys_min__lte=F("storeys_max")),
                name="planning_zone_storeys",
            ),
            # Floor area ratio = floors / lot, and each floor covers at most the density; a hundredth for rounding.
            models.CheckConstraint(
                condition=Q(far__lte=F("density_pct") * F("storeys_max") / 100.0 + 0.01),
                name="planning_zone_far",
            ),
            models.CheckConstraint(condition=Q(valid_from__lt=F("valid_to")), name="planning_zone_validity"),
            models.CheckConstraint(
                condition=~Q(status="approved") | (~Q(decision_no="") & Q(decision_date__isnull=False)),
                name="planning_zone_approved_by_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot_code} ({self.project})"
