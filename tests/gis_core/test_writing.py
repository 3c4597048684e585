"""`gis_core.writing.write` below the API: what declarations alone decide, on tables and on Django models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import shapely
from django.db import connection as django_connection

from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.layer import Field, Layer, Scope, Write
from gis_core.model_rules import signature
from gis_core.problems import Problem
from gis_core.reading import registry
from gis_core.registry import Published
from gis_core.values import Columns, Place
from gis_core.writing import Change, write
from sensors.models import Station
from tests.acceptance import places
from tests.acceptance.places import ELSEWHERE, KIM_LONG, PHU_XUAN, inside

CITY = "demo"
OPERATIONS = Caller("operations", (), "user:7")
OFFICER = Caller("officer", (KIM_LONG,), "user:8")
served: list[tuple[Layer, Change, Columns, Caller]] = []


@pytest.fixture(scope="module", autouse=True)
def trees(_database_of_module: None) -> None:
    config = Config.from_env()
    places.publish(config, places.dataset("trees"))
    unit = Field(name="unit_code", label=places.text("Mã xã"), type="text", writable=False)
    own = places.dataset("unit_trees")
    scoped = replace(
        own,
        fields=(*own.fields, unit),
        scope=Scope("unit_code"),
        write=Write(audiences=frozenset({"officer"})),
    )
    places.publish(config, scoped)


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:
        yield connection


def published(layer_id: str, **changes: Any) -> Published:
    """The layer as published, or with its declaration changed for this process alone."""
    found = registry().current(fresh=True).layers[layer_id]
    return replace(found, layer=replace(found.layer, **changes)) if changes else found


def create(layer: Published, at: tuple[float, float], caller: Caller, **properties: Any) -> int:
    return write(layer, Change("create", properties=properties, place=Place(shapely.Point(at))), caller).fid


def refusal(layer: Published, change: Change, caller: Caller) -> Problem:
    with pytest.raises(Problem) as caught:
        write(layer, change, caller)
    return caught.value


def test_replacing_a_models_feature_keeps_fields_of_others(owner: psycopg.Connection[Any]) -> None:
    """The same as with datasets: a Django model is saved whole, and must not blank what its sender does not see."""
    layer = published("sensors")
    kind = layer.layer.field("kind").codes[0].value
    fid = create(
        layer, inside(owner, KIM_LONG), OPERATIONS, code="G1", name="Giữ", kind=kind, contact_phone="0234"
    )
    fields = tuple(
        replace(f, audiences=frozenset({"land"})) if f.name == "contact_phone" else f
        for f in layer.layer.fields
    )
    blind = published("sensors", fields=fields)
    at = Place(shapely.Point(inside(owner, KIM_LONG)))
    write(blind, Change("replace", fid, {"code": "G1", "name": "Mới", "kind": kind}, at), OPERATIONS)
    row = owner.execute("select name, contact_phone from sensors_station where fid = %s", [fid]).fetchone()
    assert row == ("Mới", "0234")
    change = Change("replace", fid, {"code": "G1", "name": "x", "kind": kind, "contact_phone": "1"}, at)
    assert refusal(blind, change, OPERATIONS).status == 400


def test_a_scoped_dataset_finds_the_unit_and_refuses_the_others(owner: psycopg.Connection[Any]) -> None:
    layer = published("unit_trees")
    fid = create(layer, inside(owner, KIM_LONG), OFFICER, species="Sến")
    assert owner.execute("select unit_code from dataset.unit_trees where fid = %s", [fid]).fetchone() == (
        KIM_LONG,
    )
    for unit in (PHU_XUAN, ELSEWHERE):
        there = Place(shapely.Point(inside(owner, unit)))
        assert (
            refusal(layer, Change("create", properties={"species": "x"}, place=there), OFFICER).status == 403
        )
        assert refusal(layer, Change("update", fid, place=there), OFFICER).status == 403
    sea = Place(shapely.Point(108.9, 17.5))
    assert refusal(layer, Change("create", properties={"species": "x"}, place=sea), OFFICER).status == 403
    owner.execute("update dataset.unit_trees set unit_code = %s where fid = %s", [PHU_XUAN, fid])
    for op in ("update", "delete", "replace"):
        assert refusal(layer, Change(op, fid, {"species": "x"}), OFFICER).status == 404


def test_who_may_write_is_said_by_the_declaration(owner: psycopg.Connection[Any]) -> None:
    at = Place(shapely.Point(inside(owner, KIM_LONG)))
    make = Change("create", properties={"species": "Bàng"}, place=at)
    only = frozenset({"operations"})
    assert refusal(published("trees"), make, Caller("operations")).status == 401
    assert refusal(published("trees"), make, replace(OPERATIONS, writes=False)).status == 403
    assert refusal(published("trees"), make, OFFICER).status == 403
    assert refusal(published("trees", write=None), make, OPERATIONS).status == 403
    assert (
        refusal(published("trees", write=Write(audiences=only, create=False)), make, OPERATIONS).status == 403
    )
    fid = write(published("trees"), make, OPERATIONS).fid
    kept = published("trees", write=Write(audiences=only, delete=False))
    assert refusal(kept, Change("delete", fid), OPERATIONS).status == 403
    assert refusal(published("trees", audiences=frozenset({"land"})), make, OPERATIONS).status == 403


@pytest.mark.parametrize("written_by", ["benches.Bench:0123456789abcdef", "sensors.Station:0123456789abcdef"])
def test_a_layer_whose_model_is_not_known_here_is_not_written(
    owner: psycopg.Connection[Any], written_by: str
) -> None:
    """It was declared, or its model changed, after this process began: by SQL its rules would be passed over."""
    sensors = published("sensors")
    assert sensors.layer.written_by.startswith("sensors.Station:")
    stranger = published("sensors", written_by=written_by)
    change = Change("update", 1, {"name": "x"})
    assert refusal(stranger, change, OPERATIONS).status == 503
    unknown = published("trees", written_by=written_by)
    at = Place(shapely.Point(inside(owner, KIM_LONG)))
    count = owner.execute("select count(*) from dataset.trees").fetchone()
    problem = refusal(unknown, Change("create", properties={"species": "x"}, place=at), OPERATIONS)
    assert (problem.status, problem.code) == (503, "program-out-of-date")
    assert owner.execute("select count(*) from dataset.trees").fetchone() == count
    assert published("trees").layer.written_by == ""


def test_a_model_whose_rules_were_written_anew_is_another_model(owner: psycopg.Connection[Any]) -> None:
    """Would fail if a process that began before a ``clean`` was changed, and no column with it, still wrote."""
    layer = published("sensors").layer
    assert signature(Station) == layer.written_by
    newer = published("sensors", written_by=layer.written_by[:-1] + "x")
    assert refusal(newer, Change("update", 1, {"name": "x"}), OPERATIONS).status == 503


def own_service(layer: Layer, change: Change, columns: Columns, caller: Caller) -> int:
    """A domain's own way to write; it refuses one species and leaves no trace of it."""
    from gis_core.writers import write_row

    served.append((layer, change, columns, caller))
    fid = write_row(layer, change.op, change.fid, columns, caller)
    if columns.values.get("species") == "cấm":
        raise Problem(409, "forbidden-species", places.text("Loài này bị cấm."))
    return fid


