"""What was imported, and of a dataset what it is called, where it comes from and who sees it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from gis_core.accounts.admin import is_superuser
from gis_core.accounts.models import AUDIENCE_NAMES
from gis_core.accounts.resolving import current_caller
from gis_core.accounts.words import spoken, spoken_language
from gis_core.admin_types import ModelAdmin, ModelForm
from gis_core.administration.searching import FoldedSearch
from gis_core.problems import Problem
from gis_core.reading import registry
from imports.changing import (
    LONGEST_SOURCE,
    LONGEST_TITLE,
    Told,
    change_dataset,
    edited_meanwhile,
    told,
    version_of,
)
from imports.models import ImportRun

WAYS = {
    "new": spoken("mới", "new"),
    "append": spoken("thêm vào", "added"),
    "replace": spoken("thay thế", "replaced"),
}


class DatasetForm(ModelForm[ImportRun]):
    """What is told of the dataset that an import went into."""

    title_vi = forms.CharField(label=spoken("Tên tiếng Việt", "Vietnamese title"), max_length=LONGEST_TITLE)
    title_en = forms.CharField(
        label=spoken("Tên tiếng Anh", "English title"), max_length=LONGEST_TITLE, required=False
    )
    credit = forms.CharField(
        label=spoken("Nguồn, ghi cùng dữ liệu", "Source, credited with the data"),
        max_length=LONGEST_SOURCE,
        required=False,
    )
    audiences = forms.MultipleChoiceField(
        label=spoken("Ai xem được", "Who sees it"),
        choices=list(AUDIENCE_NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=spoken(
            "Bỏ một vai trò thì vai trò ấy hết thấy ngay, ở mọi giao thức; ai đã tải về thì vẫn giữ bản của mình.",
            "A role that is taken away sees it no more at once, in every protocol; copies that were made stay.",
        ),
    )
    version = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = ImportRun
        fields = ()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        layer = registry().current(fresh=True).layers[self.instance.target].layer
        self.initial.update(
            title_vi=layer.title.vi,
            title_en=layer.title.en,
            credit=layer.credit.vi if layer.credit else "",
            audiences=sorted(layer.audiences),
            version=version_of(layer),
        )
        self.told: Told | None = None

    def clean(self) -> Any:
        """What differs from what was shown is told, and nothing else: ticks that nobody touched open no dataset."""
        given = super().clean() or self.cleaned_data
        if self.errors:
            return given
        changed = set(self.changed_data)
        renamed = bool(changed & {"title_vi", "title_en"})
        try:
            if given["version"] != self.initial["version"]:
                raise edited_meanwhile()
            self.told = told(
                given["title_vi"] if renamed else None,
                given["title_en"] if renamed else None,
                given["credit"] if "credit" in changed else None,
                given["audiences"] if "audiences" in changed else None,
            )
        except Problem as problem:
            self.add_error(None, problem.detail.to(spoken_language()))
        return given


@admin.register(ImportRun)
class ImportRunAdmin(FoldedSearch, ModelAdmin[ImportRun]):
    """Imports into layers that the asker sees; a superuser changes what is told of a dataset."""

    form = DatasetForm
    list_display = (
        "at",
        "target",
        "file_name",
        "written",
        "source",
        "rows_written",
        "rows_rejected",
        "actor",
    )
    list_filter = ("is_dataset", "format")
    search_fields = ("target", "file_name", "source")
    readonly_fields = tuple(
        "written" if f.name == "mode" else f.name for f in ImportRun._meta.concrete_fields if f.name != "id"
    )

    @admin.display(description=spoken("cách ghi", "way of writing"), ordering="mode")
    def written(self, run: ImportRun) -> str:
        return WAYS.get(run.mode, run.mode)

    def get_fields(self, request: HttpRequest, obj: ImportRun | None = None) -> Any:
        told_of = ("title_vi", "title_en", "credit", "audiences", "version")
        changes = obj is not None and self.has_change_permission(request, obj)
        return (*told_of, *self.readonly_fields) if changes else self.readonly_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRun]:
        seen = [
            p.layer.id for p in registry().current().layers.values() if current_caller(request).sees(p.layer)
        ]
        return super().get_queryset(request).filter(target__in=seen)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        if not is_superuser(request):
            return False
        published = registry().current().layers.get(obj.target) if obj is not None else None
        return obj is None or (published is not None and published.dataset)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page; where the dataset could not be changed after all, it says why and shows what stands."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Problem as problem:
            self.message_user(request, problem.detail.to(spoken_language()), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: ImportRun, form: Any, change: bool) -> None:
        """The import itself is what happened; what is told of its dataset is published anew."""
        if form.told is not None and form.changed_data:
            change_dataset(
                obj.target, form.told, f"user:{request.user.pk}", seen=form.cleaned_data["version"]
            )
