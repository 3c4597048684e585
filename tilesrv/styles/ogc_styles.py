"""Documents of OGC API - Styles, Part 1: Core (20-009, draft): which styles there are, and what one is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gis_core.audiences import Caller
from gis_core.http.media import JSON
from gis_core.http.negotiation import chosen_format
from gis_core.layer import Layer
from gis_core.registry import Catalogue
from gis_core.styles.model import MapStyle
from gis_core.styles.standard import styles_of
from gis_core.words import Text
from tilesrv.styles.book import BASEMAP, BASEMAP_TITLE, basemap, ground_layers, style_names
from tilesrv.tilesets import link, self_and_html

MEDIA_TYPES = {
    "json": "application/vnd.mapbox.style+json",
    "sld": "application/vnd.ogc.sld+xml;version=1.1",
    "qml": "application/vnd.qgis.qml+xml",
}
# By the value of ``f``; a browser that asks for a page is shown the style that there is first.
ACCEPTED = {
    "mapbox": (MEDIA_TYPES["json"], "application/json", "application/*+json", "text/html"),
    "sld11": (MEDIA_TYPES["sld"], "application/vnd.ogc.sld+xml"),
    "qml": (MEDIA_TYPES["qml"],),
}
FORMS = {"mapbox": "json", "json": "json", "sld11": "sld", "sld": "sld", "qml": "qml"}
PARAMETERS = {"json": "mapbox", "sld": "sld11", "qml": "qml"}
SPECIFICATIONS = {
    "json": "https://maplibre.org/maplibre-style-spec/",
    "sld": "https://www.ogc.org/standards/sld/",
    "qml": "https://docs.qgis.org/3.22/en/docs/user_manual/appendices/qgis_file_formats.html",
}
FORM_TITLES = {
    "json": Text("MapLibre/Mapbox Style", "MapLibre/Mapbox Style"),
    "sld": Text("OGC SLD 1.1", "OGC SLD 1.1"),
    "qml": Text("Kiểu QGIS (QML)", "QGIS style (QML)"),
}
MAP_REL = "http://www.opengis.net/def/rel/ogc/1.0/map"
LIST_TITLE = Text("Kiểu hiển thị bản đồ", "Map styles")


@dataclass(frozen=True)
class Listed:
    """A style by name; ``layer`` is what it draws, None for the basemap."""

    name: str
    title: Text
    layer: Layer | None
    drawn: tuple[Layer, ...] = ()

    @property
    def collection(self) -> str | None:
        return self.layer.id if self.layer else None

    @property
    def forms(self) -> tuple[str, ...]:
        return ("json", "sld", "qml") if self.layer else ("json", "sld")


def listed(catalogue: Catalogue, caller: Caller, unlisted: str | None = None) -> list[Listed]:
    """The styles that ``caller`` may have: the basemap's, then those of each layer, by id."""
    found = []
    if ground_layers(catalogue, caller):
        drawn = tuple(catalogue.layers[each].layer for each in basemap(catalogue, caller).collections())
        found.append(Listed(BASEMAP, BASEMAP_TITLE, None, drawn))
    for published in catalogue.seen_by(caller):
        layer = published.layer
        if layer.listed or layer.id == unlisted:
            found += [
                Listed(name, titled(layer, style), layer, (layer,)) for name, style in style_names(layer)
            ]
    return found


def titled(layer: Layer, style: MapStyle) -> Text:
    return Text(f"{layer.title.vi}: {style.title.vi}", f"{layer.title.en}: {style.title.en}")


def style_list(found: Sequence[Listed], url: str, language: str) -> dict[str, Any]:
    """``/styles/``: every form's address, by name."""
    return {
        "title": LIST_TITLE.to(language),
        "styles": [
            {
                "name": each.name,
                "title": each.title.to(language),
                "titles": each.title._asdict(),
                "collection": each.collection,
                **{form: f"{url}/styles/{each.name}.{form}" for form in each.forms},
                "legend": f"{url}/legend/{each.name}.json",
            }
            for each in found
        ],
    }


def styles(found: Sequence[Listed], root: str, here: str, language: str) -> dict[str, Any]:
    """The styles of the dataset, or of a collection; the first is the one that is drawn where none is named."""
    value: dict[str, Any] = {
        "title": LIST_TITLE.to(language),
        "styles": [entry(each, root, language) for each in found],
        "links": self_and_html(f"{root}{here}", language),
    }
    if found:
        value["default"] = found[0].name
    return value


def entry(each: Listed, root: str, language: str) -> dict[str, Any]:
    url = f"{root}/styles/{each.name}"
    described = Text("Mô tả kiểu hiển thị", "About this style").to(language)
    return {
        "id": each.name,
        "title": each.title.to(language),
        "links": [
            *stylesheets(each, url, language),
            link(f"{url}/metadata", "describedby", JSON, described),
            *maps(each, root, language),
        ],
    }


def maps(each: Listed, root: str, language: str) -> list[dict[str, Any]]:
    """Where a map in this style is (OGC 20-058, /req/styled-map/desc-links)."""
    title = Text("Bản đồ theo kiểu này", "Map in this style").to(language)
    if each.layer is None:
        return [link(f"{root}/map", MAP_REL, "image/png", title)]
    style = each.name.partition(":")[2] or styles_of(each.layer)[0].id
    here = f"{root}/collections/{each.layer.id}/styles/{style}/map"
    return [link(here, MAP_REL, "image/png", title)]


def stylesheets(each: Listed, url: str, language: str) -> list[dict[str, Any]]:
    return [
        link(f"{url}?f={PARAMETERS[form]}", "stylesheet", MEDIA_TYPES[form], FORM_TITLES[form].to(language))
        for form in each.forms
    ]


def style_metadata(each: Listed, root: str, language: str) -> dict[str, Any]:
    """What a style draws, in which forms it is to be had, and what it looks like."""
    url = f"{root}/styles/{each.name}"
    public = root.removesuffix("/ogcapi")
    preview = Text("Chú giải", "Legend").to(language)
    return {
        "id": each.name,
        "title": each.title.to(language),
        "scope": "style",
        "stylesheets": [
            {
                "title": FORM_TITLES[form].to(language),
                "version": {"json": "8", "sld": "1.1", "qml": "3.22"}[form],
                "specification": SPECIFICATIONS[form],
                "native": form == "json",
                "link": stylesheet,
            }
            for form, stylesheet in zip(each.forms, stylesheets(each, url, language), strict=True)
        ],
        "layers": [
            {
                "id": layer.id,
                "description": layer.title.to(language),
                "sampleData": link(
                    f"{root}/collections/{layer.id}/items?limit=10", "data", "application/geo+json"
                ),
            }
            for layer in each.drawn
        ],
        "links": [
            *self_and_html(f"{url}/metadata", language),
            link(f"{public}/legend/{each.name}.png", "preview", "image/png", preview),
        ],
    }


def chosen_form(f: str | None, accept: str) -> str:
    """The form that ``f``, else Accept asks for; a 400 or 406 Problem where there is none."""
    return FORMS[f] if f in FORMS else FORMS[chosen_format(f, accept, ACCEPTED)]
