from __future__ import annotations

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.islands.models import Island


@admin.register(Island)
class IslandAdmin(LayerAdmin[Island]):
    list_display = ("name", "kind", "belongs_to", "unit_code")
    list_filter = ("kind", "belongs_to")
    search_fields = ("name", "name_en")
