"""Debian's QGIS 3.22, headless: the layers load, with every feature where the source has it (CRS84).

QGIS 3.22 ignores the CRSs that a collection offers; what newer versions send is replayed in tests/conformance.
"""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from tests.clients.conftest import HEIGHTS, Source, distance
from tests.clients.installed_qgis import said_by_qgis
from tests.live_city import LiveCity


@pytest.fixture(scope="module")
def read_by_qgis(real_city: LiveCity) -> dict[str, Any]:
    layers = ("admin_units", "unesco_sites", "roads", "so_le")
    found: dict[str, Any] = said_by_qgis("qgis_read.py", f"{real_city.url}/ogcapi", *layers)
    return found


def test_every_layer_is_valid(read_by_qgis: dict[str, Any]) -> None:
    assert {name: layer["valid"] for name, layer in read_by_qgis.items()} == {
        "admin_units": True,
        "unesco_sites": True,
        "roads": True,
        "so_le": True,
    }


def test_numbers_of_which_the_first_are_whole_stay_numbers(read_by_qgis: dict[str, Any]) -> None:
    """Would fail if 24.0 were written 24: QGIS shows 25.5 as NULL then, and loses it when the feature is saved."""
    assert sorted(row["cao"] for row in read_by_qgis["so_le"]["rows"]) == sorted(HEIGHTS)


def test_the_wards_in_qgis_are_those_of_the_source(read_by_qgis: dict[str, Any], wards: Source) -> None:
    rows = {row["code"]: row for row in read_by_qgis["admin_units"]["rows"]}
    assert set(rows) == set(wards.features)
    for code, row in rows.items():
        attributes, shape = wards.features[code]
        assert row["name"] == attributes["name"]
        assert distance(shapely.from_wkt(row["wkt"]), shape) < 2e-7


def test_counts_agree(read_by_qgis: dict[str, Any], unesco: Source) -> None:
    assert len(read_by_qgis["unesco_sites"]["rows"]) == len(unesco.features)
    assert len(read_by_qgis["roads"]["rows"]) == 1615
