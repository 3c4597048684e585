from __future__ import annotations

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.reports.models import Report


@admin.register(Report)
class ReportAdmin(LayerAdmin[Report]):
    """Handling of reports. The reporter is not shown here: revealing one is an act with a purpose, logged."""

    list_display = (
        "fid",
        "category",
        "description",
        "state",
        "published",
        "unit_code",
        "created_at",
        "due_at",
    )
    list_filter = ("unit_code", "state", "category", "published", "channel")
    search_fields = ("description", "address")
    date_hierarchy = "created_at"
