from __future__ import annotations

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.places.models import Place


@admin.register(Place)
class PlaceAdmin(LayerAdmin[Place]):
    list_display = ("fid", "name", "kind", "rank", "population", "approximate")
    list_filter = ("kind", "rank", "approximate")
    search_fields = ("name", "other_names", "name_en", "=osm_id")
