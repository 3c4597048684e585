from __future__ import annotations

from django.contrib import admin
from django.contrib.gis.admin import GISModelAdmin

from layers.dams.models import Dam


@admin.register(Dam)
class DamAdmin(GISModelAdmin):
    list_display = (
        "name",
        "river",
        "kind",
        "capacity_mm3",
        "normal_level_m",
        "monitored",
        "approximate",
    )
    list_filter = ("kind", "monitored", "approximate")
    search_fields = ("name", "river")
