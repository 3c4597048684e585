"""The HTML form of features: a table, and a picture of the same features drawn as SVG (no script, no WebGL)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from gis_core.naming import Speaker
from gis_core.query import FeatureQuery, Page
from gis_core.registry import Published
from gis_core.shares import Shares
from gis_core.spoken import typed
from ogc_api.answers import Request

WIDTH = 640
MARGIN = 12
NAMES_S = 4.0  # for all layers that values refer to
SHOWN = 200  # rows and shapes on one page; the data itself is in the other formats


def items_context(
    published: Published, request: Request, query: FeatureQuery, page: Page, links: list[dict[str, str]]
) -> dict[str, Any]:
    """Rows and picture of a page of features; values in words."""
    layer, caller = published.layer, request.caller
    features = [orjson.loads(text) for text in page.features[:SHOWN]]
    fields = [
        f for f in layer.fields_for(caller.audience) if features and f.name in features[0]["properties"]
    ]
    values = [{f.name: typed(f, each["properties"][f.name]) for f in fields} for each in features]
    shares = Shares(caller, NAMES_S)
    speaker = Speaker(caller, request.language, shares)
    speaker.learn(fields, values)
    rows = [
        (each["id"], [speaker.value(f, row[f.name]) if row[f.name] is not None else "" for f in fields])
        for each, row in zip(features, values, strict=True)
    ]
    geometries = [part for f in features if f["geometry"] for part in parts_of(f["geometry"])]
    return {
        "layer": published.layer,
        "fields": fields,
        "rows": rows,
        "title": speaker.name(layer, values[0]).title if values else "",
        "missing": [each.to(request.language) for each in shares.missing],
        "features": features,
        "matched": page.matched,
        "returned": len(page.features),
        "cut": len(page.features) > SHOWN,
        "next": next((each["href"] for each in links if each["rel"] == "next"), None),
        "picture": picture(geometries, flipped=query.crs.flipped),
    }


def picture(geometries: list[dict[str, Any]], *, flipped: bool) -> dict[str, Any] | None:
    """Paths and points in pixels, y down, in a box ``WIDTH`` wide; None where there is nothing to draw."""
    points = [xy for g in geometries for xy in positions(g)]
    if not points:
        return None
    if flipped:
        points = [(y, x) for x, y in points]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    span = max(east - west, north - south, 1e-9)
    scale = (WIDTH - 2 * MARGIN) / span

    def place(xy: list[float]) -> str:
        x, y = (xy[1], xy[0]) if flipped else (xy[0], xy[1])
        return f"{MARGIN + (x - west) * scale:.1f},{MARGIN + (north - y) * scale:.1f}"

    shapes = [shape for g in geometries for shape in draw(g, place)]
    return {"width": WIDTH, "height": round((north - south) * scale + 2 * MARGIN), "shapes": shapes}


def parts_of(geometry: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """The geometries of a collection; any other as it is."""
    if geometry["type"] != "GeometryCollection":
        return [geometry]
    return [part for member in geometry["geometries"] for part in parts_of(member)]


def positions(geometry: dict[str, Any]) -> Iterable[tuple[float, float]]:
    def walk(node: Any) -> Iterable[tuple[float, float]]:
        if node and isinstance(node[0], int | float):
            yield (node[0], node[1])
        else:
            for each in node:
                yield from walk(each)

    return walk(geometry["coordinates"])


def draw(geometry: dict[str, Any], place: Any) -> Iterable[dict[str, str]]:
    """SVG shapes of one geometry: ``circle`` with x, y or ``path`` with d, closed where it is an area."""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    parts = coordinates if kind.startswith("Multi") else [coordinates]
    for part in parts:
        if kind.endswith("Point"):
            x, y = place(part).split(",")
            yield {"kind": "point", "x": x, "y": y}
        elif kind.endswith("LineString"):
            yield {"kind": "line", "d": "M" + " ".join(place(xy) for xy in part)}
        else:
            yield {
                "kind": "area",
                "d": " ".join("M" + " ".join(place(xy) for xy in ring) + "Z" for ring in part),
            }
