"""`LayerAdmin`: the administration's pages of a model that layers are made of."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.contenttypes.models import ContentType
from django.contrib.gis.db.models import GeometryField
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, Model, QuerySet, TextField
from django.db.models import Field as ModelField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import SimpleTemplateResponse
from django.urls import path

from gis_core.accounts.resolving import current_caller
from gis_core.accounts.views import signed_in
from gis_core.accounts.words import spoken_language
from gis_core.admin_types import ModelAdmin
from gis_core.administration.forms import LayerForm, PlaceField, unit_choice
from gis_core.administration.neighbours import corners_written, neighbours
from gis_core.administration.past import Past, PastChange
from gis_core.administration.reach import Act, Reach, reach
from gis_core.administration.searching import LayerSearch
from gis_core.administration.shown import Shown, is_unit
from gis_core.writing import against_the_rules

BOX = re.compile(",".join([r"(-?\d{1,3}(?:\.\d{1,17})?)"] * 4))


def as_caller[V: Callable[..., HttpResponse]](view: V) -> V:
    """A page within one transaction that knows who asks: for the views of the audience, and for the history."""

    @wraps(view)
    def within(admin: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        caller = current_caller(request)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select set_config('huong.actor', %s, true)", [caller.actor])
                cursor.execute("select set_config('huong.scope', %s, true)", [caller.scope])
                answer = view(admin, request, *args, **kwargs)
                # Its queries are asked while it is written out.
                return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer
        except IntegrityError:
            messages.error(request, against_the_rules().detail.to(spoken_language()))
            return HttpResponseRedirect(request.path)

    return cast(V, within)


class LayerAdmin[M: Model](Shown, LayerSearch, ModelAdmin[M]):
    """Rows, columns and acts are those of the caller's audience, whatever Django's permissions say beyond them.

    Where a layer says who writes it, that is who does here: a role brings its pages with it. Tables that no layer says
    it of (reference data) are changed by whom Django's permissions let, and seen by every role that sees the layer.
    """

    form = LayerForm
    change_form_template = "administration/change_form.html"
    change_list_template = "administration/change_list.html"
    object_history_template = "administration/history.html"
    delete_confirmation_template = "administration/delete_confirmation.html"
    list_per_page = 50

    def reach(self, request: HttpRequest) -> Reach:
        """How far the asker reaches into this table; the same throughout one request."""
        known: dict[type[Model], Reach] = request.__dict__.setdefault("_reaches", {})
        if self.model not in known:
            known[self.model] = reach(self.model, current_caller(request))
        return known[self.model]

    # Acts ---------------------------------------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        reached = self.reach(request)
        by_role = reached.caller.audience != "citizen"
        return bool(reached.layers) and (by_role or super().has_view_permission(request, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "add", super().has_add_permission(request))

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._may(request, "change", super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._may(request, "delete", super().has_delete_permission(request, obj))

    def _may(self, request: HttpRequest, act: Act, by_permission: bool) -> bool:
        declared = self.reach(request).may(act)
        return by_permission if declared is None else declared

    # Rows ---------------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return super().get_queryset(request).filter(self.reach(request).rows())

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> M | None:
        """The feature, its row locked where a form was sent: the version is compared with what stands."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            return None
        main = self.reach(request).main
        found.__dict__["shown_layer"] = main.id if main else None
        if not self.has_change_permission(request, found):
            self._forget_unseen(request, found)
        elif request.method == "POST":
            list(self.model._default_manager.select_for_update().filter(pk=found.pk).values_list("pk"))
            found.refresh_from_db()
        return found

    def _forget_unseen(self, request: HttpRequest, found: M) -> None:
        """Take what the caller does not see out of ``found``, which will not be saved: titles say what it is called."""
        reached = self.reach(request)
        for field in self.model._meta.concrete_fields:
            if not field.primary_key and field.column not in reached.columns:
                is_text = isinstance(field, CharField | TextField)
                found.__dict__[field.attname] = "" if is_text else None

    # Columns ------------------------------------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: M | None = None) -> Any:
        """What is filled in, in the order of the declaration, then the place, then what can only be read."""
        reached, fixed = self.reach(request), self.get_readonly_fields(request, obj)
        named = [f.name for f in self._columns(reached) if f.name not in fixed and self._writes(reached, f)]
        place = [] if "place" in fixed or reached.place is None else [reached.place]
        return [*([] if self._only_reads(request, obj) else [*named, *place]), *fixed]

    def get_readonly_fields(self, request: HttpRequest, obj: M | None = None) -> list[str]:
        """Of what is not written only what there is already: a new feature has none of it."""
        if obj is None:
            return []
        reached, reads = self.reach(request), self._only_reads(request, obj)
        kept = super().get_readonly_fields(request, obj)
        fixed = [
            self.shown_name(f.name)
            for f in self._columns(reached)
            if reads or f.name in kept or not self._writes(reached, f)
        ]
        return [*fixed, "place"] if reads or reached.place is None else fixed

    def _only_reads(self, request: HttpRequest, obj: M | None) -> bool:
        return obj is not None and not self.has_change_permission(request, obj)

    def _columns(self, reached: Reach) -> list[Any]:
        """The model's fields that the caller sees, in the order of the declarations."""
        audience = reached.caller.audience
        wanted = dict.fromkeys(f.sql_column for layer in reached.layers for f in layer.fields_for(audience))
        return [field for column in wanted if (field := self._field(column)) is not None]

    def _writes(self, reached: Reach, field: Any) -> bool:
        return bool(field.editable) and field.column not in reached.read_only

    def get_exclude(self, request: HttpRequest, obj: M | None = None) -> list[str]:
        """Columns that the caller does not see are in no form of his."""
        reached = self.reach(request)
        seen = {*reached.columns, reached.place}
        return [f.name for f in self.model._meta.concrete_fields if f.column not in seen]

    def get_form(self, request: HttpRequest, obj: M | None = None, change: bool = False, **more: Any) -> Any:
        form = super().get_form(request, obj, change, **more)
        return type(
            form.__name__, (form,), {"reach": self.reach(request), "rows": self.get_queryset(request)}
        )

    def formfield_for_dbfield(self, db_field: ModelField[Any, Any], request: Any, **more: Any) -> Any:
        if is_unit(db_field.name):
            return unit_choice(db_field)
        if isinstance(db_field, GeometryField):
            return db_field.formfield(form_class=PlaceField)  # type: ignore[arg-type]
        field = super().formfield_for_dbfield(db_field, request, **more)
        if field is not None:
            field.help_text = getattr(db_field, "spoken_hint", field.help_text)
        return field

    def get_list_display(self, request: HttpRequest) -> Any:
        return [self.shown_name(name) for name in self._seen(request, super().get_list_display(request))]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        names = self._seen(request, super().get_list_filter(request))
        return [self.filter_by(name, self._field(name)) for name in names]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return self._seen(request, super().get_search_fields(request))

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[ChangeList]:
        return ByDay if self._seen(request, [self.date_hierarchy or ""]) else ByNoDay

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """An address may ask for no column that the caller does not see: the count of an answer tells its value."""
        if request is None or not self._seen(request, [lookup.split("__")[0]]):
            return False
        return bool(super().lookup_allowed(lookup, value, request))

    def _seen(self, request: HttpRequest, names: Any) -> list[str]:
        """Those of ``names`` that are columns which the caller sees; a feature's number he does."""
        columns = {*self.reach(request).columns, "fid"}
        return [
            name for name in names if (field := self._field(name.lstrip("=^@"))) and field.column in columns
        ]

    def _field(self, name: str) -> Any:
        """The model's field of this name or column."""
        wanted = self.model._meta.pk.name if name == "pk" and self.model._meta.pk else name
        fields = self.model._meta.concrete_fields
        return next((field for field in fields if wanted in (field.name, field.column)), None)

    # Pages --------------------------------------------------------------------------------------------------------

    @as_caller
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, extra_context)

    @as_caller
    def changeform_view(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **more)

    @as_caller
    def delete_view(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        return super().delete_view(request, *args, **more)

    @as_caller
    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What changed, field by field, as the caller may know it; by whom, where he changes it himself."""
        found = super().get_object(request, unquote(object_id))
        changes: list[PastChange] = []
        if found is not None and self.has_view_or_change_permission(request, found):
            names = self.has_change_permission(request, found)
            changes = Past(self.model, self.reach(request), found.pk).changes(found, names=names)
        return super().history_view(request, object_id, {**(extra_context or {}), "changes": changes})

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_corners"
        return [
            path("corners/", self.admin_site.admin_view(self.corners_view), name=name),
            *super().get_urls(),
        ]

    @as_caller
    def corners_view(self, request: HttpRequest) -> HttpResponse:
        """The corners of the features in a box (``box=west,south,east,north``), which the map of a form snaps to."""
        reached = self.reach(request)
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        numbers = BOX.fullmatch(request.GET.get("box", ""))
        but = request.GET.get("but", "")
        place = self._field(reached.place or "")
        if numbers is None or place is None:
            return JsonResponse({"corners": []}, status=200 if numbers else 400)
        west, south, east, north = map(float, numbers.groups())
        own = int(but) if but.isascii() and but.isdecimal() and len(but) < 19 else None
        shapes = neighbours(self.get_queryset(request), reached, (west, south, east, north), own)
        return JsonResponse({"corners": corners_written(shapes, place.srid)})

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        area = getattr(form, "area", None)
        if area is not None:
            messages.info(request, area.words().to(spoken_language()))

    # The log ------------------------------------------------------------------------------------------------------

    def log_addition(self, request: HttpRequest, obj: M, message: Any) -> Any:
        return self._log(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: M, message: Any) -> Any:
        return self._log(request, obj, CHANGE, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return [self._log(request, obj, DELETION, "") for obj in queryset]

    def _log(self, request: HttpRequest, obj: M, flag: int, message: Any) -> LogEntry:
        """Which feature, by its number: whoever reads the log may not see what the feature is called."""
        return LogEntry.objects.create(
            user_id=signed_in(request).pk,
            content_type=ContentType.objects.get_for_model(obj, for_concrete_model=False),
            object_id=str(obj.pk),
            object_repr=f"{self.opts.verbose_name} {obj.pk}"[:200],
            action_flag=flag,
            change_message=json.dumps(message) if isinstance(message, list) else message,
        )


class ByDay(ChangeList):
    """The list with the hierarchy of days that its admin declares."""


class ByNoDay(ChangeList):
    """The list without it: the column of the days is not for everybody."""

    def __init__(self, *args: Any, **more: Any) -> None:
        before, after = args[:5], args[6:]
        super().__init__(*before, None, *after, **more)  # type: ignore[call-arg]
