"""Background jobs as an administrator reads them: what is done, how it went, when; in the reader's language."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from procrastinate.contrib.django.admin import ProcrastinateEventInline, ProcrastinateJobAdmin
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from gis_core.accounts.words import spoken
from gis_core.spoken import moment


class EventInline(ProcrastinateEventInline):
    """What happened to a job, the latest first; nobody writes it here."""

    fields = readonly_fields = ("at", "type")
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class JobAdmin(ProcrastinateJobAdmin):
    """The library's page with our words; names of tasks are code."""

    fields = ("id", "task", "parameters", "status", "queue", "priority", "scheduled_at", "attempts")  # type: ignore[assignment]
    list_display = ("id", "task", "parameters", "status", "last")  # type: ignore[assignment]
    list_filter = ("status", "scheduled_at")  # type: ignore[assignment]
    inlines = (EventInline,)  # type: ignore[assignment]
    actions = ("retry", "cancel", "abort")  # type: ignore[assignment]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return self.fields

    @admin.display(description=spoken("việc", "task"), ordering="task_name")
    def task(self, job: ProcrastinateJob) -> str:
        return format_html("<code>{}</code>", job.task_name)

    @admin.display(description=spoken("hàng đợi", "queue"), ordering="queue_name")
    def queue(self, job: ProcrastinateJob) -> str:
        return format_html("<code>{}</code>", job.queue_name)

    @admin.display(description=spoken("tham số", "parameters"))
    def parameters(self, job: ProcrastinateJob) -> str:
        return self.pretty_args(job)

    @admin.display(description=spoken("diễn biến cuối", "latest event"))
    def last(self, job: ProcrastinateJob) -> str:
        event: ProcrastinateEvent | None = next(iter(job.procrastinateevent_set.all()), None)
        return f"{event.get_type_display()}, {moment(event.at)}" if event and event.at else ""

    @admin.action(description=spoken("Làm lại việc thất bại hoặc bị treo", "Try failed or stuck jobs again"))
    def retry(self, request: HttpRequest, queryset: Any) -> None:
        ProcrastinateJobAdmin.retry(self, request, queryset)

    @admin.action(description=spoken("Hủy việc đang chờ", "Cancel waiting jobs"))
    def cancel(self, request: HttpRequest, queryset: Any) -> None:
        ProcrastinateJobAdmin.cancel(self, request, queryset)

    @admin.action(description=spoken("Dừng việc đang chờ hoặc đang làm", "Stop waiting and running jobs"))
    def abort(self, request: HttpRequest, queryset: Any) -> None:
        ProcrastinateJobAdmin.abort(self, request, queryset)
