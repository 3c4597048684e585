from __future__ import annotations

from django.contrib import admin

from gis_core.admin_types import GISModelAdmin
from layers.parcels.models import Parcel


@admin.register(Parcel)
class ParcelAdmin(GISModelAdmin[Parcel]):
    """Facts of a parcel. Its shape comes from surveys, not from a mouse; holders are revealed by a logged act."""

    list_display = (
        "designation",
        "unit_name",
        "land_use",
        "area_m2",
        "legal_area_m2",
        "surveyed_on",
    )
    list_filter = ("land_use", "mortgaged", "disputed")
    search_fields = ("national_id", "designation", "unit_name", "certificate_no")
    readonly_fields = ("national_id", "designation", "area_m2")
    exclude = ("geom", "geom_original")

    def has_add_permission(self, request: object) -> bool:
        return False
