from __future__ import annotations

from django.contrib import admin

from gis_core.admin_types import GISModelAdmin
from layers.reports.models import Report


@admin.register(Report)
class ReportAdmin(GISModelAdmin[Report]):
    """Handling of reports. The reporter is not shown here: revealing one is an act with a purpose, logged."""

    list_display = (
        "fid",
        "category",
        "state",
        "published",
        "unit_code",
        "created_at",
        "due_at",
    )
    list_filter = ("state", "category", "published", "channel")
    search_fields = ("description", "address")
    readonly_fields = ("created_at", "reported_on", "address_public", "unit_code_public")
    date_hierarchy = "created_at"
