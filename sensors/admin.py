from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.gis.admin import GISModelAdmin
from django.http import HttpRequest
from django.utils import timezone

from sensors.alarms import put_in_force
from sensors.models import AlarmLevel, Station


class AlarmLevelInline(admin.TabularInline):
    model = AlarmLevel
    extra = 0


@admin.register(Station)
class StationAdmin(GISModelAdmin):
    list_display = (
        "code",
        "name",
        "kind",
        "river",
        "state",
        "last_seen_at",
        "unit_code",
    )
    list_filter = ("kind", "state", "approximate")
    search_fields = ("code", "name", "river")
    readonly_fields = ("alarm_1_m", "alarm_2_m", "alarm_3_m")
    inlines = (AlarmLevelInline,)

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        put_in_force(timezone.localdate())
