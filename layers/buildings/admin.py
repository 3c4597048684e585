from __future__ import annotations

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.buildings.models import Building


@admin.register(Building)
class BuildingAdmin(LayerAdmin[Building]):
    list_display = ("fid", "name", "kind", "levels", "height_m", "approximate", "source")
    list_filter = ("kind", "approximate")
    search_fields = ("name", "address", "=osm_id")
