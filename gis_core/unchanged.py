"""What of a feature that is sent back is as it was served: it stays as it is stored, to the last bit.

A client that changes one attribute sends the whole feature as it holds it: rounded, transformed, its ring begun at
another corner, times in its own machine's zone. Writing all of that back would spoil a survey a little with every
edit, and write over what somebody else has since changed. So a replacement is compared with the state that the client
read, and becomes a change of what differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis_core.audiences import Caller
from gis_core.crs import CRS84, Crs, from_degrees
from gis_core.days import CITY_ZONE
from gis_core.layer import Field, Layer
from gis_core.query.feature_text import feature_sql, geometry_sql
from gis_core.values import Place, fit_type
from gis_core.words import nfc

# Decimals that QGIS writes in a feature (QgsJsonExporter), whatever it was given.
QGIS_DECIMALS = 6


@dataclass(frozen=True)
class Served:
    """One state of a feature as its caller reads it.

    ``properties`` are JSON values by public name. ``shape`` is the geometry in the CRS of the request (the authority's
    axis order), not rounded; ``lonlat`` and ``original`` are the same vertices as stored (EPSG:4326; as surveyed), None
    where the caller is given another, coarser place.
    """

    properties: Mapping[str, Any]
    shape: BaseGeometry | None
    lonlat: BaseGeometry | None
    original: BaseGeometry | None


def served(
    cursor: Any, layer: Layer, fid: int, caller: Caller, crs: Crs | None, h_id: int | None = None
) -> Served | None:
    """The feature as it stands, or as it stood before the change ``h_id`` of its history; None if there is none."""
    crs = crs or CRS84
    exact = layer.geometry.column_for(caller.audience) == layer.geometry.column
    original = layer.geometry.original if exact else None
    source = f'"{caller.audience}"."{layer.id}"' if h_id is None else past_sql(layer, caller, original)
    fields = layer.fields_for(caller.audience)
    srid = layer.geometry.original_srid if original else None
    columns = [
        feature_sql(fields, CRS84),
        f"st_asbinary({geometry_sql(crs, srid, as_stored=True)})",
        'st_asbinary("geom")' if exact else "null",
        'st_asbinary("geom_original")' if original else "null",
    ]
    cursor.execute(
        f"select {', '.join(columns)} from {source} f where {'fid' if h_id is None else 'h_id'} = %s",
        [fid if h_id is None else h_id],
    )
    row = cursor.fetchone()
    if row is None:
        return None
    shape, lonlat, surveyed = (None if wkb is None else shapely.from_wkb(bytes(wkb)) for wkb in row[1:])
    return Served(orjson.loads(row[0])["properties"], shape, lonlat, surveyed)


def past_sql(layer: Layer, caller: Caller, original: str | None) -> str:
    """The layer's history under the names of the caller's view."""
    geometry = layer.geometry.column_for(caller.audience)
    columns = [
        "h_id",
        '"fid"',
        '0 as "version"',
        f'"{geometry}" as "geom"',
        f'"{geometry}3857" as "geom3857"',
        *([f'"{original}" as "geom_original"'] if original else []),
        *(f'"{f.sql_column}" as "{f.name}"' for f in layer.fields_for(caller.audience)),
    ]
    name = layer.table.removeprefix("public.").replace(".", "_")
    return f"(select {', '.join(columns)} from history.{name})"


def changed_properties(
    layer: Layer, caller: Caller, sent: Mapping[str, Any], held: Served, *, whole: bool, loosely: bool
) -> dict[str, Any]:
    """Those of the ``sent`` properties that differ from what was served, and those that are no property at all.

    ``whole`` takes a property that is not sent for null, and passes over what nobody writes. ``loosely`` forgives what
    QGIS makes of values on their way (see `is_as_served`).
    """
    seen = {f.name: f for f in layer.fields_for(caller.audience)}
    changed = {name: value for name, value in sent.items() if name not in seen}
    for name, f in seen.items():
        if not f.writable if whole else name not in sent:
            continue
        value = spoken(f, sent.get(name)) if loosely else sent.get(name)
        if not is_as_served(f, value, held.properties.get(name), loosely=loosely):
            changed[name] = value
    return changed


def spoken(f: Field, value: Any) -> Any:
    """``value``; a number or a truth that QGIS sends as a text, having seen none when it took the types of fields."""
    if not isinstance(value, str) or f.type not in ("integer", "number", "boolean"):
        return value
    try:
        read = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
    if f.type == "boolean":
        return bool(read) if read in (0, 1) else value
    return read if isinstance(read, int | float) and not isinstance(read, bool) else value


def is_as_served(f: Field, sent: Any, given: Any, *, loosely: bool) -> bool:
    """Whether ``sent`` (JSON) is the value ``given``.

    ``loosely``: QGIS shows an empty whole number as 0 and sends it so, and sends moments in its machine's zone, to the
    millisecond, without saying which zone that is.
    """
    if sent is None or given is None:
        empty_number = (
            loosely and f.type in ("integer", "number") and not isinstance(sent, bool) and sent == 0
        )
        return sent is given or (given is None and empty_number)
    if f.type in ("integer", "number"):
        return isinstance(sent, int | float) and not isinstance(sent, bool) and bool(sent == given)
    if type(sent) is not type(given):
        return False
    if f.type == "text":
        return bool(sent == given or nfc(sent) == given)
    if f.type == "datetime":
        return is_same_moment(sent, given, loosely=loosely)
    return bool(sent == given)


def is_same_moment(sent: str, given: str, *, loosely: bool) -> bool:
    try:
        moment, stood = datetime.fromisoformat(sent), datetime.fromisoformat(given)
        zones = (UTC, CITY_ZONE) if loosely else (CITY_ZONE,)
        moments = [moment] if moment.tzinfo else [moment.replace(tzinfo=zone) for zone in zones]
        apart = min(abs(each - stood) for each in moments)
        to_the_millisecond = loosely and moment.microsecond % 1000 == 0
        return apart < timedelta(milliseconds=1) if to_the_millisecond else not apart
    except (ValueError, OverflowError):
        return False


# The place ---------------------------------------------------------------------------------------------------------


class Unmoved:
    """The vertices of a sent place that stand where they were served."""

    def __init__(self, layer: Layer, place: Place, held: Served, *, loosely: bool) -> None:
        self.layer, self.held = layer, held
        self.sent = fit_type(layer, place.geometry)
        self.at = np.full(shapely.get_num_coordinates(self.sent), -1)
        if held.shape is not None and held.shape.geom_type == self.sent.geom_type:
            points = shapely.get_coordinates(self.sent)
            reach = tolerance(points, place.crs, loosely=loosely)
            self.at = matched(points, shapely.get_coordinates(held.shape), reach)

    @property
    def everything(self) -> bool:
        """Whether the place is the one that was served, wherever its rings begin and whichever way they turn."""
        held = self.held.shape
        if held is None or (self.at < 0).any() or len(self.at) != shapely.get_num_coordinates(held):
            return False
        settled = with_points(self.sent, shapely.get_coordinates(held)[self.at])
        if "Polygon" in settled.geom_type:  # a line that is turned is another line
            settled, held = shapely.normalize(settled), shapely.normalize(held)
        return bool(shapely.equals_exact(settled, held, 0.0))

    def settle(
        self, lonlat: BaseGeometry, original: BaseGeometry | None
    ) -> tuple[BaseGeometry, BaseGeometry | None]:
        """``lonlat`` and ``original``, made from what was sent, with unmoved vertices exactly as stored."""
        kept = self.at >= 0
        if self.held.lonlat is None or not kept.any():
            return lonlat, original
        points = shapely.get_coordinates(lonlat)
        points[kept] = shapely.get_coordinates(self.held.lonlat)[self.at[kept]]
        settled = with_points(lonlat, points)
        srid = self.layer.geometry.original_srid
        if self.held.original is None or srid is None:
            return settled, original
        surveyed = (
            shapely.get_coordinates(original)
            if original is not None
            else np.column_stack(from_degrees(srid).transform(points[:, 0], points[:, 1]))
        )
        surveyed[kept] = shapely.get_coordinates(self.held.original)[self.at[kept]]
        return settled, with_points(lonlat, surveyed)


def with_points(geometry: BaseGeometry, points: NDArray[np.float64]) -> BaseGeometry:
    made: BaseGeometry = shapely.transform(geometry, lambda _: points)
    return made


def tolerance(points: NDArray[np.float64], crs: Crs, *, loosely: bool) -> float:
    """How far a vertex may be from where it was served and still be taken for it, in units of ``crs``: half a digit."""
    reach = 0.5 * 10.0**-crs.precision
    if loosely and crs.precision > QGIS_DECIMALS and has_decimals_of_qgis(points):
        reach += 0.5 * 10.0**-QGIS_DECIMALS  # rounded twice
    return reach * (1 + 1e-6)


def has_decimals_of_qgis(points: NDArray[np.float64]) -> bool:
    scaled = points * 10.0**QGIS_DECIMALS
    return bool((np.abs(scaled - np.round(scaled)) < 1e-3).all())


def matched(points: NDArray[np.float64], held: NDArray[np.float64], reach: float) -> NDArray[np.int_]:
    """For each of ``points`` (n, 2) the index of the vertex of ``held`` (m, 2) within ``reach`` on both axes, or -1."""
    at = np.full(len(points), -1)
    if len(points) == len(held):
        same = (np.abs(points - held) <= reach).all(axis=1)
        at[same] = np.flatnonzero(same)
    left = np.flatnonzero(at < 0)
    if len(left) and len(held):
        tree = shapely.STRtree(np.atleast_1d(np.asarray(shapely.points(held))))
        asked, found = tree.query_nearest(
            shapely.points(points[left]), max_distance=reach * 1.5, all_matches=False
        )
        near = (np.abs(points[left[asked]] - held[found]) <= reach).all(axis=1)
        at[left[asked[near]]] = found[near]
    return at
