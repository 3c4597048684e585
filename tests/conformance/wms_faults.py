"""Ways to break a WMS: a request is read as another, an answer is sent as another, the capabilities are changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import httpx
from lxml import etree

from tests.conformance.wms_client import HREF, PARSER, WMS
from tests.conformance.wms_reference import URL

Handler = Callable[[httpx.Request], httpx.Response]
Wrap = Callable[[Handler], Handler]
Pairs = dict[str, str]
UNDEFINED, ZERO = "UndefinedLayer", "0,0,1,1"
EMPTY, ANY = "", ".+"


@dataclass(frozen=True)
class Fault:
    name: str
    wrap: Wrap
    fails: tuple[str, ...]
    wide: bool = False


def pairs_of(request: httpx.Request) -> Pairs:
    return {
        name.upper(): value for name, value in parse_qsl(request.url.query.decode(), keep_blank_values=True)
    }


def holds(given: Pairs, wanted: dict[str, str | None]) -> bool:
    """Whether each parameter matches its pattern; with None it must not be given. ``CRS`` is SRS in 1.1.1."""
    for name, pattern in wanted.items():
        value = given.get(name, given.get("SRS") if name == "CRS" else None)
        if (value is None) != (pattern is None):
            return False
        if value is not None and pattern is not None and not re.fullmatch(pattern, value):
            return False
    return True


def when(change: Callable[[Handler, httpx.Request], httpx.Response], **wanted: str | None) -> Wrap:
    """Answer the requests whose parameters match by ``change``."""

    def wrap(handle: Handler) -> Handler:
        def broken(request: httpx.Request) -> httpx.Response:
            return change(handle, request) if holds(pairs_of(request), wanted) else handle(request)

        return broken

    return wrap


def asked_as(change: Callable[[Pairs], Pairs], **wanted: str | None) -> Wrap:
    """Read the matching requests as other ones."""

    def changed(handle: Handler, request: httpx.Request) -> httpx.Response:
        return handle(httpx.Request("GET", f"{URL}?{urlencode(change(pairs_of(request)))}"))

    return when(changed, **wanted)


def without(name: str, **wanted: str | None) -> Wrap:
    """Do not look at a parameter."""
    return asked_as(lambda given: {k: v for k, v in given.items() if k != name}, **{name: ANY, **wanted})


def reading(name: str, instead: str, **wanted: str | None) -> Wrap:
    return asked_as(lambda given: {**given, name: instead}, **wanted)


def refused(**wanted: str | None) -> Wrap:
    """Refuse what is right, as a request without a box is."""
    return reading("BBOX", "none", **wanted)


def as_html(**wanted: str | None) -> Wrap:
    def changed(handle: Handler, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": "text/html"}, content=handle(request).content)

    return when(changed, **wanted)


def document(change: Callable[[etree._Element, str], None]) -> Wrap:
    """Change the capabilities; ``change`` gets the root and the namespace in braces."""

    def changed(handle: Handler, request: httpx.Request) -> httpx.Response:
        answer = handle(request)
        root = etree.fromstring(answer.content, PARSER)
        change(root, WMS if root.tag.startswith(WMS) else "")
        return httpx.Response(200, headers=answer.headers, content=etree.tostring(root))

    return when(changed, REQUEST="GetCapabilities", UPDATESEQUENCE=None)


def layer(root: etree._Element, space: str, name: str) -> etree._Element:
    return next(one for one in root.iter(f"{space}Layer") if one.findtext(f"{space}Name") == name)


def dropped(*names: str) -> Wrap:
    """Take all elements of these names away."""

    def change(root: etree._Element, space: str) -> None:
        for name in names:
            for one in list(root.iter(f"{space}{name}")):
                one.getparent().remove(one)

    return document(change)


def twice(name: str) -> Wrap:
    """Write the first element of this name of the wards twice."""

    def change(root: etree._Element, space: str) -> None:
        one = layer(root, space, "wards").find(f"{space}{name}")
        one.addnext(deepcopy(one))

    return document(change)


def attribute(path: str, name: str, value: str) -> Wrap:
    def change(root: etree._Element, space: str) -> None:
        for one in root.iter(f"{space}{path}"):
            one.set(name, value)

    return document(change)


def prefix_lost(root: etree._Element, space: str) -> None:
    for one in root.iter(f"{space}OnlineResource"):
        one.set(HREF, one.get(HREF).removesuffix("?"))


def format_renamed(root: etree._Element, space: str) -> None:
    root.find(f".//{space}GetCapabilities/{space}Format").text = "text/plain"


def xml_exceptions_lost(root: etree._Element, space: str) -> None:
    one = root.find(f".//{space}Exception/{space}Format")
    one.getparent().remove(one)


def box_of_unknown_crs(root: etree._Element, space: str) -> None:
    one = deepcopy(layer(root, space, "houses").find(f"{space}BoundingBox"))
    one.set("CRS" if space else "SRS", "EPSG:9999")
    layer(root, space, "houses").append(one)


def crs_moved_down(root: etree._Element, space: str) -> None:
    top = root.find(f"{space}Capability/{space}Layer")
    own = top.findall(f"{space}{'CRS' if space else 'SRS'}")
    for name in ("ground", "houses", "wards"):
        for one in own:
            layer(root, space, name).append(deepcopy(one))
    for one in own:
        top.remove(one)


def geographic(name: str, change: Callable[[dict[str, str]], dict[str, str]]) -> Wrap:
    """Change the geographic box of a layer; its sides are west, south, east, north."""

    def changed(root: etree._Element, space: str) -> None:
        names = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
        sides = ("west", "south", "east", "north")
        if space:
            box = layer(root, space, name).find(f"{space}EX_GeographicBoundingBox")
            new = change({s: box.findtext(f"{space}{n}") for s, n in zip(sides, names, strict=True)})
            for side, element in zip(sides, names, strict=True):
                box.find(f"{space}{element}").text = new[side]
            return
        box = layer(root, space, name).find("LatLonBoundingBox")
        attributes = dict(zip(sides, ("minx", "miny", "maxx", "maxy"), strict=True))
        for side, value in change({side: box.get(key) for side, key in attributes.items()}).items():
            box.set(attributes[side], value)

    return document(changed)


def axes_swapped(given: Pairs) -> Pairs:
    minx, miny, maxx, maxy = given["BBOX"].split(",")
    return {**given, "BBOX": f"{miny},{minx},{maxy},{maxx}"}


def unknown_layers_left_out(given: Pairs) -> Pairs:
    names = [name for name in given["LAYERS"].split(",") if name != UNDEFINED]
    return {**given, "LAYERS": ",".join(names) or "ground", "STYLES": ""}


def legend_of_another_size(handle: Handler, request: httpx.Request) -> httpx.Response:
    answer = handle(httpx.Request("GET", f"{URL}?{urlencode(MAP_OF_HOUSES)}"))
    return httpx.Response(200, headers={"Content-Type": "image/png"}, content=answer.content)


MAP_OF_HOUSES = {
    "VERSION": "1.3.0",
    "REQUEST": "GetMap",
    "LAYERS": "houses",
    "CRS": "CRS:84",
    "BBOX": "107,16,108,17",
    "WIDTH": "50",
    "HEIGHT": "50",
    "FORMAT": "image/png",
}


def data_as_html(handle: Handler) -> Handler:
    def broken(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/data/"):
            return httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"<p>")
        return handle(request)

    return broken
