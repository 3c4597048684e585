"""A feature that is put back as it was read changes nothing; one with one change changes that alone.

Over the writable layers of the demo city, as programs send features and as QGIS 3.40 does (`as_qgis_sends`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest

from gis_core.config import Config
from gis_core.days import CITY_ZONE
from gis_core.layer import Field, Layer
from gis_core.reading import registry
from tests.acceptance import places
from tests.acceptance.asking import Person, Reply, staff
from tests.acceptance.editing import EPSG, created, put
from tests.acceptance.places import KIM_LONG

CITY = "demo"
FULL = os.environ.get("HUONG_TEST_FULL") == "1"
OF_EACH_LAYER = 10_000 if FULL else 25
WRITERS = (
    ("parcels", "land"), ("planning_zones", "land"), ("reports", "officer"), ("sensors", "operations"),
    ("cameras", "operations"), ("dams", "operations"), ("as_was", "operations"),
)  # fmt: skip
VN2000 = f"{EPSG}9214"
# A ring that turns clockwise, vertices that 6 decimals move, values older than their rules, every type, empty numbers.
AS_WAS = """
insert into dataset.as_was (species, state, height_m, stems, protected, planted_on, checked_at, number, geom)
select s, state, h, n, p, d, t, n, st_geomfromtext(g, 4326) from (values
  ('Bằng lăng', 'good', 4.5, 2, true, '2024-02-29'::date, '2025-01-01T08:00:00.456877Z'::timestamptz,
   'POLYGON((107.57616312 16.47569734,107.57621734 16.47573745,107.57635023 16.47557212,107.57616312 16.47569734))'),
  ('Hue' || u&'\\0302\\0301', 'felled', null, null, null, '0001-01-01', '9999-12-31T23:59:59Z',
   'POLYGON((107.5 16.4,107.5 16.5,107.6 16.5,107.6 16.4,107.5 16.4))'),
  (repeat('x', 70), null, 1e-7, 0, false, 'infinity', 'infinity',
   'POLYGON((107.5123456789 16.4,107.6 16.5,107.6 16.4,107.5123456789 16.4))')
) v (s, state, h, n, p, d, t, g)
"""


@pytest.fixture(scope="module", autouse=True)
def as_was(_database_of_module: None) -> None:
    config = Config.from_env()
    layer = places.dataset("as_was", geometry=places.Geometry(type="Polygon"))
    places.publish(config, layer)
    with psycopg.connect(**config.connection("owner"), autocommit=True) as owner:  # type: ignore[arg-type]
        owner.execute(AS_WAS)


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:
        yield connection


def layer_of(name: str) -> Layer:
    return registry().current(fresh=True).layers[name].layer


def state_of(owner: psycopg.Connection[Any], layer: Layer, but: int = -1) -> Any:
    """Every row to the last bit, and how often anything was changed; without the feature ``but``."""
    past = "history." + layer.table.removeprefix("public.").replace(".", "_")
    rows = owner.execute(
        f"select md5(string_agg(t::text, '|' order by fid)) from {layer.table} t where fid <> {but}"
    ).fetchone()
    return rows, owner.execute(f"select count(*) from {past} where fid <> {but}").fetchone()


def read(who: Person, layer: str, crs: str = "") -> list[dict[str, Any]]:
    reply = who.get(
        f"/ogcapi/collections/{layer}/items?limit={OF_EACH_LAYER}" + (f"&crs={crs}" if crs else "")
    )
    assert reply.status == 200, reply.body
    features: list[dict[str, Any]] = reply.json["features"]
    assert features, layer
    return features


def send(who: Person, layer: str, feature: dict[str, Any], crs: str = "", **headers: str) -> Reply:
    named = {"Content_Crs": f"<{crs}>"} if crs else {}
    return put(who, f"/ogcapi/collections/{layer}/items/{feature['id']}", feature, **named, **headers)


def as_qgis_sends(layer: Layer, feature: dict[str, Any]) -> dict[str, Any]:
    """The body of QGIS 3.40's PUT of a feature that it has read, as a real one sends it (`test_qgis_editing`).

    Coordinates have six decimals, empty whole numbers are 0 (so are decimals, where all that it has seen of the field
    are whole), moments are in the machine's zone, to the millisecond, and do not say so.
    """
    sent = {name: of_qgis(layer.field(name), value) for name, value in feature["properties"].items()
            if name != "version"}  # fmt: skip
    return {
        "geometry": {
            "type": feature["geometry"]["type"],
            "coordinates": rounded(feature["geometry"]["coordinates"]),
        },
        "id": feature["id"],
        "properties": {**sent, "version": feature["properties"]["version"]},
        "type": "Feature",
    }


def rounded(coordinates: Any) -> Any:
    return (
        round(coordinates, 6) if isinstance(coordinates, int | float) else [rounded(c) for c in coordinates]
    )


def of_qgis(field: Field, value: Any) -> Any:
    if value is None:
        return 0 if field.type in ("integer", "number") else None
    if field.type != "datetime":
        return value
    try:
        here = datetime.fromisoformat(value).astimezone(CITY_ZONE)
    except OverflowError:
        here = datetime.fromisoformat(value)
    return f"{here:%Y-%m-%dT%H:%M:%S}.{round(here.microsecond / 1000):03d}"


def turned(coordinates: Any) -> Any:
    """Each ring turned round and begun at another corner."""
    if isinstance(coordinates[0][0], list):
        return [turned(part) for part in coordinates]
    corners = coordinates[:-1][::-1]
    corners = corners[1:] + corners[:1]
    return [*corners, corners[0]]


@pytest.mark.parametrize("manner", ["as read", "as QGIS", "surveyed", "turned", "If-Match"])
@pytest.mark.parametrize(("name", "audience"), WRITERS)
def test_a_feature_put_back_as_served_changes_nothing(
    owner: psycopg.Connection[Any], name: str, audience: str, manner: str
) -> None:
    who, layer = staff(audience), layer_of(name)
    crs = VN2000 if manner == "surveyed" else ""
    before = state_of(owner, layer)
    for feature in read(who, name, crs):
        feature.pop("links", None)
        headers = {}
        if manner == "as QGIS":
            feature = as_qgis_sends(layer, feature)
        if manner == "turned" and "Polygon" in layer.geometry.type:
            feature["geometry"]["coordinates"] = turned(feature["geometry"]["coordinates"])
        if manner == "If-Match":
            headers["If_Match"] = f'"{feature["properties"].pop("version")}-x"'
        reply = send(who, name, feature, crs, **headers)
        assert reply.status == 204, (feature["id"], reply.body.decode())
    assert state_of(owner, layer) == before


@pytest.mark.parametrize(("name", "audience"), WRITERS)
def test_a_feature_put_back_in_any_crs_changes_nothing(
    owner: psycopg.Connection[Any], name: str, audience: str
) -> None:
    """Zones of VN-2000 beside the city's own, where places are transformed and rounded twice, among them."""
    who, layer = staff(audience), layer_of(name)
    offered = who.get(f"/ogcapi/collections/{name}").json["crs"]
    assert len(offered) > 3 and f"{EPSG}3857" in offered
    before = state_of(owner, layer)
    sent = 0
    for crs in offered:
        found = who.get(f"/ogcapi/collections/{name}/items?limit={20 if FULL else 3}&crs={crs}")
        if found.status == 400:  # the city lies outside this zone's domain
            continue
        for feature in found.json["features"]:
            feature.pop("links", None)
            reply = send(who, name, feature, crs)
            assert reply.status == 204, (crs, feature["id"], reply.body.decode())
            sent += 1
    assert sent > 9
    assert state_of(owner, layer) == before


