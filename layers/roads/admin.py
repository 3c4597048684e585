from __future__ import annotations

from django.contrib import admin

from gis_core.admin_types import GISModelAdmin
from layers.roads.models import Road


@admin.register(Road)
class RoadAdmin(GISModelAdmin[Road]):
    list_display = ("fid", "name", "ref", "kind", "surface", "lanes", "maxspeed")
    list_filter = ("kind", "surface", "oneway")
    search_fields = ("name", "ref", "=osm_id")
    readonly_fields = ("created_at",)
