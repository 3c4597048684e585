"""Registers the administration's pages that belong to no package of their own; loaded after the libraries'."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.templatetags import admin_list
from django.templatetags.static import static
from django.utils.html import format_html
from procrastinate.contrib.django.models import ProcrastinateJob

from gis_core.accounts.words import spoken_language
from gis_core.administration.jobs import JobAdmin
from gis_core.spoken import NO, YES
from gis_core.words import Text

UNKNOWN = Text("Không rõ", "Unknown")


def boolean_icon(value: bool | None) -> str:
    """The library's icon of yes and no, whose text was Python's word."""
    name, said = {True: ("yes", YES), False: ("no", NO), None: ("unknown", UNKNOWN)}[value]
    return format_html(
        '<img src="{}" alt="{}">', static(f"admin/img/icon-{name}.svg"), said.to(spoken_language())
    )


admin_list._boolean_icon = boolean_icon  # type: ignore[attr-defined]

admin.site.unregister(ProcrastinateJob)
admin.site.register(ProcrastinateJob, JobAdmin)
