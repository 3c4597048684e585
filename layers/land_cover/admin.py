from __future__ import annotations

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.land_cover.models import LandCover


@admin.register(LandCover)
class LandCoverAdmin(LayerAdmin[LandCover]):
    list_display = ("fid", "name", "kind", "approximate", "source")
    list_filter = ("kind", "approximate")
    search_fields = ("name", "name_en", "=osm_id")
