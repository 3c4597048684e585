from __future__ import annotations

from django.contrib import admin

from gis_core.admin_types import ModelAdmin
from gis_core.administration.layer_admin import LayerAdmin
from layers.admin_units.models import AdminSuccession, AdminUnit


@admin.register(AdminUnit)
class AdminUnitAdmin(LayerAdmin[AdminUnit]):
    list_display = ("code", "full_name", "level", "valid_from", "valid_to", "approximate", "area_km2")
    list_filter = ("level", "kind", "approximate", "valid_to")
    search_fields = ("code", "name", "full_name", "old_names")


@admin.register(AdminSuccession)
class AdminSuccessionAdmin(ModelAdmin[AdminSuccession]):
    list_display = ("old_code", "new_code", "effective_on", "share_area")
    search_fields = ("old_code", "new_code")
