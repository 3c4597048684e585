"""Addresses of the ``web`` process: health first, then what each installed app brings in its own ``urls``."""

from __future__ import annotations

from importlib.util import find_spec

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path

from gis_core import health


def app_urls() -> list[URLResolver]:
    """The url configurations of the installed apps of this house, the last of INSTALLED_APPS first.

    Each writes its full paths from the root, so that an app joins by being installed and no list names it. No two have
    a path in common; those of programs, which are asked for most, are tried before sixty of pages.
    """
    rooms = [app.name for app in apps.get_app_configs() if app.name.split(".")[0] in HOUSE]
    names = [f"{room}.urls" for room in rooms if room != "gis_core"]
    return [path("", include(name)) for name in reversed(names) if find_spec(name)]


HOUSE = frozenset({"web", "cameras", "layers", "sensors", "imports", "ogc_api", "tilesrv", "gis_core"})

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    *app_urls(),
]

# Refusals outside any view, by name, since this floor imports no page.
handler400 = "web.pages.bad_request"
handler403 = "web.pages.refused"
handler404 = "web.pages.not_found"
handler500 = "web.pages.failed"
