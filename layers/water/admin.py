from __future__ import annotations

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.water.models import WaterArea, Waterway


@admin.register(WaterArea)
class WaterAreaAdmin(LayerAdmin[WaterArea]):
    list_display = ("fid", "name", "kind", "intermittent", "approximate", "source")
    list_filter = ("kind", "intermittent", "approximate")
    search_fields = ("name", "name_en", "=osm_id")


@admin.register(Waterway)
class WaterwayAdmin(LayerAdmin[Waterway]):
    list_display = ("fid", "name", "kind", "width_m", "covered", "approximate", "source")
    list_filter = ("kind", "covered", "intermittent", "approximate")
    search_fields = ("name", "name_en", "=osm_id")
