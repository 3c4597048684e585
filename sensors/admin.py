from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from gis_core.admin_types import ModelForm, TabularInline
from gis_core.administration.inlines import WithFeature
from gis_core.administration.layer_admin import LayerAdmin
from gis_core.bilingual import name_fields
from gis_core.words import Text
from sensors.alarms import put_in_force
from sensors.models import AlarmLevel, Station

name_fields(
    AlarmLevel,
    {
        "level": Text("cấp", "level"),
        "metres": Text("mực nước, m", "level, m"),
        "valid_from": Text("từ ngày", "from the day"),
        "legal_base": Text("văn bản", "decision"),
        "source": Text("nguồn", "source"),
        "evidence": Text("mức tin cậy", "evidence"),
    },
)


class AlarmLevelInline(WithFeature, TabularInline[AlarmLevel, Station]):
    model = AlarmLevel
    extra = 0


@admin.register(Station)
class StationAdmin(LayerAdmin[Station]):
    list_display = (
        "code",
        "name",
        "kind",
        "river",
        "state",
        "last_seen_at",
        "unit_code",
    )
    list_filter = ("kind", "state", "approximate")
    search_fields = ("code", "name", "river")
    inlines = (AlarmLevelInline,)

    def save_related(
        self, request: HttpRequest, form: ModelForm[Station], formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        put_in_force(timezone.localdate())
