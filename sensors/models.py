"""Stations, and the alarm levels that the law gives them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import Q

from gis_core.accounts.words import spoken
from gis_core.features import ScopedFeature
from sensors import codes


class Station(ScopedFeature):
    """A place where the city measures.

    ``alarm_1_m`` to ``alarm_3_m`` are the confirmed levels in force, copied from `AlarmLevel` by
    `sensors.alarms.put_in_force`; NULL where none is known, which is not the same as "no danger".
    """

    geom = models.PointField(srid=4326)
    approximate = models.BooleanField(default=False, help_text="Vị trí gần đúng, chưa đo đạc")
    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=codes.kind_choices)
    parameters = models.CharField(max_length=200, blank=True, default="", help_text="Ví dụ: PM2.5, PM10, NO2")
    river = models.CharField(max_length=80, blank=True, default="")
    owner = models.CharField(max_length=120, blank=True, default="")
    installed_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=codes.state_choices, default="working")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=120, blank=True, default="")

    alarm_1_m = models.FloatField(null=True, blank=True, editable=False)
    alarm_2_m = models.FloatField(null=True, blank=True, editable=False)
    alarm_3_m = models.FloatField(null=True, blank=True, editable=False)

    contact_phone = models.CharField(max_length=24, blank=True, default="")
    network_address = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        verbose_name = spoken("trạm quan trắc", "station")
        verbose_name_plural = spoken("trạm quan trắc", "stations")

    def __str__(self) -> str:
        return self.name


class AlarmLevel(models.Model):
    """Alarm level I, II or III of a station, from a day on, by a decision; a later row replaces an earlier one."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="alarm_levels")
    level = models.PositiveSmallIntegerField(choices=[(1, "I"), (2, "II"), (3, "III")])
    metres = models.FloatField()
    valid_from = models.DateField()
    legal_base = models.CharField(max_length=120)
    source = models.CharField(max_length=200, blank=True, default="", help_text="Nơi đọc được con số")
    evidence = models.CharField(max_length=1, choices=codes.evidence_choices, default="M")

    class Meta:
        verbose_name = spoken("cấp báo động", "alarm level")
        verbose_name_plural = spoken("cấp báo động", "alarm levels")
        ordering = ("station", "valid_from", "level")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("station", "level", "valid_from"),
                name="sensors_alarmlevel_once_a_day",
            ),
            models.CheckConstraint(condition=Q(level__range=(1, 3)), name="sensors_alarmlevel_1_to_3"),
            models.CheckConstraint(
                condition=Q(evidence="M") | ~Q(source=""),
                name="sensors_alarmlevel_evidence_has_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station}: {'I' * self.level} {self.metres} m"
