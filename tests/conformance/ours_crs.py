"""Our own checks of coordinates: what ets-ogcapi-features10 asks for in every CRS and then does not
compare.

The oracle is pyproj, axes in the order of the authority (latitude first in EPSG:4326, easting first in
EPSG:9214).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from pyproj import CRS, Transformer
from shapely.geometry import Point, shape

from tests.conformance.checks import CRS84, Json, NothingToTry, Server, Suite, each, equal, ids_of, need
from tests.conformance.features10_crs import pyproj_name, spatial

SUITE = Suite("ours: coordinates")
DEGREES = 2e-6  # CRS84 is printed with 7 decimals; a projection carries that on
METRES = 0.05


@cache
def from_crs84(crs: str) -> Transformer:
    return Transformer.from_crs("OGC:CRS84", pyproj_name(crs), always_xy=False)


def tolerance(crs: str) -> float:
    return DEGREES if CRS.from_user_input(pyproj_name(crs)).is_geographic else METRES


def positions(coordinates: Any) -> Iterator[list[float]]:
    if coordinates and isinstance(coordinates[0], (int, float)):
        yield coordinates
        return
    for part in coordinates:
        yield from positions(part)


def need_transformed(plain: Json, other: Json, crs: str, what: str) -> None:
    """Every position of ``other`` is that of ``plain`` (CRS84) transformed to ``crs``."""
    if plain["geometry"] is None:
        equal(other["geometry"], None, what)
        return
    equal(other["geometry"]["type"], plain["geometry"]["type"], f"{what}: type")
    pairs = zip(
        positions(plain["geometry"]["coordinates"]), positions(other["geometry"]["coordinates"]), strict=True
    )
    for source, got in pairs:
        wanted = from_crs84(crs).transform(source[0], source[1])
        off = max(abs(a - b) for a, b in zip(wanted, got[:2], strict=True))
        need(off <= tolerance(crs), f"{what}: {got[:2]} should be {list(wanted)} ({off} off)")


def crs_cases(server: Server) -> Iterator[tuple[Json, str]]:
    for one in server.each_collection():
        if server.first_feature(one):
            for crs in server.crs_list(one):
                yield one, crs


@SUITE.check("items_transformed", "hole: Part 2 Abstract Test 7, items compared in every CRS with axis order")
def items_transformed(server: Server) -> None:
    for one, crs in each(crs_cases(server), "no collection with features and crs"):
        plain, other = (server.items(one, limit=10, crs=c)["features"] for c in (CRS84, crs))
        equal(ids_of(other), ids_of(plain), f"{one['id']} in {crs}: features")
        for left, right in zip(plain, other, strict=True):
            need_transformed(left, right, crs, f"{one['id']} {left['id']} in {crs}")


@SUITE.check(
    "item_transformed", "hole: Part 2 Abstract Test 7, one feature compared in every CRS with axis order"
)
def item_transformed(server: Server) -> None:
    for one, crs in each(crs_cases(server), "no collection with features and crs"):
        feature = server.first_feature(one)
        assert feature
        url = server.item_url(one, feature["id"])
        plain, other = (server.json(url, {"crs": c}, accept="application/geo+json") for c in (CRS84, crs))
        need_transformed(plain, other, crs, f"{url} in {crs}")


@SUITE.check("several_crs", "the list has CRS84, EPSG:4326, a projected CRS, and one with latitude first")
def several_crs(server: Server) -> None:
    for one in each([c for c in server.collections if spatial(c)], "no spatial collection"):
        known = [CRS.from_user_input(pyproj_name(c)) for c in server.crs_list(one)]
        need(server.crs_list(one)[0] == CRS84, f"{one['id']}: CRS84 is not the first")
        need(any(c.is_projected for c in known), f"{one['id']}: no projected CRS")
        need(
            any(c.axis_info[0].direction == "north" for c in known),
            f"{one['id']}: no CRS with latitude first",
        )


def around(feature: Json, crs: str) -> list[float]:
    """A box in ``crs`` round a point of the feature; axes in the authority's order."""
    point = shape(feature["geometry"]).representative_point()
    first, second = from_crs84(crs).transform(point.x, point.y)
    half = 1e-5 if tolerance(crs) == DEGREES else 1.0
    return [first - half, second - half, first + half, second + half]


def found(server: Server, one: Json, bounds: list[float], crs: str) -> set[Any] | None:
    """Ids in the box; None where the server refuses it."""
    params = {"bbox": ",".join(map(str, bounds)), "bbox-crs": crs, "limit": 1000}
    reply = server.request(
        "GET", server.items_url(one), params=params, headers={"Accept": "application/geo+json"}
    )
    return set(ids_of(reply.json()["features"])) if reply.status_code == 200 else None


@SUITE.check("bbox_axis_order", "hole: bbox-crs with the axes as the authority orders them, and not swapped")
def bbox_axis_order(server: Server) -> None:
    for one, crs in each(crs_cases(server), "no collection with features and crs"):
        feature = server.first_feature(one)
        assert feature
        if not feature["geometry"]:
            continue
        a, b, c, d = around(feature, crs)
        hit = found(server, one, [a, b, c, d], crs)
        need(
            hit and feature["id"] in hit,
            f"{one['id']}: feature {feature['id']} is not in its own box in {crs}",
        )
        turned = from_crs84(crs).transform((b + d) / 2, (a + c) / 2, direction="INVERSE")
        if shape(feature["geometry"]).intersects(Point(*turned)):
            continue  # so large (a sea) that it lies at the swapped place too
        swapped = found(server, one, [b, a, d, c], crs)
        need(not swapped or feature["id"] not in swapped, f"{one['id']}: {crs} takes swapped axes")


@SUITE.check("bbox_over_the_dateline", "a box over 180 degrees is two boxes, not the whole world")
def bbox_over_the_dateline(server: Server) -> None:
    for one in each([c for c in server.collections if spatial(c)], "no spatial collection"):
        feature = server.first_feature(one)
        if not feature or not feature["geometry"]:
            continue
        west, south, east, north = shape(feature["geometry"]).bounds
        if (west, south, east, north) != one["extent"]["spatial"]["bbox"][0]:
            inside = found(server, one, [179.0, south - 1, 178.0, north + 1], CRS84)
            outside = found(server, one, [179.0, south - 1, -179.0, north + 1], CRS84)
            need(
                inside and feature["id"] in inside,
                f"{one['id']}: a box over 180 degrees lost feature {feature['id']}",
            )
            need(
                outside is not None and feature["id"] not in outside,
                f"{one['id']}: 179 to -179 is not a narrow box",
            )
            return
    raise NothingToTry("no feature to look for")