def test_every_writable_layer_is_tried() -> None:
    layers = registry().current(fresh=True).layers.values()
    assert {name for name, _ in WRITERS} == {each.layer.id for each in layers if each.layer.write is not None}


CHANGES = (
    ("parcels", "land", "certificate_no", "CS 77"), ("planning_zones", "land", "internal_note", "mới"),
    ("reports", "officer", "staff_note", "mới"), ("sensors", "operations", "contact_phone", "0900"),
    ("cameras", "operations", "name", "Mới"), ("dams", "operations", "operator_contact", "0900"),
    ("as_was", "operations", "species", "Mới"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "audience", "changed", "value"), CHANGES)
def test_one_changed_attribute_in_qgis_changes_one_attribute(
    owner: psycopg.Connection[Any], name: str, audience: str, changed: str, value: str
) -> None:
    """Twice over, with the version of before the first: QGIS does not read again after a change."""
    who, layer = staff(audience), layer_of(name)
    for feature in read(who, name)[:: 1 if FULL else 8]:
        fid, others = feature["id"], state_of(owner, layer, feature["id"])
        before = row_of(owner, layer, fid)
        for now in (value, f"{value} hai"):
            sent = as_qgis_sends(layer, feature)
            sent["properties"][changed] = now
            assert send(who, name, sent).status == 204
            after = row_of(owner, layer, fid)
            assert after == {**before, changed: now} | own_columns(layer, after)
        assert state_of(owner, layer, fid) == others


def row_of(owner: psycopg.Connection[Any], layer: Layer, fid: int) -> dict[str, str]:
    """The stored row, each column as text: geometries to the last bit."""
    cursor = owner.execute(f"select * from {layer.table} where fid = {fid}")
    names = ", ".join(f'"{column.name}"::text' for column in cursor.description or ())
    texts = owner.execute(f"select {names} from {layer.table} where fid = {fid}").fetchone()
    assert texts is not None
    return dict(zip((column.name for column in cursor.description or ()), texts, strict=True))


