"""The spatial and temporal extent of a collection, as the caller's audience sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gis_core.audiences import Caller
from gis_core.crs_uris import CRS84_URI
from gis_core.publish.extents import seen_extent_sql
from gis_core.reading import connected, read, registry
from gis_core.registry import Published
from gis_core.shares import Missing, Shares

GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
# Web Mercator's world: said where nothing has been measured, since an extent is required.
WORLD = [-180.0, -85.06, 180.0, 85.06]
ALL_S = 8.0  # for the extents of all layers together


@dataclass(frozen=True)
class Extents:
    """The extent of every layer as a caller sees it, by layer id; ``missing`` are those that gave none now."""

    of: Mapping[str, dict[str, Any]]
    missing: Sequence[Missing] = ()

    def unanswered(self, layer: str, language: str) -> dict[str, str] | None:
        """Why the extent of ``layer`` is only that of the world, as a collection says it; None where it is its own."""
        for each in self.missing:
            if each.layer.id == layer:
                return {"why": each.why, "detail": each.to(language)}
        return None


def extents_of(caller: Caller) -> Extents:
    """The extent of every layer as the caller sees it.

    Where an audience has its rows by units, the measured extent is that of all units together and would tell of rows
    that are another's: there the caller's own rows are measured.
    """
    with connected("app") as connection:
        rows = connection.execute(
            "select layer, west, south, east, north, time_from, time_to from huong.extent where audience = %s",
            [caller.audience],
        ).fetchall()
    found = {row[0]: extent_document(*row[1:]) for row in rows}
    shares = Shares(caller, ALL_S)
    scoped = [each for each in registry().current().seen_by(caller) if caller.is_scoped_in(each.layer)]
    asked = [(each.layer, partial(own_extent, caller, each)) for each in scoped]
    unknown = extent_document(None, 0, 0, 0, None, None)
    own = shares.ask_all(asked, unknown)
    found |= {each.layer.id: document for each, document in zip(scoped, own, strict=True)}
    return Extents(found, shares.missing)


def own_extent(caller: Caller, published: Published, timeout_ms: int | None) -> dict[str, Any]:
    """The extent of the rows in the caller's units."""
    sql = f"{published.mark} {seen_extent_sql(published.layer, caller.audience)}"
    with read(caller, timeout_ms=timeout_ms) as cursor:
        return extent_document(*cursor.execute(sql).fetchall()[0])


def extent_document(
    west: float | None, south: float, east: float, north: float, time_from: Any, time_to: Any
) -> dict[str, Any]:
    box = WORLD if west is None else [west, south, east, north]
    extent: dict[str, Any] = {"spatial": {"bbox": [box], "crs": CRS84_URI}}
    if time_from is not None or time_to is not None:
        ends = [None if t is None else t.isoformat().replace("+00:00", "Z") for t in (time_from, time_to)]
        extent["temporal"] = {"interval": [ends], "trs": GREGORIAN}
    return extent


def extent_of_all(extents: list[dict[str, Any]]) -> dict[str, Any]:
    """Around ``extents``: where and when the whole dataset is."""
    boxes = [found["spatial"]["bbox"][0] for found in extents]
    known = [box for box in boxes if box != WORLD]
    whole = WORLD
    if known:
        west, south, east, north = zip(*known, strict=True)
        whole = [min(west), min(south), max(east), max(north)]
    made: dict[str, Any] = {"spatial": {"bbox": [whole], "crs": CRS84_URI}}
    ends = [found["temporal"]["interval"][0] for found in extents if "temporal" in found]
    if ends:
        starts, stops = zip(*ends, strict=True)
        interval = [None if None in starts else min(starts), None if None in stops else max(stops)]
        if interval != [None, None]:
            made["temporal"] = {"interval": [interval], "trs": GREGORIAN}
    return made


def extent_of(published: Published, extents: Extents) -> dict[str, Any]:
    return extents.of.get(published.layer.id) or extent_document(None, 0, 0, 0, None, None)
