from __future__ import annotations

from django.contrib import admin

from gis_core.admin_types import GISModelAdmin
from layers.water.models import WaterArea, Waterway


@admin.register(WaterArea)
class WaterAreaAdmin(GISModelAdmin[WaterArea]):
    list_display = ("fid", "name", "kind", "intermittent", "approximate", "source")
    list_filter = ("kind", "intermittent", "approximate")
    search_fields = ("name", "name_en", "=osm_id")
    readonly_fields = ("created_at",)


@admin.register(Waterway)
class WaterwayAdmin(GISModelAdmin[Waterway]):
    list_display = ("fid", "name", "kind", "width_m", "covered", "approximate", "source")
    list_filter = ("kind", "covered", "intermittent", "approximate")
    search_fields = ("name", "name_en", "=osm_id")
    readonly_fields = ("created_at",)
