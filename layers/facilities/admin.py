from __future__ import annotations

from django.contrib import admin

from gis_core.admin_types import GISModelAdmin
from layers.facilities.models import Facility


@admin.register(Facility)
class FacilityAdmin(GISModelAdmin[Facility]):
    list_display = ("fid", "name", "kind", "address", "unit_code")
    list_filter = ("kind", "unit_code")
    search_fields = ("name", "address", "=osm_id")
    readonly_fields = ("created_at",)
