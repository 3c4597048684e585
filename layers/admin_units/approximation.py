"""Boundaries where no official ones have been imported: approximated, and said to be so wherever they show.

Each old commune is taken to fill an ellipse in its bounding box. Every cell of a fine grid goes to the commune whose
ellipse claims it most strongly, and the claims of each unit of today are strengthened or weakened until its communes
together have its official area (a multiplicatively scaled, additively weighted Voronoi diagram). What no ellipse
claims lies outside the city. The borders between cells are then smoothed together, so that neighbours stay neighbours.

The same input gives the same polygons on every machine: nothing but comparisons and the four operations of IEEE 754.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from layers.admin_units import gazetteer

Labels = npt.NDArray[np.int16]
Claims = npt.NDArray[np.float64]

WEST, SOUTH, EAST, NORTH = 107.0, 15.96, 108.24, 16.80
STEP = 0.001
KM2_PER_CELL = STEP * STEP * 110.66 * 106.75  # at latitude 16.35
OUTSIDE = -1
ROUNDS = 40
# Cells this near (degrees) to a unit's own point are its own, whatever the ellipses say.
POINT_RADIUS = 0.003

# Where the geocoder answered with the city, the district or a mere point: centre and half width and height in degrees,
# put in from general knowledge of the place.
CORRECTED: Mapping[str, tuple[float, float, float, float]] = {
    "19762": (107.569, 16.469, 0.009, 0.008),  # Thuận Hòa: the south-west of the Citadel
    "19828": (107.424, 16.690, 0.034, 0.034),  # Phong Phú
    "19909": (107.600, 16.520, 0.022, 0.026),  # Dương Nỗ
    "19960": (107.688, 16.398, 0.022, 0.020),  # Phú Bài
    "20002": (107.578, 16.556, 0.024, 0.026),  # Hương Phong, on the lagoon
    "20011": (107.472, 16.514, 0.020, 0.022),  # Hương Văn
    "20029": (107.535, 16.398, 0.058, 0.062),  # Long Hồ
    "20083": (107.172, 16.235, 0.045, 0.042),  # Quảng Nhâm
    "20107": (107.888, 16.266, 0.030, 0.032),  # Phú Lộc
}

# The shore of the East Sea from north-west to south-east, sketched; no unit reaches past it.
COAST = (
    (107.39, 16.77), (107.44, 16.716), (107.51, 16.655), (107.58, 16.612), (107.65, 16.577), (107.72, 16.53),
    (107.80, 16.462), (107.87, 16.40), (107.93, 16.362), (107.99, 16.325), (108.02, 16.335), (108.055, 16.335),
    (108.06, 16.28), (108.10, 16.24), (108.15, 16.215), (108.21, 16.215),
)  # fmt: skip


@dataclass(frozen=True)
class Boundaries:
    """Approximate polygons by code (shapely, EPSG:4326): valid, without overlaps, each level the union of the lower."""

    communes: Mapping[str, BaseGeometry]
    districts: Mapping[str, BaseGeometry]
    units: Mapping[str, BaseGeometry]
    outline: BaseGeometry


def _ellipse(commune: gazetteer.OldCommune) -> tuple[float, float, float, float]:
    """(lon, lat, half width, half height) of a commune's ground."""
    if commune.code in CORRECTED:
        return CORRECTED[commune.code]
    west, south, east, north = commune.box
    return (west + east) / 2, (south + north) / 2, (east - west) / 2, (north - south) / 2


def _grid() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Longitudes of the columns and latitudes of the rows, at the cells' centres."""
    columns = np.arange(round((EAST - WEST) / STEP), dtype=np.float64)
    rows = np.arange(round((NORTH - SOUTH) / STEP), dtype=np.float64)
    return WEST + (columns + 0.5) * STEP, SOUTH + (rows + 0.5) * STEP


