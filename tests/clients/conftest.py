"""A city of real data: Huế's wards, its UNESCO sites, an OpenStreetMap extract, imported as an operator does it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from tests.live_city import LiveCity, start, stop

# Numbers of a field, in the order of their features: more whole ones at first than any client looks at.
HEIGHTS = [24] * 60 + [25.5, 26, 0.125]


def numbers_file(file: Path) -> Path:
    """A dataset with the field ``cao`` of `HEIGHTS` and the field ``tang`` of whole numbers."""
    place = {"type": "Point", "coordinates": [107.5, 16.4]}
    features = [
        {"type": "Feature", "geometry": place, "properties": {"cao": height, "tang": 3}} for height in HEIGHTS
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


@dataclass(frozen=True)
class Source:
    """A source file as GDAL reads it: ``{key: (attributes, shapely geometry)}``, in the order of the file.

    The key is the value of a field, or the row's number where no field tells the rows apart.
    """

    path: Path
    features: dict[str, tuple[dict[str, Any], Any]]

    @classmethod
    def read(cls, path: Path, key: str | None) -> Source:
        meta, _, wkb, columns = pyogrio.raw.read(str(path))
        rows = [dict(zip(meta["fields"], values, strict=True)) for values in zip(*columns, strict=True)]
        shapes = shapely.from_wkb(np.asarray(wkb))
        keys = [str(row[key]) if key else str(number) for number, row in enumerate(rows)]
        return cls(path, dict(zip(keys, zip(rows, shapes, strict=True), strict=True)))


@pytest.fixture(scope="session")
def data() -> Path:
    folder = os.environ.get("HUONG_DATA")
    if not folder:
        pytest.skip("HUONG_DATA names no folder of source data: there is nothing real to import")
    return Path(folder)


@pytest.fixture(scope="session")
def wards(data: Path) -> Source:
    return Source.read(data / "admin_2025" / "hue_wards_2025.geojson", "code")


@pytest.fixture(scope="session")
def unesco(data: Path) -> Source:
    return Source.read(data / "heritage_hue" / "unesco_sites_polygons.geojson", None)


@pytest.fixture(scope="session")
def real_city(
    data: Path, wards: Source, unesco: Source, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveCity]:
    """The running city after the imports: 40 wards, 23 UNESCO sites (1 repaired), Andorra's 1,615 highways."""
    city = start("real", "empty", HUONG_DEMO="0")
    try:
        city.huong("load-units")
        city.huong("import", str(wards.path), "--layer", "admin_units")
        city.huong("import", str(unesco.path), "--dataset", "unesco_sites", "--repair")
        city.huong("import", str(data / "osm" / "andorra.osm.pbf"), "--layer", "roads")
        numbers = numbers_file(tmp_path_factory.mktemp("numbers") / "cao.geojson")
        city.huong("import", str(numbers), "--dataset", "so_le")
        yield city
    finally:
        stop(city)


def distance(one: Any, other: Any) -> float:
    """At least the Hausdorff distance of two shapes in their own units, and less than a last digit more.

    Where the vertices lie on each other one by one, the farthest pair of them bounds it: looking for each vertex's
    nearest place on the other shape takes seconds for the border of a ward.
    """
    ours, theirs = (shapely.get_coordinates(shapely.normalize(each)) for each in (one, other))
    if ours.shape == theirs.shape and len(ours):
        apart = float(np.hypot(*(ours - theirs).T).max())
        last_digit = 1e-7 if np.abs(theirs).max() <= 360 else 1e-3  # of degrees, of metres
        if apart <= last_digit:
            return apart
    return float(shapely.hausdorff_distance(one, other))
