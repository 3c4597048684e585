"""The process what-is-here: what it finds, what it refuses, and that it leaves the server to others."""

from __future__ import annotations

import json
import threading
from typing import Any

import psycopg
import pytest
from django.test import Client

from gis_core.config import Config
from ogc_api import processes

CITY = "demo"
EXECUTION = "/ogcapi/processes/what-is-here/execution"


def run(inputs: Any, **more: Any) -> Any:
    body = json.dumps({"inputs": inputs, **more})
    return Client().post(EXECUTION, body, content_type="application/json", headers={"host": "127.0.0.1"})


def test_it_finds_the_unit_of_a_point_and_the_nearest_first(city: Config) -> None:
    found = run({"lon": 107.577, "lat": 16.4785, "distance_m": 300}).json()["found"]
    by_layer = {each["collection"]: each["features"] for each in found}
    assert next(unit["distance_m"] for unit in by_layer["admin_units"]) == 0
    for features in by_layer.values():
        distances = [feature["distance_m"] for feature in features]
        assert distances == sorted(distances) and max(distances) <= 301


def test_distances_agree_with_the_ellipsoid(city: Config) -> None:
    """Measured in a projection: would fail if its scale were forgotten (4 % at this latitude)."""
    lon, lat = 107.577, 16.4785
    found = run({"lon": lon, "lat": lat, "distance_m": 3000, "limit": 50}).json()["found"]
    near = {
        f["id"]: f["distance_m"]
        for each in found
        if each["collection"] == "facilities"
        for f in each["features"]
    }
    assert len(near) > 20
    with psycopg.connect(**city.connection("owner")) as owner:
        for fid, metres in near.items():
            (true,) = owner.execute(
                "select st_distance(geom::geography, st_setsrid(st_makepoint(%s, %s), 4326)::geography)"
                " from facilities_facility where fid = %s",
                [lon, lat, fid],
            ).fetchone()
            assert metres == pytest.approx(true, rel=0.007, abs=1)


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"lon": 107},
        {"lon": "x", "lat": 16},
        {"lon": 107, "lat": 99},
        {"lon": 107, "lat": 16, "secret": 1},
    ],
)
def test_inputs_that_do_not_fit_are_refused(city: Config, inputs: dict[str, Any]) -> None:
    answer = run(inputs)
    assert answer.status_code == 400 and answer.json()["code"] == "bad-inputs"


def test_no_address_is_called_for_a_stranger(city: Config) -> None:
    """pygeoapi would send the result to ``successUri``."""
    answer = run({"lon": 107, "lat": 16}, subscriber={"successUri": "http://127.0.0.1:9/"})
    assert answer.status_code == 400


def test_a_second_run_at_once_is_put_off(city: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "WAIT_S", 0.01)
    monkeypatch.setattr(processes, "_running", threading.Semaphore(0))
    answer = run({"lon": 107, "lat": 16})
    assert answer.status_code == 429 and answer.headers["Retry-After"]
