"""Features that the tests of editing write, by whom, and the requests that an API client and QGIS make of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import psycopg

from gis_core.reading import registry
from tests.acceptance import places
from tests.acceptance.asking import Call, Person, Reply
from tests.acceptance.places import KIM_LONG, point, square

PATCH = "application/merge-patch+json"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@dataclass(frozen=True)
class Case:
    """A layer, who edits it, what is written first, and a property that is then changed to two other values."""

    layer: str
    audience: str
    properties: dict[str, Any]
    changed: str
    values: tuple[Any, Any]
    shape: Any = point
    deletes: bool = True


CASES = (
    Case("trees", "operations", {"species": "Bằng lăng", "height_m": 4.5, "stems": 2, "protected": True,
                                 "planted_on": "2024-02-29", "checked_at": "2025-01-01T08:00:00Z", "state": "good"},
         "species", ("Phượng vĩ", "Long não")),
    Case("parcels", "land", {"sheet": 991, "number": 17, "land_use": "ODT", "certificate_no": "CS 01"},
         "certificate_no", ("CS 02", "CS 03"), square),
    Case("planning_zones", "land", {"lot_code": "OCT-01", "project": "Đồ án thử", "level": "general",
                                    "function": "<code>", "internal_note": "nháp"},
         "internal_note", ("một", "hai"), square),
    Case("reports", "officer", {"category": "<code>", "description": "Đèn không sáng", "staff_note": "gọi lại"},
         "staff_note", ("đã gọi", "đã xong"), deletes=False),
    Case("sensors", "operations", {"code": "THU-01", "name": "Trạm thử", "kind": "<code>", "contact_phone": "0000"},
         "contact_phone", ("0001", "0002")),
    Case("cameras", "operations", {"name": "Cầu thử", "purpose": "<code>", "owner_type": "<code>",
                                   "direction_deg": 90, "fov_deg": 60, "range_m": 80},
         "name", ("Cầu hai", "Cầu ba")),
)  # fmt: skip


def feature(case: Case, at: tuple[float, float]) -> dict[str, Any]:
    layer = registry().current(fresh=True).layers[case.layer].layer
    filled = {
        name: layer.field(name).codes[0].value if value == "<code>" else value
        for name, value in case.properties.items()
    }
    return {"type": "Feature", "geometry": case.shape(*at), "properties": filled}


def post(who: Person, layer: str, body: Any, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return who.ask(Call(f"/ogcapi/collections/{layer}/items", "POST", body, sent, "application/geo+json"))


def put(who: Person, url: str, body: Any, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return who.ask(Call(url, "PUT", body, sent, "application/geo+json"))


def patch(who: Person, url: str, properties: dict[str, Any], **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return who.ask(Call(url, "PATCH", {"properties": properties}, sent, PATCH))


def created(who: Person, layer: str, body: Any) -> str:
    """The path of a new feature."""
    done = post(who, layer, body)
    assert done.status == 201, done.body.decode()
    return "/" + done.headers["Location"].split("/", 3)[3]


def as_qgis(who: Person, url: str, **properties: Any) -> dict[str, Any]:
    """The feature as QGIS sends it back: all it read, ``version`` included, with some values changed."""
    read = who.get(url).json
    return {
        "type": "Feature",
        "id": read["id"],
        "geometry": read["geometry"],
        "properties": {**read["properties"], **properties},
    }


def feature_again(case: Case, owner: psycopg.Connection[Any]) -> dict[str, Any]:
    """The case's feature once more, with what must be unique made so."""
    lon, lat = places.inside(owner, KIM_LONG)
    number = time.monotonic_ns() % 1_000_000
    body = feature(case, (round(lon + number * 1e-9, 7), lat))
    unique = {"parcels": {"number": 1000 + number}, "sensors": {"code": f"THU-{number}"}}.get(case.layer, {})
    body["properties"] |= unique
    if case.layer == "parcels":
        body["properties"]["national_id"] = f"w7x{number:09d}".replace("a", "b")
    return body
