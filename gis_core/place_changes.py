"""How much a place has changed, in words: its area, and how far its corners have moved."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis_core.place_text import METRIC, rings_of
from gis_core.words import Text

# An area that changes by more than this share of what it was is asked about before it is saved.
ASKED_SHARE = 0.01
METRES_A_DEGREE = 111_195.0


@dataclass(frozen=True)
class AreaChange:
    """An area before (None: there was none) and after, in m²."""

    before: float | None
    after: float

    @property
    def confirmation(self) -> str:
        """What confirms this change and no other one."""
        return f"{self.after:.1f}"

    @property
    def is_large(self) -> bool:
        return self.before is not None and abs(self.after - self.before) > ASKED_SHARE * self.before

    @property
    def is_seen(self) -> bool:
        """Whether the two differ as they are written."""
        return self.before is not None and f"{self.before:.1f}" != f"{self.after:.1f}"

    def words(self) -> Text:
        if self.before is None or not self.is_seen:
            return _each("Diện tích {} m²", "Area {} m²", number(self.after))
        apart = self.after - self.before
        share = 100 * apart / self.before if self.before else math.inf
        said = [number(self.before), number(self.after), number(apart, signed=True)]
        said.append(number(share, signed=True, decimals=1 if abs(share) >= 0.1 else 3))
        return _each("Diện tích {} → {} m² ({} m², {} %)", "Area {} → {} m² ({} m², {} %)", *said)

    def question(self) -> Text:
        share = f"{100 * ASKED_SHARE:g} %"
        said = self.words()
        return Text(
            f"{said.vi}. Thay đổi lớn hơn {share}: hãy xác nhận rồi lưu lại.",
            f"{said.en}. It changes by more than {share}: confirm it, then save again.",
        )


def area_of(shape: BaseGeometry | None, srid: int) -> float | None:
    """Square metres of an areal ``shape`` (x east): planar in VN-2000, as surveyed; on the ellipsoid in degrees."""
    if shape is None or "Polygon" not in shape.geom_type:
        return None
    if srid in METRIC:
        return float(shape.area)
    found = 0.0
    for polygon in shapely.get_parts(shape):
        rings = [abs(ellipsoid().geometry_area_perimeter(ring)[0]) for ring in rings_of(polygon)]
        found += rings[0] - sum(rings[1:])
    return found


def area_change(before: BaseGeometry | None, after: BaseGeometry | None, srid: int) -> AreaChange | None:
    """None where there is no area afterwards."""
    area = area_of(after, srid)
    return None if area is None else AreaChange(area_of(before, srid), area)


@cache
def ellipsoid() -> pyproj.Geod:
    return pyproj.Geod(ellps="WGS84")


def moved_words(before: BaseGeometry, after: BaseGeometry, srid: int) -> Text:
    """How ``after`` differs from ``before``, both in EPSG:``srid``, x east: corners moved, added, taken; the area."""
    gone, come = corners_apart(before, after)
    said = []
    if before.geom_type.endswith("Point") and len(gone) == len(come) == 1:
        said.append(_each("dời {} m", "moved by {} m", number(farthest(gone, come, srid), decimals=2)))
    elif gone and len(gone) == len(come):
        far = number(farthest(gone, come, srid), decimals=2)
        count = str(len(gone))
        said.append(
            _each("dời {} đỉnh, xa nhất {} m", "{} corners moved, at most by {} m", Text(count, count), far)
        )
    elif gone or come:
        counts = [Text(str(len(each)), str(len(each))) for each in (come, gone)]
        said.append(_each("thêm {} đỉnh, bớt {} đỉnh", "{} corners added, {} taken", *counts))
    else:
        said.append(Text("thứ tự đỉnh đổi", "corners in another order"))
    change = area_change(before, after, srid)
    if change is not None:
        said.append(change.words())
    return Text("; ".join(each.vi for each in said), "; ".join(each.en for each in said))


def place_words(shape: BaseGeometry, srid: int) -> Text:
    """What a place is, in short: its corners and its area."""
    corners = corners_of(shape)
    if len(corners) == 1:
        east, north = corners[0]
        point = f"{north:.{3 if srid in METRIC else 7}f}, {east:.{3 if srid in METRIC else 7}f}"
        return Text(point, point)
    count = Text(f"{len(corners)} đỉnh", f"{len(corners)} corners")
    area = area_change(None, shape, srid)
    if area is None:
        return count
    said = area.words()
    return Text(f"{count.vi}; {said.vi}", f"{count.en}; {said.en}")


Corner = tuple[float, float]


def corners_of(shape: BaseGeometry) -> list[Corner]:
    """The corners of every part and ring; a ring's last, which is its first, once."""
    found: list[Corner] = []
    for part in rings_of(shape):
        points = shapely.get_coordinates(part)
        closed = part.geom_type == "LinearRing" and len(points) > 1
        found += [(float(x), float(y)) for x, y in (points[:-1] if closed else points)]
    return found


def corners_apart(before: BaseGeometry, after: BaseGeometry) -> tuple[list[Corner], list[Corner]]:
    """Corners of ``before`` that ``after`` has not, and the other way round, each in its order."""
    old, new = corners_of(before), corners_of(after)
    return without(old, new), without(new, old)


def without(corners: list[Corner], others: list[Corner]) -> list[Corner]:
    left = Counter(others)
    found = []
    for corner in corners:
        if left[corner]:
            left[corner] -= 1
        else:
            found.append(corner)
    return found


def farthest(before: list[Corner], after: list[Corner], srid: int) -> float:
    """The greatest distance in metres between corners of the same place in two lists."""
    steps: NDArray[np.float64] = np.asarray(after) - np.asarray(before)
    if srid not in METRIC:
        latitude = math.radians(float(np.asarray(before)[:, 1].mean()))
        steps = steps * METRES_A_DEGREE * np.array([math.cos(latitude), 1.0])
    return float(np.hypot(steps[:, 0], steps[:, 1]).max())


def number(value: float, *, signed: bool = False, decimals: int = 1) -> Text:
    """A number as each language writes it."""
    english = f"{value:{'+' if signed else ''},.{decimals}f}".replace("-", "\N{MINUS SIGN}")
    return Text(english.translate(str.maketrans(",.", ".,")), english)


def _each(vi: str, en: str, *parts: Text) -> Text:
    return Text(vi.format(*(part.vi for part in parts)), en.format(*(part.en for part in parts)))