def test_a_service_writes_checked_values_and_its_refusal_undoes_all(owner: psycopg.Connection[Any]) -> None:
    service = f"{own_service.__module__}.own_service"
    layer = published("trees", write=Write(audiences=frozenset({"operations"}), service=service))
    at = inside(owner, KIM_LONG)
    fid = create(layer, at, OPERATIONS, species="Sao", stems=3)
    assert served[-1][2].values == {"species": "Sao", "stems": 3} and served[-1][3] is OPERATIONS
    assert owner.execute("select species from dataset.trees where fid = %s", [fid]).fetchone() == ("Sao",)
    events = "select count(*) from huong.change"
    count, told = (
        owner.execute("select count(*) from dataset.trees").fetchone(),
        owner.execute(events).fetchone(),
    )
    with pytest.raises(Problem):
        create(layer, at, OPERATIONS, species="cấm")
    assert owner.execute("select count(*) from dataset.trees").fetchone() == count
    assert owner.execute(events).fetchone() == told


def test_the_version_is_the_callers_own(owner: psycopg.Connection[Any]) -> None:
    """What the land desk changes in its own column makes no edit of the others stale."""
    layer, land = published("trees"), Caller("land", (), "user:9")
    made = write(
        layer,
        Change("create", properties={"species": "Xoài"}, place=Place(shapely.Point(inside(owner, KIM_LONG)))),
        OPERATIONS,
    )
    write(layer, Change("update", made.fid, {"owner_name": "Ông Tôn"}), land)
    done = write(layer, Change("update", made.fid, {"stems": 2}, version=made.version), OPERATIONS)
    assert done.version not in (None, made.version)
    stale = Change("update", made.fid, {"stems": 3}, version=made.version)
    assert refusal(layer, stale, replace(OPERATIONS, actor="user:10")).status == 412
    row = owner.execute("select owner_name, stems from dataset.trees where fid = %s", [made.fid]).fetchone()
    assert row == ("Ông Tôn", 2)


def test_a_row_that_somebody_holds_for_long_is_a_busy_one(owner: psycopg.Connection[Any]) -> None:
    fid = create(published("trees"), inside(owner, KIM_LONG), OPERATIONS, species="Bàng")
    with django_connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '50ms'")
    try:
        with owner.transaction():
            owner.execute("select 1 from dataset.trees where fid = %s for update", [fid])
            problem = refusal(published("trees"), Change("update", fid, {"stems": 1}), OPERATIONS)
    finally:
        with django_connection.cursor() as cursor:
            cursor.execute("reset lock_timeout")
    assert (problem.status, problem.code) == (503, "being-changed")


def test_texts_are_kept_in_nfc(owner: psycopg.Connection[Any]) -> None:
    """A name typed on a phone (NFD) and on a keyboard (NFC) is one name."""
    fid = create(published("trees"), inside(owner, KIM_LONG), OPERATIONS, species="Hue\u0302\u0301")
    assert owner.execute("select species from dataset.trees where fid = %s", [fid]).fetchone() == ("Huế",)
