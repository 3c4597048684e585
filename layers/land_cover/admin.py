from __future__ import annotations

from django.contrib import admin

from gis_core.admin_types import GISModelAdmin
from layers.land_cover.models import LandCover


@admin.register(LandCover)
class LandCoverAdmin(GISModelAdmin[LandCover]):
    list_display = ("fid", "name", "kind", "approximate", "source")
    list_filter = ("kind", "approximate")
    search_fields = ("name", "name_en", "=osm_id")
    readonly_fields = ("created_at",)
