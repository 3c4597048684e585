from __future__ import annotations

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.dams.models import Dam


@admin.register(Dam)
class DamAdmin(LayerAdmin[Dam]):
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
