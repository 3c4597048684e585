"""The pages' addresses: Vietnamese at the root, English under ``/en/``."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.views.generic import RedirectView

from gis_core.words import Language
from web import documents, finding, place, views
from web.help import help_page
from web.printing.views import check_page, print_page


def pages(language: Language, prefix: str) -> list[URLPattern]:
    """The same pages in one language."""
    here = {"language": language}
    return [
        path(prefix, views.home, here, name=f"home-{language}"),
        path(f"{prefix}list", views.whole_list, here, name=f"list-{language}"),
        path(f"{prefix}beside", views.beside, here, name=f"beside-{language}"),
        path(f"{prefix}near", views.near, here, name=f"near-{language}"),
        path(f"{prefix}map-names.json", views.map_names, here, name=f"map-names-{language}"),
        path(f"{prefix}search", finding.search_page, here, name=f"search-{language}"),
        path(f"{prefix}feature/<slug:layer>/<int:fid>", views.feature, here, name=f"feature-{language}"),
        path(
            f"{prefix}feature/<slug:layer>/<int:fid>/all",
            views.feature,
            {**here, "whole": True},
            name=f"whole-{language}",
        ),
        path(f"{prefix}place", finding.place_page, here, name=f"place-{language}"),
        path(f"{prefix}suggest", finding.suggest, here, name=f"suggest-{language}"),
        path(f"{prefix}print", print_page, here, name=f"print-{language}"),
        path(f"{prefix}print/check", check_page, here, name=f"print-check-{language}"),
        path(f"{prefix}help", help_page, here, name=f"help-{language}"),
        path(f"{prefix}manifest.webmanifest", documents.manifest, here, name=f"manifest-{language}"),
    ]


urlpatterns = [
    *pages("vi", ""),
    *pages("en", "en/"),
    path("en", RedirectView.as_view(url="/en/", query_string=True)),
    path("map-style.json", documents.drawing_style, name="map-style"),
    path("place/check", place.check, name="place-check"),
    path("robots.txt", documents.robots, name="robots"),
    path("favicon.ico", RedirectView.as_view(url="/static/icon.svg")),
]
