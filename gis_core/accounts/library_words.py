"""What the libraries' own models are called in the administration, where the libraries say it in English alone.

Labels are set on the models as they run; migrations keep what the libraries named. What a library says by gettext is
translated in ``locale/vi`` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.utils import timezone

from gis_core.accounts.words import spoken, spoken_language
from gis_core.audiences import TITLES
from gis_core.bilingual import name_fields
from gis_core.spoken import moment
from gis_core.words import Text

APPS: Mapping[str, Text] = {
    "axes": Text("Đăng nhập", "Sign-ins"),
    "procrastinate": Text("Việc nền", "Background jobs"),
    "mfa": Text("Xác thực hai bước", "Two-step sign-in"),
    "account": Text("Địa chỉ thư", "Email addresses"),
    "sessions": Text("Phiên làm việc", "Sessions"),
    "admin": Text("Nhật ký quản trị", "Log of the administration"),
    "contenttypes": Text("Các loại nội dung", "Content types"),
}
# Model -> its name, then the names of its fields.
MODELS: Mapping[str, tuple[Text, Mapping[str, Text]]] = {
    "mfa.Authenticator": (
        Text("bước xác thực thứ hai", "second factor"),
        {
            "user": Text("người dùng", "user"),
            "type": Text("loại", "kind"),
            "created_at": Text("tạo lúc", "made at"),
            "last_used_at": Text("dùng lần cuối", "last used at"),
        },
    ),
    "account.EmailAddress": (Text("địa chỉ thư", "email address"), {}),
    "account.EmailConfirmation": (Text("xác nhận địa chỉ thư", "confirmation of an email address"), {}),
    "sessions.Session": (Text("phiên làm việc", "session"), {}),
    "axes.AccessLog": (
        Text("lần đăng nhập", "sign-in"),
        {"http_accept": Text("Định dạng xin", "HTTP Accept")},
    ),
    "axes.AccessAttempt": (
        Text("lần đăng nhập sai", "wrong sign-in"),
        {"http_accept": Text("Định dạng xin", "HTTP Accept")},
    ),
    "axes.AccessFailureLog": (
        Text("lần bị từ chối", "refused sign-in"),
        {"http_accept": Text("Định dạng xin", "HTTP Accept")},
    ),
    "axes.AccessAttemptExpiration": (Text("hạn khóa", "end of a lock"), {}),
    "procrastinate.ProcrastinateJob": (
        Text("việc nền", "background job"),
        {
            "id": Text("số", "number"),
            "queue_name": Text("hàng đợi", "queue"),
            "task_name": Text("việc", "task"),
            "priority": Text("mức ưu tiên", "priority"),
            "lock": Text("khóa", "lock"),
            "args": Text("tham số", "parameters"),
            "status": Text("tình trạng", "state"),
            "scheduled_at": Text("hẹn lúc", "scheduled at"),
            "attempts": Text("số lần thử", "attempts"),
            "queueing_lock": Text("khóa xếp hàng", "queueing lock"),
        },
    ),
    "procrastinate.ProcrastinateEvent": (
        Text("diễn biến", "event"),
        {"type": Text("loại", "kind"), "at": Text("lúc", "at"), "job": Text("việc", "job")},
    ),
    "procrastinate.ProcrastinateWorker": (Text("tiến trình làm việc", "worker"), {}),
    "procrastinate.ProcrastinatePeriodicDefer": (Text("lần hẹn định kỳ", "periodic turn"), {}),
}
STATES: Mapping[str, Text] = {
    "todo": Text("đang chờ", "waiting"),
    "doing": Text("đang làm", "running"),
    "succeeded": Text("đã xong", "done"),
    "failed": Text("thất bại", "failed"),
    "cancelled": Text("đã hủy", "cancelled"),
    "aborted": Text("đã dừng", "stopped"),
    "aborting": Text("đang dừng", "stopping"),
}
EVENTS: Mapping[str, Text] = {
    **STATES,
    "deferred": Text("xếp hàng", "queued"),
    "started": Text("bắt đầu", "started"),
    "deferred_for_retry": Text("xếp hàng để thử lại", "queued to be tried again"),
    "abort_requested": Text("được yêu cầu dừng", "asked to stop"),
    "scheduled": Text("đã hẹn", "scheduled"),
}
VERBS: Mapping[str, Text] = {
    "add": Text("thêm", "add"),
    "change": Text("sửa", "change"),
    "delete": Text("xóa", "delete"),
    "view": Text("xem", "view"),
}


def name_libraries() -> None:
    """Give the libraries' apps, models, fields and choices their names in both languages."""
    for label, title in APPS.items():
        apps.get_app_config(label).verbose_name = spoken(*title)
    for label, (title, fields) in MODELS.items():
        model = apps.get_model(label)
        model._meta.verbose_name = model._meta.verbose_name_plural = spoken(*title)
        name_fields(model, fields)
    for label, name, words in (
        ("procrastinate.ProcrastinateJob", "status", STATES),
        ("procrastinate.ProcrastinateEvent", "type", EVENTS),
    ):
        choice: Any = apps.get_model(label)._meta.get_field(name)
        choice.choices = [
            (value, spoken(*words.get(value, Text(value, value)))) for value, _ in choice.choices
        ]
    for label, told in TOLD.items():
        setattr(apps.get_model(label), "__str__", told)  # noqa: B010 - a type checker knows only the library's


def _signed_in(row: Any) -> str:
    return f"{row.username}, {moment(row.attempt_time)}"


def _job(row: Any) -> str:
    return f"{row.task_name} ({row.pk})"


def _event(row: Any) -> str:
    return f"{row.get_type_display()}, {moment(row.at or timezone.now())}"


def _group(row: Any) -> str:
    """A role's group by the role's name."""
    title = TITLES.get(row.name)
    return title.to(spoken_language()) if title else str(row.name)


TOLD: Mapping[str, Callable[[Model], str]] = {
    "auth.Group": _group,
    "axes.AccessLog": _signed_in,
    "axes.AccessAttempt": _signed_in,
    "axes.AccessFailureLog": _signed_in,
    "procrastinate.ProcrastinateJob": _job,
    "procrastinate.ProcrastinateEvent": _event,
}


def permission_name(permission: Permission) -> str:
    """``Phản ánh: xem`` for Django's own permissions of a model; another's name as it was given."""
    verb = VERBS.get(permission.codename.partition("_")[0])
    of = str(permission.content_type)
    return f"{of}: {verb.to(spoken_language())}" if verb else f"{of}: {permission.name}"