def _claims(communes: tuple[gazetteer.OldCommune, ...]) -> list[tuple[slice, slice, Claims]]:
    """For each commune the window of the grid that it may reach and the squared distance there (1 on its ellipse)."""
    lons, lats = _grid()
    found = []
    for commune in communes:
        lon, lat, width, height = _ellipse(commune)
        reach = 2.0
        window_x = slice(*np.searchsorted(lons, [lon - reach * width, lon + reach * width]))
        window_y = slice(*np.searchsorted(lats, [lat - reach * height, lat + reach * height]))
        dx = (lons[window_x] - lon) / width
        dy = (lats[window_y] - lat) / height
        found.append((window_y, window_x, dy[:, None] * dy[:, None] + dx[None, :] * dx[None, :]))
    return found


def _sea() -> npt.NDArray[np.bool_]:
    """The cells past the sketched shore."""
    lons, lats = _grid()
    shore = np.interp(lons, [x for x, _ in COAST], [y for _, y in COAST])
    return lats[:, None] > shore[None, :]


def _assign(claims: list[tuple[slice, slice, Claims]], strength: Claims, fixed: Labels) -> Labels:
    """Each cell's strongest commune under ``strength`` (one number a commune), `OUTSIDE` where none reaches it."""
    best = np.zeros(fixed.shape)
    labels = np.full(fixed.shape, OUTSIDE, dtype=np.int16)
    for index, (window_y, window_x, distance) in enumerate(claims):
        claim = distance - strength[index]
        here = best[window_y, window_x]
        stronger = claim < here
        here[stronger] = claim[stronger]
        labels[window_y, window_x][stronger] = index
    labels[_sea()] = OUTSIDE
    return np.where(fixed >= 0, fixed, labels).astype(np.int16)


def _fixed_cells(communes: tuple[gazetteer.OldCommune, ...]) -> Labels:
    """The cells that a unit's own point fixes: a strip from the point to the middle of the nearest of its communes.

    Not the cells around the point alone: among another's ground they would be an island, and lost as a stray.
    """
    lons, lats = _grid()
    fixed = np.full((lats.size, lons.size), OUTSIDE, dtype=np.int16)
    nearest = np.full(fixed.shape, POINT_RADIUS * POINT_RADIUS)
    middles = [_ellipse(commune)[:2] for commune in communes]
    for unit in gazetteer.units():
        _, index = min(
            ((lon - unit.lon) ** 2 + (lat - unit.lat) ** 2, index)
            for index, (lon, lat) in enumerate(middles)
            if communes[index].became == unit.code
        )
        dx, dy = middles[index][0] - unit.lon, middles[index][1] - unit.lat
        along = ((lons[None, :] - unit.lon) * dx + (lats[:, None] - unit.lat) * dy) / (dx * dx + dy * dy)
        along = np.clip(along, 0.0, 1.0)
        off_x = lons[None, :] - unit.lon - along * dx
        off_y = lats[:, None] - unit.lat - along * dy
        distance = off_x * off_x + off_y * off_y
        closer = distance < nearest
        nearest[closer] = distance[closer]
        fixed[closer] = index
    return fixed


def _fit(communes: tuple[gazetteer.OldCommune, ...]) -> Labels:
    """The grid with each cell's commune (index), areas of today's units fitted to the official ones."""
    codes = [unit.code for unit in gazetteer.units()]
    group = np.array([codes.index(commune.became) for commune in communes])
    target = np.array([unit.area_km2 for unit in gazetteer.units()])
    claims, fixed = _claims(communes), _fixed_cells(communes)
    strength = np.ones(len(communes))
    labels = fixed
    for _ in range(ROUNDS):
        labels = _assign(claims, strength, fixed)
        cells = np.bincount(labels[labels >= 0], minlength=len(communes))
        area = np.bincount(group, weights=cells, minlength=len(codes)) * KM2_PER_CELL
        strength += np.clip(0.5 * (target / np.maximum(area, 0.5) - 1.0), -0.25, 0.25)[group]
    return labels


