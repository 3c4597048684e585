from __future__ import annotations

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.roads.models import Road


@admin.register(Road)
class RoadAdmin(LayerAdmin[Road]):
    list_display = ("fid", "name", "ref", "kind", "surface", "lanes", "maxspeed")
    list_filter = ("kind", "surface", "oneway")
    search_fields = ("name", "other_names", "ref", "=osm_id")
