"""In which coordinate reference system a file's numbers are, and whether that can be true."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyproj
from numpy.typing import NDArray

from gis_core.problems import Problem, bad_request
from gis_core.words import Text
from imports.frames import Opening

Bounds = tuple[float, float, float, float]
HUE = 9214
LANG_SON = 9215
TM3_ZONES = (*range(9205, 9219), *range(5896, 5900), *range(6956, 6960))
IMPORTABLE = frozenset({4326, 4756, 3857, 3405, 3406, 32648, 32649, *TM3_ZONES})
"""EPSG codes that files may be in: WGS 84 and VN-2000, as degrees and in their zones. All are x (east) first here."""
VIETNAM: Bounds = (102.0, 6.0, 118.0, 24.0)
STATED = re.compile(r"EPSG:([0-9]{4,6})", re.IGNORECASE)


@dataclass(frozen=True)
class SourceCrs:
    """The system of the file's coordinates by EPSG code; the order is always x (east), y (north)."""

    srid: int

    @property
    def name(self) -> str:
        return f"EPSG:{self.srid}"

    @property
    def title(self) -> str:
        return f"{pyproj.CRS.from_epsg(self.srid).name} ({self.name})"

    def to_lonlat(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) coordinates as longitude, latitude in EPSG:4326; infinite where they have no place on Earth."""
        if self.srid == 4326 or not len(points):
            return points
        x, y = transformer(self.srid).transform(points[:, 0], points[:, 1])
        return np.column_stack((x, y))


@cache
def transformer(srid: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(srid, 4326, always_xy=True)


def choose_crs(asked: str | None, opening: Opening, bounds: Bounds) -> SourceCrs:
    """The system that ``asked`` (``--crs``) names, else the file's own.

    Raises Problem 400, saying what to do, where it is unknown, not supported, or a guess that the numbers disprove.
    """
    if asked is not None:
        return supported(asked.strip())
    if not opening.crs:
        words = opening.crs_words
        raise bad_request(
            "unknown-crs",
            (f"Tệp ghi hệ tọa độ “{words}”, không nhận ra được." if words else "Tệp không ghi hệ tọa độ.")
            + " Hãy nêu bằng --crs, ví dụ --crs EPSG:9214 (VN-2000 của Huế) hoặc EPSG:4326 (kinh vĩ độ).",
            (
                f"The file calls its system “{words}”, which is not known."
                if words
                else "The file names no system."
            )
            + " Name it with --crs, such as --crs EPSG:9214 (VN-2000 of Huế) or EPSG:4326 (degrees).",
            parameter="crs",
        )
    crs = supported(opening.crs)
    if crs.srid == 4326 and not are_degrees(bounds):
        raise not_degrees(bounds, stated=opening.crs_stated)
    return crs


def stated_crs(asked: str | None, opening: Opening) -> SourceCrs | None:
    """What `choose_crs` will choose unless it refuses; None where it is sure to."""
    try:
        return supported((asked or opening.crs).strip())
    except Problem:
        return None


def supported(name: str) -> SourceCrs:
    if name.upper() in ("OGC:CRS84", "CRS84"):
        return SourceCrs(4326)
    found = STATED.fullmatch(name)
    if found and int(found[1]) in IMPORTABLE:
        return SourceCrs(int(found[1]))
    shown = name[:60]
    raise bad_request(
        "unsupported-crs",
        f"Không nhập được từ hệ tọa độ “{shown}”. Dùng được: EPSG:4326, EPSG:3857, VN-2000 (EPSG:9214 cho Huế, 9205"
        " đến 9218, 5896 đến 5899, 3405, 3406, 4756), UTM 48N, 49N. Hãy chuyển tệp sang một hệ đó, hoặc nêu --crs.",
        f"Files in “{shown}” cannot be imported. These can: EPSG:4326, EPSG:3857, VN-2000 (EPSG:9214 for Huế, 9205 to"
        " 9218, 5896 to 5899, 3405, 3406, 4756), UTM 48N, 49N. Transform the file to one of them, or name --crs.",
        parameter="crs",
    )


def are_degrees(bounds: Bounds) -> bool:
    # Swapped degrees of Vietnam (16, 107) are degrees still; they get a warning of their own.
    return not all(map(math.isfinite, bounds)) or max(map(abs, bounds)) <= 360


def not_degrees(bounds: Bounds, *, stated: bool) -> Problem:
    likely = likely_zones(bounds)
    vi = f" Có thể là {likely}: thử --crs {likely}." if likely else " Hãy nêu hệ tọa độ bằng --crs."
    en = f" It may be {likely}: try --crs {likely}." if likely else " Name the system with --crs."
    return bad_request(
        "coordinates-are-not-degrees",
        ("Tệp ghi là kinh vĩ độ" if stated else "Tệp không ghi hệ tọa độ (GeoJSON mặc định là kinh vĩ độ)")
        + f" nhưng có tọa độ như {bounds[0]:.0f}, {bounds[1]:.0f}."
        + vi,
        ("The file says degrees" if stated else "The file names no system (GeoJSON means degrees then)")
        + f" but has coordinates such as {bounds[0]:.0f}, {bounds[1]:.0f}."
        + en,
        parameter="crs",
    )


def likely_zones(bounds: Bounds) -> str:
    """The system in which the centre of ``bounds`` lies in or near Huế, else in Vietnam; empty if there is none."""
    centre = middle(bounds)
    for srid, box in ((HUE, (106.9, 15.9, 108.3, 16.9)), (HUE, VIETNAM), (3857, VIETNAM)):
        if inside(SourceCrs(srid).to_lonlat(np.array([centre]))[0], box):
            return f"EPSG:{srid}"
    return ""


def middle(bounds: Bounds) -> tuple[float, float]:
    return (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2


def inside(point: NDArray[np.float64], box: Bounds) -> bool:
    return bool(box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3])


def warnings(crs: SourceCrs, bounds: Bounds) -> Iterator[Text]:
    """What looks wrong about data in ``crs`` with such ``bounds``, but may be meant."""
    if crs.srid == LANG_SON:
        yield Text(
            "Tệp ở EPSG:9215, múi của Lạng Sơn. Múi của Huế là EPSG:9214; nhầm hai múi thì lệch 26,7 km.",
            "The file is in EPSG:9215, the zone of Lạng Sơn. Huế's is EPSG:9214; the wrong one is 26.7 km off.",
        )
    elif crs.srid in TM3_ZONES and crs.srid != HUE:
        yield Text(
            f"Tệp ở {crs.title}, không phải múi của Huế (EPSG:9214). Kiểm tra lại hệ tọa độ.",
            f"The file is in {crs.title}, not in Huế's zone (EPSG:9214). Check its system.",
        )
    if not all(map(math.isfinite, bounds)):
        return
    x, y = middle(bounds)
    here, swapped = crs.to_lonlat(np.array([[x, y], [y, x]]))
    if inside(here, VIETNAM):
        return
    if inside(swapped, VIETNAM):
        yield Text(
            "Tọa độ có vẻ bị đảo trục (bắc trước, đông sau): đảo lại thì nằm trong Việt Nam.",
            "The axes seem to be swapped (north before east): the other way round the data lies in Vietnam.",
        )
    else:
        yield Text(
            f"Dữ liệu nằm ngoài Việt Nam (quanh {here[0]:.3f}, {here[1]:.3f}). Kiểm tra lại hệ tọa độ.",
            f"The data lies outside Vietnam (around {here[0]:.3f}, {here[1]:.3f}). Check its system.",
        )