def own_columns(layer: Layer, row: dict[str, str]) -> dict[str, str]:
    """What a model keeps of its own accord at every save."""
    return {name: row[name] for name in ("updated_at", "changed_at") if name in row}


def test_a_moved_corner_moves_one_corner(owner: psycopg.Connection[Any]) -> None:
    """QGIS sends all corners to six decimals; those that nobody moved keep their surveyed coordinates."""
    land, layer = staff("land"), layer_of("parcels")
    feature = as_qgis_sends(layer, read(land, "parcels")[0])
    corners = "select st_x(p.geom), st_y(p.geom) from parcels_parcel, st_dumppoints({}) p where fid = %s"
    held = {
        c: owner.execute(corners.format(c), [feature["id"]]).fetchall() for c in ("geom", "geom_original")
    }
    ring = feature["geometry"]["coordinates"][0][0]
    ring[1] = [round(ring[1][0] + 0.00001, 6), ring[1][1]]
    assert send(land, "parcels", feature).status == 204
    for column, before in held.items():
        after = owner.execute(corners.format(column), [feature["id"]]).fetchall()
        assert len([1 for corner in after if corner not in before]) == 1, column
        assert len(after) == len(before)


def test_an_empty_number_that_is_said_to_be_0_by_a_program_is_0(owner: psycopg.Connection[Any]) -> None:
    """What is forgiven QGIS is not forgiven one that states the state it changes."""
    land = staff("land")
    zone = next(f for f in read(land, "planning_zones") if f["properties"]["population"] is None)
    zone.pop("links", None)
    etag = f'"{zone["properties"].pop("version")}-x"'
    zone["properties"]["population"] = 0
    assert send(land, "planning_zones", zone, If_Match=etag).status == 204
    row = owner.execute("select population from planning_planningzone where fid = %s", [zone["id"]])
    assert row.fetchone() == (0,)


def test_a_number_that_qgis_takes_for_a_text_is_a_number(owner: psycopg.Connection[Any]) -> None:
    """It has seen no value of the field in its first ten features; what is no number is refused all the same."""
    who = staff("operations")
    tree = read(who, "as_was")[0]
    properties = tree["properties"]
    tree["properties"] = {
        **properties,
        "height_m": str(properties["height_m"]),
        "stems": "7",
        "protected": "1",
    }
    before = row_of(owner, layer_of("as_was"), tree["id"])
    assert send(who, "as_was", tree).status == 204
    assert row_of(owner, layer_of("as_was"), tree["id"]) == {**before, "stems": "7"}
    for name, value in (("stems", "x"), ("stems", "7.5"), ("protected", "2"), ("height_m", "[]")):
        tree["properties"] = {**read(who, "as_was")[0]["properties"], name: value}
        assert send(who, "as_was", tree).status == 422, (name, value)
    tree["properties"] = {**properties, "stems": "7"}
    del tree["properties"]["version"]
    etag = f'"{read(who, "as_was")[0]["properties"]["version"]}-x"'
    assert send(who, "as_was", tree, If_Match=etag).status == 422  # a program says what it means


def test_a_decimal_of_one_place_is_kept_as_written(owner: psycopg.Connection[Any]) -> None:
    land = staff("land")
    parcel = read(land, "parcels")[0]
    parcel["properties"]["legal_area_m2"] = 312.4
    assert send(land, "parcels", parcel).status == 204
    query = "select legal_area_m2::text from parcels_parcel where fid = %s"
    assert owner.execute(query, [parcel["id"]]).fetchone() == ("312.4",)


def test_what_the_schema_names_comes_back(owner: psycopg.Connection[Any]) -> None:
    """QGIS 3.44 takes its fields from the schema, ``fid`` and ``version`` among them."""
    who = staff("operations")
    schema = who.get("/ogcapi/collections/as_was/schema").json["properties"]
    fields = [name for name, each in schema.items() if "type" in each]
    assert {"fid", "version"} <= set(fields)
    lon, lat = places.inside(owner, KIM_LONG)
    ring = [[lon, lat], [lon + 0.001, lat], [lon, lat + 0.001], [lon, lat]]
    body: dict[str, Any] = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {**dict.fromkeys(fields), "species": "Sao"},
    }
    url = created(who, "as_was", body)
    fid = int(url.rsplit("/", 1)[1])
    made = who.get(url).json
    sent = {**made["properties"], "fid": fid, "stems": 3}
    assert put(who, url, {**body, "properties": sent}).status == 204
    assert who.get(url).json["properties"]["stems"] == 3
    sent["fid"] = fid + 1
    refused = put(who, url, {**body, "properties": sent})
    assert (refused.status, refused.json["parameter"]) == (422, "fid")
