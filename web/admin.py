"""How layers are drawn, in the administration: a list of all, and a page for each where a dataset's can be edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html

from gis_core.accounts.resolving import current_caller
from gis_core.accounts.words import spoken, spoken_language
from gis_core.admin_types import ModelAdmin
from gis_core.audiences import Caller
from gis_core.problems import Problem
from gis_core.reading import registry
from gis_core.registry import Published
from gis_core.styles.errors import StyleError
from gis_core.words import Text
from web import style_page, words
from web.models import LayerStyles
from web.pages import PREFIXES
from web.style_words import EDITOR, ISLAND, Said


@admin.register(LayerStyles)
class LayerStylesAdmin(ModelAdmin[LayerStyles]):
    """Staff with Django's permission to change styles; each edits what his own audience may see."""

    list_display = ("layer_title", "identifier", "kept_in")
    list_filter = ("dataset",)
    search_fields = ("layer",)

    @admin.display(description=spoken("lớp", "layer"))
    def layer_title(self, row: LayerStyles) -> str:
        return Text(*row.declaration["title"]).to(spoken_language())

    @admin.display(description=spoken("kiểu nằm ở", "styles stand in"))
    def kept_in(self, row: LayerStyles) -> str:
        return spoken("cơ sở dữ liệu", "the database") if row.dataset else spoken("mã nguồn", "the code")

    @admin.display(description=spoken("mã lớp", "identifier"), ordering="layer")
    def identifier(self, row: LayerStyles) -> str:
        return format_html("<code>{}</code>", row.layer)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LayerStyles]:
        audience = current_caller(request).audience
        return super().get_queryset(request).filter(declaration__audiences__contains=[audience])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LayerStyles | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        check = path(
            "<str:object_id>/check/", self.admin_site.admin_view(self.check_view), name="web_style_check"
        )
        return [check, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one layer; a form's button changes it and leads back here."""
        published, caller = self.published(request, object_id)
        draft = style_page.draft_named(published.layer, request.GET.get("style", ""))
        fault: StyleError | None = None
        style = None
        if request.method == "POST":
            self.require_change(request, published)
            draft = style_page.Draft.sent(request.POST)
            try:
                if request.POST.get("do") == "preview":
                    style = style_page.checked(published.layer, draft)
                else:
                    return self.changed(request, published, object_id)
            except StyleError as error:
                fault = error
            except Problem as problem:
                messages.error(request, problem.detail.to(spoken_language()))
        else:
            style = next((each for each in published.layer.styles if each.id == draft.was), None)
        return self.page(request, published, caller, draft, style, fault)

    def changed(self, request: HttpRequest, published: Published, object_id: str) -> HttpResponse:
        shown, done = style_page.carry_out(published, request.POST, f"user:{request.user.pk}")
        messages.success(request, done.to(spoken_language()))
        row = LayerStyles.objects.get(pk=published.layer.id)
        self.log_change(request, row, done.en)
        here = reverse("admin:web_layerstyles_change", args=[quote(published.layer.id)])
        return HttpResponseRedirect(f"{here}?style={shown}" if shown else here)

    def page(
        self,
        request: HttpRequest,
        published: Published,
        caller: Caller,
        draft: style_page.Draft,
        style: Any,
        fault: StyleError | None,
    ) -> HttpResponse:
        language, layer = spoken_language(), published.layer
        may_change = published.dataset and self.has_change_permission(request)
        check = reverse("admin:web_style_check", args=[quote(layer.id)])
        shown = {
            **self.admin_site.each_context(request),
            "is_nav_sidebar_enabled": False,
            **style_page.context(published, caller, draft, language),
            **style_page.sketch(layer, style, caller, language),
            "opts": self.opts,
            "w": words.Spoken(language),
            "prefix": PREFIXES["en" if language == "en" else "vi"],
            "t": Said(EDITOR, language),
            "may_change": may_change,
            "in_code": not published.dataset,
            "fault": {"path": fault.path, "reason": fault.reason.to(language)} if fault else None,
            "preview": style_page.preview_json(layer, caller, check),
            "editor_words": {key: text.to(language) for key, text in ISLAND.items()},
        }
        response = render(request, "web/styles/edit.html", shown, status=422 if fault else 200)
        add_never_cache_headers(response)
        return response

    def check_view(self, request: HttpRequest, object_id: str) -> JsonResponse:
        """Whether a draft is a style: ``{"ok": true, "day": [...], "night": [...]}``, else where it is not and why."""
        if request.method != "POST":
            return JsonResponse({}, status=405, headers={"Allow": "POST"})
        published, caller = self.published(request, object_id)
        self.require_change(request, published)
        draft = style_page.Draft.sent(request.POST)
        try:
            style = style_page.checked(published.layer, draft)
        except StyleError as error:
            reason = error.reason.to(spoken_language())
            return JsonResponse({"ok": False, "path": error.path, "message": reason})
        return JsonResponse({"ok": True, **style_page.for_preview(published.layer, style, caller)})

    def published(self, request: HttpRequest, object_id: str) -> tuple[Published, Caller]:
        """The layer, as far as the user may see it at all."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        caller = current_caller(request)
        try:
            return registry().current(fresh=True).get(unquote(object_id), caller), caller
        except Problem as problem:
            raise Http404 from problem

    def require_change(self, request: HttpRequest, published: Published) -> None:
        if not self.has_change_permission(request) or not published.dataset:
            raise PermissionDenied
