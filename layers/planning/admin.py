from __future__ import annotations

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.planning.models import PlanningZone


@admin.register(PlanningZone)
class PlanningZoneAdmin(LayerAdmin[PlanningZone]):
    list_display = (
        "lot_code",
        "project",
        "level",
        "function",
        "status",
        "decision_no",
        "decision_date",
    )
    list_filter = ("level", "function", "status")
    search_fields = ("lot_code", "project", "decision_no")
