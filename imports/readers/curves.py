"""Curves made of straight pieces: WKB of circular arcs (ISO 13249-3, as in GeoPackages) as shapely's geometries.

GEOS reads no curves. An arc becomes chords that leave it by no more than `TOLERANCE_M`; its three given points stay as
they are. Two neighbours that share an arc get the same points, whichever way each goes along it.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

TOLERANCE_M = 0.001
TOLERANCE_DEGREES = 1e-8  # about as much
LARGEST_DEGREE = 360.0
MOST_CHORDS = 3600  # of a whole circle: of one of more than 2.6 km radius the tolerance is 0.00004 % of that
MOST_DEEP = 8
HAS_Z, HAS_M, HAS_SRID = 0x80000000, 0x40000000, 0x20000000  # PostGIS and older GDAL say the dimensions so
Points = NDArray[np.float64]


class NotRead(ValueError):
    """The bytes are no geometry that we know."""


def straightened(wkb: bytes) -> BaseGeometry:
    """The geometry of ``wkb`` with its arcs as chords, two-dimensional; NotRead for what is no WKB, or another kind."""
    found = Walk(wkb).geometry()
    return shapely.LineString(found) if isinstance(found, np.ndarray) else found


class Walk:
    """One pass over a WKB. Lines and arcs are points while it lasts: rings are made of them."""

    def __init__(self, wkb: bytes) -> None:
        self.wkb, self.at = wkb, 0

    def take(self, form: str) -> Any:
        size = struct.calcsize(form)
        if self.at + size > len(self.wkb):
            raise NotRead("cut off")
        (value,) = struct.unpack_from(form, self.wkb, self.at)
        self.at += size
        return value

    def points(self, count: int, order: str, dimensions: int) -> Points:
        size = count * dimensions * 8
        if self.at + size > len(self.wkb):
            raise NotRead("cut off")
        numbers = np.frombuffer(self.wkb, f"{order}f8", count * dimensions, self.at)
        self.at += size
        return numbers.reshape(count, dimensions)[:, :2].astype(np.float64)

    def geometry(self, depth: int = 0) -> BaseGeometry | Points:
        if depth > MOST_DEEP:
            raise NotRead("too deep")
        order = "<" if self.take("B") == 1 else ">"
        kind = self.take(f"{order}I")
        if kind & HAS_SRID:
            self.take(f"{order}I")
        ranks, base = divmod(kind & 0x0FFFFFFF, 1000)
        with_z = bool(kind & HAS_Z) or ranks in (1, 3)
        with_m = bool(kind & HAS_M) or ranks in (2, 3)
        dimensions = 2 + with_z + with_m
        if base == 1:
            return shapely.Point(self.points(1, order, dimensions)[0])
        count = self.take(f"{order}I")
        if base == 2:
            return self.points(count, order, dimensions)
        if base == 8:
            return arcs(self.points(count, order, dimensions))
        if base == 3:
            rings = [
                self.points(self.take(f"{order}I"), order, dimensions) for _ in range(self.within(count))
            ]
            return polygon(rings)
        members = [self.geometry(depth + 1) for _ in range(self.within(count))]
        return put_together(base, members)

    def within(self, count: int) -> int:
        """``count`` things to come, none of which is smaller than four bytes."""
        if count * 4 > len(self.wkb) - self.at:
            raise NotRead("cut off")
        return int(count)


def put_together(base: int, members: list[BaseGeometry | Points]) -> BaseGeometry | Points:
    """A geometry of several: compound curve (9), curve polygon (10), multi-part geometries, collection."""
    if base == 9:
        return joined([member for member in members if isinstance(member, np.ndarray)])
    if base == 10:
        return polygon([member for member in members if isinstance(member, np.ndarray)])
    if base not in MULTIPLE:
        raise NotRead(f"kind {base}")
    parts = [shapely.LineString(member) if isinstance(member, np.ndarray) else member for member in members]
    return MULTIPLE[base](parts)


MULTIPLE: dict[int, Callable[[Any], BaseGeometry]] = {
    4: shapely.MultiPoint,
    5: shapely.MultiLineString,
    6: shapely.MultiPolygon,
    7: shapely.GeometryCollection,
    11: shapely.MultiLineString,
    12: shapely.MultiPolygon,
}


def polygon(rings: list[Points]) -> BaseGeometry:
    for ring in rings:
        if len(ring) < 4 or not np.array_equal(ring[0], ring[-1]):
            raise NotRead("a ring is not closed")
    return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()


def joined(pieces: list[Points]) -> Points:
    """Pieces one after the other, each beginning where the one before ended."""
    whole = [piece if index == 0 else piece[1:] for index, piece in enumerate(pieces) if len(piece)]
    return np.concatenate(whole) if whole else np.empty((0, 2))


def arcs(points: Points) -> Points:
    """A circular string: from every second point over the next to the one after, by arcs; as chords."""
    if len(points) == 0:
        return points
    if len(points) < 3 or len(points) % 2 == 0 or not np.isfinite(points).all():
        raise NotRead("an arc has three points")
    pieces = [points[:1]]
    for first in range(0, len(points) - 2, 2):
        pieces.append(arc(*points[first : first + 3])[1:])
    return np.concatenate(pieces)


def arc(start: Points, middle: Points, end: Points) -> Points:
    """Chords of the arc through three points, the three among their ends; of a whole circle where the ends are one."""
    if tuple(end) < tuple(start):
        return arc(end, middle, start)[::-1]
    centre = (start + middle) / 2 if np.array_equal(start, end) else centre_of(start, middle, end)
    if centre is None:
        return np.array([start, middle, end])
    radius = math.dist(centre, start)
    largest = max(float(np.abs(each).max()) for each in (start, middle, end))
    tolerance = TOLERANCE_M if largest > LARGEST_DEGREE else TOLERANCE_DEGREES
    step = max(2 * math.acos(max(1 - tolerance / radius, -1.0)), math.tau / MOST_CHORDS)
    angles = [math.atan2(*(each - centre)[::-1]) for each in (start, middle, end)]
    first, second, third = angles
    ahead = (second - first) % math.tau
    whole = (third - first) % math.tau or math.tau
    if ahead > whole:  # the middle lies the other way round
        ahead, whole = ahead - math.tau, whole - math.tau
    halves = (chords(centre, radius, first, ahead, step), chords(centre, radius, second, whole - ahead, step))
    return np.concatenate(([start], halves[0], [middle], halves[1], [end]))


def centre_of(a: Points, b: Points, c: Points) -> Points | None:
    """The centre of the circle through three points; None where they lie on a line, or so nearly that none is found."""
    u, v = b - a, c - a
    twice_area = 2 * (u[0] * v[1] - u[1] * v[0])
    squares = float(u @ u), float(v @ v)
    if abs(twice_area) <= 1e-12 * max(squares):
        return None
    x = (v[1] * squares[0] - u[1] * squares[1]) / twice_area
    y = (u[0] * squares[1] - v[0] * squares[0]) / twice_area
    centre: Points = a + np.array([x, y])
    return centre


def chords(centre: Points, radius: float, begin: float, sweep: float, step: float) -> Points:
    """The points between the ends of an arc of ``sweep`` radians from the angle ``begin``."""
    count = math.ceil(abs(sweep) / step)
    angles = begin + sweep * np.arange(1, count) / count
    return np.column_stack((centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)))
