"""Editing in a real QGIS 3.40 from the generated project: what the planner changes is changed, and nothing else.

What it sends is replayed without it in `tests/acceptance/test_put_as_served.py`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.acceptance import places
from tests.acceptance.test_live import remove
from tests.clients.installed_qgis import answer_in
from tests.clients.test_qgis_project import download
from tests.clients.trixie import qgis_root, shared_folder, start_python
from tests.live_city import LiveCity
from tests.waiting import wait_until

PATIENCE_S = 300
ZONE = {"lot_code": "QG-01", "project": "Thử QGIS", "level": "general", "function": "DKV", "status": "draft"}
SQUARE = "MultiPolygon(((107.55 16.45,107.5512345 16.45,107.5512345 16.4512345,107.55 16.45)))"
RING = [
    [561000.123, 1818000.456],
    [561020.789, 1818000.456],
    [561020.789, 1818015.321],
    [561000.123, 1818015.321],
]
PARCEL = {"sheet": 977, "number": 3, "land_use": "ODT", "national_id": "w7xqg1234567"}
EPSG9214 = "<http://www.opengis.net/def/crs/EPSG/0/9214>"


@pytest.fixture(scope="module")
def root() -> Path:
    return qgis_root()


@pytest.fixture
def made(root: Path, live_city: LiveCity) -> Iterator[None]:
    """A zone without numbers and a surveyed parcel of our own; what is ours is taken away afterwards."""
    with live_city.client("land") as land:
        for layer, properties, geometry, headers in (
            ("planning_zones", ZONE, square(0.0), {}),
            (
                "parcels",
                PARCEL,
                {"type": "Polygon", "coordinates": [[*RING, RING[0]]]},
                {"Content-Crs": EPSG9214},
            ),
        ):
            body = {"type": "Feature", "properties": properties, "geometry": geometry}
            done = land.post(
                f"/ogcapi/collections/{layer}/items",
                content=json.dumps(body),
                headers={"Content-Type": "application/geo+json", **headers},
            )
            assert done.status_code == 201, done.text
    yield
    with live_city.connect() as owner:
        owner.execute("delete from planning_planningzone where project = 'Thử QGIS'")
        owner.execute("delete from parcels_parcel where sheet = 977")


def square(shift: float) -> dict[str, Any]:
    ring = [
        [107.5 + shift, 16.4],
        [107.5012345 + shift, 16.4],
        [107.5012345 + shift, 16.4012345],
        [107.5 + shift, 16.4],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


class Session:
    """One QGIS with the project of ``who``, going through ``steps``."""

    def __init__(
        self, root: Path, city: LiveCity, who: str, steps: list[dict[str, Any]], **project: str
    ) -> None:
        self.context = shared_folder(root)
        self.folder, home = self.context.__enter__()
        (self.folder / "huong.qgz").write_bytes(download(city, who, **project))
        shutil.copy(Path(__file__).parent / "qgis_edit.py", self.folder)
        for step in steps:
            step |= {name: f"{home}/{step[name]}" for name in ("wait_for", "done") if name in step}
        asked = {
            "project": f"{home}/huong.qgz",
            "user": f"test-{who}",
            "token": city.tokens[who],
            "authcfg": "huong00",
            "steps": steps,
        }
        (self.folder / "asked.json").write_text(json.dumps(asked))
        self.process = start_python(root, home, f"{home}/qgis_edit.py", f"{home}/asked.json")

    def wait(self, name: str) -> None:
        def reached() -> bool:
            return (self.folder / name).exists() or self.process.poll() is not None

        wait_until(reached, f"QGIS never came to {name}", PATIENCE_S)

    def go_on(self, name: str) -> None:
        (self.folder / name).touch()

    def said(self) -> list[dict[str, Any]]:
        out, errors = self.process.communicate(timeout=PATIENCE_S)
        self.context.__exit__(None, None, None)
        told = answer_in(out, errors)
        assert told["version"].startswith("3."), told
        steps: list[dict[str, Any]] = told["steps"]
        return steps


def row(city: LiveCity, table: str, where: str) -> dict[str, str]:
    """The stored row as texts: geometries to the last bit."""
    with city.connect() as owner:
        cursor: psycopg.Cursor[Any] = owner.execute(f"select * from {table} where {where}")
        names = [column.name for column in cursor.description or ()]
        texts = ", ".join(f'"{name}"::text' for name in names)
        (found,) = owner.execute(f"select {texts} from {table} where {where}").fetchall()
    return dict(zip(names, found, strict=True))


def corners(city: LiveCity, column: str) -> list[tuple[float, float]]:
    with city.connect() as owner:
        return owner.execute(
            f"select st_x(p.geom), st_y(p.geom) from parcels_parcel, st_dumppoints({column}) p where sheet = 977"
        ).fetchall()


ZONE_ROW = ("planning_planningzone", "project = 'Thử QGIS' and lot_code = 'QG-01'")
PARCEL_ROW = ("parcels_parcel", "sheet = 977")


def test_an_attribute_is_changed_alone_and_twice(root: Path, live_city: LiveCity, made: None) -> None:
    zone, parcel = row(live_city, *ZONE_ROW), row(live_city, *PARCEL_ROW)
    mine, ours = "lot_code = 'QG-01'", "sheet = 977"
    said = Session(
        root,
        live_city,
        "land",
        [
            {"do": "change", "layer": "planning_zones", "where": mine, "set": {"internal_note": "một"}},
            {"do": "change", "layer": "planning_zones", "where": mine, "set": {"internal_note": "hai"}},
            {"do": "change", "layer": "parcels", "where": ours, "set": {"address": "12 Kim Long"}},
            {"do": "change", "layer": "parcels", "where": ours, "set": {"legal_area_m2": 312.4}},
        ],
    ).said()
    assert [step.get("saved") for step in said] == [True] * 4, said
    assert row(live_city, *ZONE_ROW) == {**zone, "internal_note": "hai"}
    changed = {"address": "12 Kim Long", "legal_area_m2": "312.4"}
    assert row(live_city, *PARCEL_ROW) == {**parcel, **changed}


@pytest.mark.parametrize(("project", "by"), [({}, 0.00002), ({"crs": "storage"}, 0.512345)])
def test_a_corner_is_moved_alone(
    root: Path, live_city: LiveCity, made: None, project: dict[str, str], by: float
) -> None:
    """In degrees, of which QGIS sends six decimals, and in the coordinates of the survey."""
    before = {column: corners(live_city, column) for column in ("geom", "geom_original")}
    step = {"do": "move", "layer": "parcels", "where": "sheet = 977", "vertex": 1, "by": [by, 0.0]}
    (said,) = Session(root, live_city, "land", [step], **project).said()
    assert said.get("saved"), said
    for column, held in before.items():
        after = corners(live_city, column)
        moved = [corner for corner in after if corner not in held]
        assert len(after) == len(held) and len(moved) == 1, column
    if project:
        assert moved == [pytest.approx((RING[1][0] + by, RING[1][1]), abs=2e-6)]


def test_a_feature_is_made_once_and_deleted(root: Path, live_city: LiveCity, made: None) -> None:
    new = {**ZONE, "lot_code": "QG-02"}
    said = Session(
        root,
        live_city,
        "land",
        [
            {"do": "create", "layer": "planning_zones", "set": new, "wkt": SQUARE},
            {"do": "read", "layer": "planning_zones", "where": "lot_code = 'QG-02'"},
            {
                "do": "change",
                "layer": "planning_zones",
                "where": "lot_code = 'QG-02'",
                "set": {"internal_note": "x"},
            },
            {"do": "delete", "layer": "planning_zones", "where": "lot_code = 'QG-01'"},
        ],
    ).said()
    assert [step.get("saved") for step in said] == [True, None, True, True], said
    assert said[1]["properties"]["version"]  # read again from the server: what it fills is there
    with live_city.connect() as owner:
        kept = owner.execute(
            "select lot_code, internal_note from planning_planningzone where project = 'Thử QGIS'"
        )
        assert kept.fetchall() == [("QG-02", "x")]


def test_no_update_is_lost_and_no_fresh_work_deleted(root: Path, live_city: LiveCity, made: None) -> None:
    """Somebody else saves a change after QGIS has read the layer."""
    where = "lot_code = 'QG-01'"
    session = Session(
        root,
        live_city,
        "land",
        [
            {"do": "open", "layer": "planning_zones", "done": "opened"},
            {"do": "change", "layer": "planning_zones", "where": where, "set": {"internal_note": "QGIS"},
             "wait_for": "changed"},
            {"do": "delete", "layer": "planning_zones", "where": where},
            {"do": "reload", "layer": "planning_zones"},
            {"do": "change", "layer": "planning_zones", "where": where, "set": {"internal_note": "QGIS"},
             "done": "saved"},
            {"do": "reload", "layer": "planning_zones", "wait_for": "again"},
            {"do": "read", "layer": "planning_zones", "where": where},
            {"do": "delete", "layer": "planning_zones", "where": where, "done": "deleted"},
        ],
    )  # fmt: skip
    session.wait("opened")
    by_another(live_city, lambda properties: {**properties, "decision_no": "17/QĐ"})
    session.go_on("changed")
    session.wait("saved")
    between = row(live_city, *ZONE_ROW)
    assert (between["decision_no"], between["internal_note"]) == ("17/QĐ", "QGIS")
    session.go_on("again")
    said = session.said()
    assert [step.get("saved") for step in said] == [None, False, False, None, True, None, None, True], said


def by_another(city: LiveCity, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    with city.client("second-land") as other:
        found = other.get("/ogcapi/collections/planning_zones/items", params={"lot_code": "QG-01"}).json()[
            "features"
        ]
        (feature,) = found
        feature["properties"] = change(feature["properties"])
        done = other.put(
            f"/ogcapi/collections/planning_zones/items/{feature['id']}",
            content=json.dumps(feature),
            headers={"Content-Type": "application/geo+json"},
        )
        assert done.status_code == 204, done.text


LATE = """
insert into dataset.late_trees (species, height_m, stems, protected, planted_on, checked_at, geom)
select 'Cây ' || i, h, n, p, d, t, st_point(107.58 + i * 1e-4, 16.46, 4326) from generate_series(1, 14) i
left join (values (11, 4.5, 3, true, '2024-02-29'::date, '2025-01-01T08:00:00.456Z'::timestamptz),
                  (12, 7, 0, false, null, null)) v (at, h, n, p, d, t) on at = i"""


@pytest.fixture
def late_trees(live_city: LiveCity) -> Iterator[None]:
    places.publish(live_city.config, places.dataset("late_trees"), LATE)
    with live_city.client("operations") as client:
        wait_until(lambda: client.get("/ogcapi/collections/late_trees").is_success, "the dataset never came")
    try:
        yield
    finally:
        remove(live_city, "late_trees")


def test_fields_that_are_empty_at_first_keep_what_comes_later(
    root: Path, live_city: LiveCity, late_trees: None
) -> None:
    """QGIS 3.40 takes the types of fields from the first ten features: those that are empty there are texts to it."""
    before = {n: row(live_city, "dataset.late_trees", f"fid = {n}") for n in (11, 12, 13)}
    steps = [
        {
            "do": "change",
            "layer": "late_trees",
            "where": f"species = 'Cây {n}'",
            "set": {"species": f"Mới {n}"},
        }
        for n in before
    ]
    said = Session(root, live_city, "operations", steps).said()
    assert [step.get("saved") for step in said] == [True] * 3, said
    for n, kept in before.items():
        assert row(live_city, "dataset.late_trees", f"fid = {n}") == {**kept, "species": f"Mới {n}"}


def test_moments_of_a_report_stand(root: Path, live_city: LiveCity) -> None:
    """QGIS sends them in its machine's zone, to the millisecond, without saying so."""
    with live_city.client("officer") as officer:
        items = officer.get("/ogcapi/collections/reports/items", params={"limit": 1}).json()
    fid, kept = items["features"][0]["id"], items["features"][0]["properties"]
    before = row(live_city, "reports_report", f"fid = {fid}")
    step = {
        "do": "change",
        "layer": "reports",
        "where": f'"version" = {kept["version"]}',
        "set": {"staff_note": "từ QGIS"},
    }
    try:
        (said,) = Session(root, live_city, "officer", [step]).said()
        assert said.get("saved"), said
        assert row(live_city, "reports_report", f"fid = {fid}") == {**before, "staff_note": "từ QGIS"}
    finally:
        with live_city.connect() as owner:
            owner.execute(
                "update reports_report set staff_note = %s where fid = %s", [before["staff_note"], fid]
            )
