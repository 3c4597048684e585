"""The parts of the API: each standard's module owns its conformance URIs, its OpenAPI fragment and its links.

Parts of other rooms (tiles) are found by name: a module ``ogc_part`` in an installed app. A class cannot be declared
without the code that stands beside its declaration.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import Any, Protocol, cast

from gis_core.layer import Layer

ROOMS = ("tilesrv",)


class Part(Protocol):
    """What a part offers; ``openapi`` returns ``{"paths": ..., "components": ...}``, links are relative to the root."""

    CONFORMANCE: tuple[str, ...]

    def openapi(self, language: str) -> dict[str, Any]: ...
    def landing_links(self, language: str) -> list[dict[str, str]]: ...
    def collection_links(self, layer: Layer, language: str) -> list[dict[str, str]]: ...


@cache
def parts() -> tuple[Part, ...]:
    """Our own parts, then those of other rooms."""
    names = ["ogc_api.common", "ogc_api.features", "ogc_api.editing", "ogc_api.schemas", "ogc_api.processes"]
    names += [f"{room}.ogc_part" for room in ROOMS]
    return tuple(
        cast(Part, importlib.import_module(name))
        for name in names
        if importlib.util.find_spec(name) is not None
    )


def absolute(links: list[dict[str, str]], root: str) -> list[dict[str, str]]:
    """Links of parts with their addresses made public."""
    return [
        {**each, "href": each["href"] if "://" in each["href"] else root + each["href"]} for each in links
    ]
