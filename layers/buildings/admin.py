from __future__ import annotations

from django.contrib import admin

from gis_core.admin_types import GISModelAdmin
from layers.buildings.models import Building


@admin.register(Building)
class BuildingAdmin(GISModelAdmin[Building]):
    list_display = ("fid", "name", "kind", "levels", "height_m", "approximate", "source")
    list_filter = ("kind", "approximate")
    search_fields = ("name", "address", "=osm_id")
    readonly_fields = ("created_at", "drawn_height_m")
