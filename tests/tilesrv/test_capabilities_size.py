"""A city of sixty layers: its capabilities stay small, and are at hand once they have been written."""

from __future__ import annotations

import time
from dataclasses import replace

import httpx
import pytest

from gis_core.words import Text
from tests.tilesrv.conftest import TileCity, publish
from tests.tilesrv.marks import AREAS, client, marked

__all__ = ["client", "marked"]

LAYERS = 60
MOST_BYTES = 300_000

WORDS = Text(
    "Một lớp dữ liệu của thành phố, được mô tả trong một câu dài như ở các lớp thật, để tài liệu có cỡ thật.",
    "A layer of the city, described in a sentence as long as those of real layers, so that sizes are real ones.",
)
PATHS = (
    "/wms?service=WMS&request=GetCapabilities",
    "/wms?service=WMS&request=GetCapabilities&version=1.1.1",
    "/wmts/1.0.0/WMTSCapabilities.xml",
)


@pytest.fixture(scope="module")
def many(marked: TileCity) -> TileCity:
    layers = [
        replace(
            AREAS,
            id=f"test_many_{n}",
            title=Text(f"Lớp {n}", f"Layer {n}"),
            description=WORDS,
            group=Text(f"Nhóm {n % 7}", "G"),
        )
        for n in range(LAYERS)
    ]
    marked.publish(*layers)
    return marked


@pytest.mark.parametrize("path", PATHS)
def test_sixty_layers(client: httpx.Client, many: TileCity, path: str) -> None:
    first = client.get(path)
    assert first.text.count("test_many_") > LAYERS
    assert len(first.content) < MOST_BYTES
    again = client.get(path)
    assert again.content == first.content


def test_a_new_layer_is_in_them_at_once(client: httpx.Client, many: TileCity) -> None:
    """Kept documents are of one catalogue: the next one is written anew."""
    before = client.get(PATHS[0])
    publish(many.config, replace(AREAS, id="test_newcomer"))
    deadline = time.monotonic() + 60
    while "test_newcomer" not in client.get(PATHS[0]).text:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert client.get(PATHS[0]).headers["etag"] != before.headers["etag"]


def test_a_moved_feature_is_another_extent(client: httpx.Client, many: TileCity) -> None:
    """The worker measures extents anew; documents of the old ones are not handed out any more."""
    path = PATHS[0]
    before = client.get(path).headers["etag"]
    with many.owner() as owner:
        owner.execute("update huong.extent set east = east + 1 where layer = 'test_many_1'")
    assert client.get(path).headers["etag"] != before
