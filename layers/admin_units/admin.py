from __future__ import annotations

from django.contrib import admin

from gis_core.admin_types import GISModelAdmin, ModelAdmin
from layers.admin_units.models import AdminSuccession, AdminUnit


@admin.register(AdminUnit)
class AdminUnitAdmin(GISModelAdmin[AdminUnit]):
    list_display = ("code", "full_name", "level", "valid_from", "valid_to", "approximate", "area_km2")
    list_filter = ("level", "kind", "approximate", "valid_to")
    search_fields = ("code", "name", "full_name", "old_names")
    readonly_fields = ("created_at",)


@admin.register(AdminSuccession)
class AdminSuccessionAdmin(ModelAdmin[AdminSuccession]):
    list_display = ("old_code", "new_code", "effective_on", "share_area")
    search_fields = ("old_code", "new_code")
