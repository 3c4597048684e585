from __future__ import annotations

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.facilities.models import Facility


@admin.register(Facility)
class FacilityAdmin(LayerAdmin[Facility]):
    list_display = ("fid", "name", "kind", "address", "unit_code")
    list_filter = ("kind", "unit_code")
    search_fields = ("name", "other_names", "address", "=osm_id")