def _faces(labels: Labels) -> tuple[list[BaseGeometry], list[int]]:
    """The connected areas of equal cells as polygons along the cells' sides, with their labels."""
    padded = np.pad(labels, 1, constant_values=OUTSIDE)
    across = np.argwhere(padded[1:-1, :-1] != padded[1:-1, 1:])  # between a cell and its right neighbour
    along = np.argwhere(padded[:-1, 1:-1] != padded[1:, 1:-1])
    starts = np.concatenate([across[:, ::-1], along[:, ::-1]])
    ends = np.concatenate([across[:, ::-1] + (0, 1), along[:, ::-1] + (1, 0)])
    sides = [shapely.LineString(side) for side in np.stack([starts, ends], axis=1).astype(float)]
    polygons = shapely.get_parts(shapely.polygonize(sides))
    inside = shapely.get_coordinates(shapely.point_on_surface(polygons))
    cells = np.floor(inside).astype(int)
    values = labels[cells[:, 1], cells[:, 0]]
    placed = shapely.transform(polygons, lambda xy: np.round(xy * STEP + (WEST, SOUTH), 6))
    return list(placed), [int(value) for value in values]


def _without_strays(faces: list[BaseGeometry], labels: list[int]) -> dict[int, BaseGeometry]:
    """One connected polygon a label: every smaller face of it joins the neighbour with the longest common border.

    A face of `OUTSIDE` that does not reach the edge of the grid is a hole in the city and is filled likewise.
    """
    order = sorted(range(len(faces)), key=lambda i: (-faces[i].area, faces[i].bounds))
    merged: dict[int, BaseGeometry] = {}
    strays: list[int] = []
    for i in order:
        if labels[i] == OUTSIDE or labels[i] in merged:
            strays.append(i)
        else:
            merged[labels[i]] = faces[i]
    # From the smallest, again and again, since a stray may touch other strays only.
    waiting = list(reversed(strays))
    while waiting:
        left = []
        for i in waiting:
            shared = {label: _common_border(faces[i], other) for label, other in merged.items()}
            label = max(shared, key=lambda key: (shared[key], -key))
            if shared[label] == 0.0:
                left.append(i)
            else:
                merged[label] = shapely.coverage_union_all([merged[label], faces[i]])
        if len(left) == len(waiting):
            break
        waiting = left
    return merged


def _common_border(one: BaseGeometry, other: BaseGeometry) -> float:
    """Length of the border between two faces, 0 where they meet in points at most."""
    if not shapely.box(*one.bounds).intersects(shapely.box(*other.bounds)):
        return 0.0
    return float(shapely.intersection(one.boundary, other.boundary).length)


def _multi(polygon: BaseGeometry) -> BaseGeometry:
    return shapely.MultiPolygon(list(shapely.get_parts(polygon)))


def _union(parts: list[BaseGeometry]) -> BaseGeometry:
    return _multi(shapely.coverage_union_all(parts))


@cache
def boundaries() -> Boundaries:
    """The approximate boundaries of the 133 communes, 9 districts and 40 units; about 3 s the first time."""
    communes = gazetteer.old_communes()
    faces, labels = _faces(_fit(communes))
    whole = _without_strays(faces, labels)
    stepped = [whole[index] for index in range(len(communes))]
    # Visvalingam-Whyatt over the whole coverage: a triangle of 2.5 cells takes the steps away and no neighbour apart.
    smooth = shapely.coverage_simplify(stepped, tolerance=STEP * 1.6, simplify_boundary=True)
    by_code = {commune.code: polygon for commune, polygon in zip(communes, smooth, strict=True)}
    return Boundaries(
        communes={code: _multi(polygon) for code, polygon in by_code.items()},
        districts={
            district: _union([by_code[c.code] for c in communes if c.district_code == district])
            for district in gazetteer.districts()
        },
        units={
            unit.code: _union([by_code[c.code] for c in communes if c.became == unit.code])
            for unit in gazetteer.units()
        },
        outline=_union(list(by_code.values())),
    )
