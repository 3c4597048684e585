from __future__ import annotations

from django.contrib import admin

from gis_core.admin_types import GISModelAdmin
from layers.dams.models import Dam


@admin.register(Dam)
class DamAdmin(GISModelAdmin[Dam]):
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
