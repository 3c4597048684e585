"""What GetMap leaves behind in memory: nothing that grows, whatever is asked of it."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyproj
import pytest

from gis_core.layer import DeclaredStyle
from gis_core.words import Text
from tests.tilesrv.conftest import A_LUOI, ROWS, STEP, UNITS_IN_TIME, TileCity
from tests.tilesrv.marks import CODES
from tests.tilesrv.test_pictures import coloured

FULL = os.environ.get("HUONG_TEST_FULL") == "1"
MAPS = 1000 if FULL else 40
WARM = 30  # pictures until every code path has been taken and every library loaded
LARGEST = 4096
LAYERS = ("test_plots", "test_plots,test_epochs", "test_plots,test_plots", "test_epochs")
STYLES = {"test_plots": ("default", "holder", "names"), "test_epochs": ("default",)}
FORMATS = ("image/png", "image/png; mode=8bit", "image/jpeg", "image/webp")
NAMES = {
    "id": "names",
    "type": "symbol",
    "layout": {
        "text-field": ["concat", ["get", "code"], " Huế"],
        "text-size": 11,
        "text-allow-overlap": True,
    },
    "paint": {"text-halo-color": "#ffffff", "text-halo-width": 1},
}


@pytest.fixture
def maps(tile_city: TileCity) -> TileCity:
    layer = coloured()
    named = DeclaredStyle(id="names", title=Text("Tên", "Names"), layers=(*layer.styles[0].layers, NAMES))
    tile_city.publish(coloured(styles=(*layer.styles, named)), UNITS_IN_TIME)
    return tile_city


def random_map(rng: random.Random, side: int) -> dict[str, str]:
    """A GetMap of 1.1.1 (x first in every CRS), now and then of nothing, or of what is refused."""
    layers = rng.choice(LAYERS)
    code = rng.choice(CODES)
    across = rng.choice((0.0005, 0.005, 0.02, 0.5, 5.0))  # degrees
    west, south = (each + rng.uniform(-0.3, 1) * ROWS * STEP for each in A_LUOI)
    box = (west, south, west + across, south + across * rng.uniform(0.3, 2))
    if code not in ("CRS:84", "EPSG:4326"):
        box = pyproj.Transformer.from_crs(4326, code, always_xy=True).transform_bounds(*box)
    query = {
        "service": "WMS",
        "version": "1.1.1",
        "request": "GetMap",
        "layers": layers,
        "styles": ",".join(rng.choice(STYLES[each]) for each in layers.split(",")),
        "srs": code,
        "bbox": ",".join(map(repr, box)),
        "width": str(rng.randint(1, side)),
        "height": str(rng.randint(1, side)),
        "format": rng.choice(FORMATS),
        "transparent": rng.choice(("true", "false")),
        "dpi": str(rng.choice((96, 96, rng.uniform(60, 500)))),
    }
    if "test_epochs" in layers and rng.random() < 0.5:
        query["time"] = f"20{rng.randint(10, 26)}-06-01"
    if rng.random() < 0.05:
        query |= {"layers": "none", "styles": "", "exceptions": "application/vnd.ogc.se_inimage"}
    return query


def family(pid: int) -> Iterator[int]:
    """A process and those that it started."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


def sizes_mb(pid: int) -> dict[int, float]:
    """The resident memory of a process and of those that it started."""
    page = os.sysconf("SC_PAGE_SIZE") / 2**20
    return {each: int(Path(f"/proc/{each}/statm").read_text().split()[1]) * page for each in family(pid)}


@pytest.mark.timeout(7200 if FULL else 900)
def test_memory_is_bounded(maps: TileCity) -> None:
    """Random GetMap requests up to 4096 px leave the tile process, and each that draws for it, within 10 % of its
    size before (1,000 of them with HUONG_TEST_FULL=1)."""
    rng = random.Random(7)
    server = maps.processes[0].pid

    same = random_map(random.Random(1), LARGEST) | {
        "width": "4096",
        "height": "4096",
    }  # both sizes are those after it

    def ask(client: httpx.Client, query: dict[str, str]) -> None:
        answer = client.get("/wms", params=query)
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("image/"), answer.text

    with httpx.Client(base_url=maps.urls[0], timeout=60) as client:
        for number in range(WARM):
            ask(client, random_map(rng, LARGEST if number % 3 == 0 else 600))
        ask(client, same)
        before, began = sizes_mb(server), time.monotonic()
        assert len(before) > 1, "nothing is drawn in processes of its own"
        for _ in range(MAPS):
            ask(client, random_map(rng, LARGEST))
        ask(client, same)
        after = sizes_mb(server)
    told = ", ".join(f"{before.get(pid, 0):.0f} -> {size:.0f} MB" for pid, size in after.items())
    print(f"{MAPS} maps in {time.monotonic() - began:.0f} s: {told}")
    assert after.keys() == before.keys(), "a process was replaced"
    assert all(size <= before[pid] * 1.1 for pid, size in after.items()), told
