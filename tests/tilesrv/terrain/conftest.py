"""A city with the height model of a roof, and a layer whose styles draw its relief."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gis_core.terrain import Terrain
from tests.tilesrv.conftest import TileCity
from tests.tilesrv.terrain import roof


@pytest.fixture(scope="module")
def published(tile_servers: TileCity) -> TileCity:
    tile_servers.publish(roof.layer())
    return tile_servers


@pytest.fixture
def relief(published: TileCity, tile_city: TileCity, tmp_path: Path) -> Iterator[TileCity]:
    roof.put(tile_city.var, tmp_path)
    yield tile_city
    Terrain(tile_city.var).remove()
