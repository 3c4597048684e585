from __future__ import annotations

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.parcels.models import Parcel


@admin.register(Parcel)
class ParcelAdmin(LayerAdmin[Parcel]):
    """Facts of a parcel, and its corners as surveyed; holders are revealed by a logged act."""

    list_display = (
        "designation",
        "unit_code",
        "land_use",
        "area_m2",
        "legal_area_m2",
        "surveyed_on",
    )
    list_filter = ("unit_code", "land_use", "mortgaged", "disputed")
    search_fields = ("national_id", "designation", "unit_name", "certificate_no")
    readonly_fields = ("national_id",)
