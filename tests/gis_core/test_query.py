"""Reading pages of features: paging to the end, order, boxes, time, counts, CRSs, and texts that JSON must survive."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pyproj
import pytest

from gis_core.audiences import CITIZEN, Caller
from gis_core.config import Config
from gis_core.crs import CRS84, EPSG3405, EPSG3857, EPSG4326, EPSG9214, Crs, bbox_to_lonlat
from gis_core.problems import Problem
from gis_core.query import COUNT_LIMIT, FeatureQuery, Position, Sort, fetch_page, items_sql
from gis_core.reading import registry
from gis_core.registry import Published
from gis_core.times import TimeInterval
from tests.acceptance import places

# Names in the order of Vietnamese: a vowel before its marked forms, Đ after D, tones after the letters.
ORDERED = ("An Cựu", "Ăn Cựu", "Âu Cơ", "Cầu", "Dinh", "Đinh", "Huế", "Ô Lâu", "Ơn", "Thuận", "Ưng", "Xuân")
AWKWARD = (
    'ngoặc "kép"',
    "gạch \\ chéo",
    "\x01\x08\x1f điều khiển",
    "dòng\nmới\ttab\r",
    "😀 người 👩‍👩‍👧",
    "</script><b>",
    "\u2028\u2029\u200b\u202e",
    "'; drop table x; --",
    "%s %(a)s {0} $1",
)
FILL = """
insert into dataset.trees (species, state, height_m, stems, protected, planted_on, checked_at, geom)
select 'Cây ' || i, (array['good', 'poor', null])[1 + i % 3],
  case when i % 4 = 0 then null else (i * 7919 % 100) / 2.0 end,
  case when i % 5 = 0 then null else i % 10 end, i % 2 = 0,
  case when i % 6 = 0 then null else date '2024-01-01' + i % 40 end,
  case when i % 7 = 0 then null else timestamptz '2024-01-01T00:00:00Z' + i % 20 * interval '1.000001 hour' end,
  case when i % 11 = 0 then null else st_setsrid(st_makepoint(107.5 + i % 20 / 100.0, 16.4 + i / 20 / 100.0), 4326) end
from generate_series(1, 200) i
"""


@pytest.fixture(scope="module", autouse=True)
def trees(_database_of_module: None) -> None:
    places.publish(Config.from_env(), places.dataset("trees"), FILL)


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner"), autocommit=True) as connection:
        yield connection


def published(layer_id: str = "trees") -> Published:
    return registry().current(fresh=True).layers[layer_id]


def sort(name: str, *, descending: bool = False) -> Sort:
    return Sort(published().layer.field(name), descending)


def walk(query: FeatureQuery, limit: int) -> list[dict[str, Any]]:
    """All pages to the end, each asked for by the cursor of the one before it, as a client would."""
    found: list[dict[str, Any]] = []
    after: Position | None = None
    for _ in range(10_000):
        page = fetch_page(
            published(), CITIZEN, FeatureQuery(**{**vars(query), "limit": limit, "after": after})
        )
        assert len(page.features) <= limit
        found += [json.loads(text) for text in page.features]
        if page.next is None:
            return found
        after = Position.from_token(page.next.token(query.sort), query.sort)
    raise AssertionError("the pages never end")


def rows(owner: psycopg.Connection[Any], order: str) -> list[int]:
    return [row[0] for row in owner.execute(f"select fid from dataset.trees order by {order}").fetchall()]


@pytest.mark.parametrize("limit", [1, 7, 199, 200, 1000])
def test_pages_without_a_sort_give_every_feature_once(
    city: Config, owner: psycopg.Connection[Any], limit: int
) -> None:
    assert [f["id"] for f in walk(FeatureQuery(), limit)] == rows(owner, "fid")


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", ["species", "height_m", "stems", "planted_on", "checked_at"])
def test_pages_of_a_sort_give_every_feature_once_nulls_last(
    city: Config, owner: psycopg.Connection[Any], name: str, descending: bool
) -> None:
    """Ties and NULLs at the edge of a page are where a cursor loses features or never ends."""
    way = "desc" if descending else "asc"
    key = f'{name} collate "vi-x-icu"' if name == "species" else name
    expected = rows(owner, f"{key} {way} nulls last, fid {way}")
    for limit in (1, 13, 1000):
        assert [
            f["id"] for f in walk(FeatureQuery(sort=sort(name, descending=descending)), limit)
        ] == expected


def test_a_cursor_goes_on_where_rows_come_and_go(city: Config, owner: psycopg.Connection[Any]) -> None:
    """With OFFSET a deletion before the page would skip a feature; with the key none that stays is missed."""
    query = FeatureQuery(limit=50, sort=sort("stems"))
    page = fetch_page(published(), CITIZEN, query)
    first = [json.loads(text)["id"] for text in page.features]
    owner.execute("create table kept as select * from dataset.trees where fid = any(%s)", [first[:10]])
    owner.execute("delete from dataset.trees where fid = any(%s)", [first[:10]])
    rest = fetch_page(published(), CITIZEN, FeatureQuery(limit=1000, sort=sort("stems"), after=page.next))
    together = first + [json.loads(text)["id"] for text in rest.features]
    assert sorted(together) == sorted([*first[:10], *rows(owner, "fid")])
    columns = "fid, species, state, height_m, stems, protected, planted_on, checked_at, geom"
    owner.execute(f"insert into dataset.trees ({columns}) select {columns} from kept")
    owner.execute("drop table kept")


def test_offset_and_limit_cut_the_same_order(city: Config, owner: psycopg.Connection[Any]) -> None:
    for by, order in ((None, "fid"), (sort("stems", descending=True), "stems desc nulls last, fid desc")):
        everything = rows(owner, order)
        for offset in (0, 3, 155, 199, 200, 5000):
            page = fetch_page(published(), CITIZEN, FeatureQuery(limit=20, offset=offset, sort=by))
            assert [json.loads(text)["id"] for text in page.features] == everything[offset : offset + 20]
            assert (page.next is None) == (offset + 20 >= len(everything))


def test_texts_sort_in_vietnamese_order(city: Config, owner: psycopg.Connection[Any]) -> None:
    places.publish(city, places.dataset("names"), "select 1")
    for name in reversed(ORDERED):
        owner.execute(
            "insert into dataset.names (species, geom) values (%s, st_setsrid(st_makepoint(107, 16), 4326))",
            [name],
        )
    layer = published("names")
    query = FeatureQuery(sort=Sort(layer.layer.field("species")))
    page = fetch_page(layer, CITIZEN, query)
    assert tuple(json.loads(text)["properties"]["species"] for text in page.features) == ORDERED


@pytest.mark.parametrize(
    ("box", "holds"),
    [
        ((170.0, -20.0, -170.0, 20.0), {"east", "west", "fiji"}),
        ((-180.0, -90.0, 180.0, 90.0), {"east", "west", "fiji", "north", "hue"}),
        ((-180.0, 80.0, 180.0, 90.0), {"north"}),
        ((107.5, 16.4, 107.5, 16.4), {"hue"}),
        ((107.5, 16.4, 107.6, 16.5), {"hue"}),
        ((107.5000001, 16.4, 107.6, 16.5), set()),
    ],
)
def test_boxes_over_the_dateline_the_pole_and_a_point(
    city: Config, owner: psycopg.Connection[Any], box: tuple[float, float, float, float], holds: set[str]
) -> None:
    spots = {"east": (179, 0), "west": (-179, 1), "fiji": (178, -18), "north": (0, 85), "hue": (107.5, 16.4)}
    if "spots" not in registry().current(fresh=True).layers:
        places.publish(city, places.dataset("spots"))
        for name, (lon, lat) in spots.items():
            owner.execute(
                "insert into dataset.spots (species, geom) values (%s, st_setsrid(st_makepoint(%s, %s), 4326))",
                [name, lon, lat],
            )
    query = FeatureQuery(boxes=tuple(bbox_to_lonlat(list(box), CRS84)))
    page = fetch_page(published("spots"), CITIZEN, query)
    assert {json.loads(text)["properties"]["species"] for text in page.features} == holds
    assert page.matched == len(holds)


def test_time_intervals_hold_both_instants_and_days_without_a_time(
    city: Config, owner: psycopg.Connection[Any]
) -> None:
    """An instant layer: a feature belongs to an interval whose ends it may equal; one without a time to every one."""
    bounds = [
        None,
        *(datetime(2024, 1, day, tzinfo=UTC) for day in (1, 10, 31)),
        datetime(2030, 1, 1, tzinfo=UTC),
    ]
    for start, end in itertools.product(bounds, bounds):
        if start and end and start > end:
            continue
        page = fetch_page(published(), CITIZEN, FeatureQuery(time=TimeInterval(start, end), limit=1000))
        days = [json.loads(text)["properties"]["planted_on"] for text in page.features]
        low, high = (str(start.date()) if start else ""), (str(end.date()) if end else "9")
        expected = owner.execute("select planted_on::text from dataset.trees order by fid").fetchall()
        assert days == [day for (day,) in expected if day is None or low <= day <= high], (start, end)


def test_validity_ends_before_its_last_day(city: Config, owner: psycopg.Connection[Any]) -> None:
    """``valid_to`` is the first day on which a unit is no more: on that day its successor alone is there."""
    fields = {"time": places.Time("planted_on", "felled_on")}
    layer = places.dataset("lived", **fields, fields=(*places.dataset("x").fields, felled_on()))
    places.publish(
        city,
        layer,
        "insert into dataset.lived (species, planted_on, felled_on, geom) values"
        " ('old', '2020-01-01', '2025-07-01', st_setsrid(st_makepoint(107, 16), 4326)),"
        " ('new', '2025-07-01', null, st_setsrid(st_makepoint(107, 16), 4326))",
    )
    for day, there in (
        ("2025-06-30", {"old"}),
        ("2025-07-01", {"new"}),
        ("2019-12-31", set()),
        ("2030-01-01", {"new"}),
    ):
        moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
        page = fetch_page(published("lived"), CITIZEN, FeatureQuery(time=TimeInterval(moment, moment)))
        assert {json.loads(text)["properties"]["species"] for text in page.features} == there, day


def felled_on() -> Any:
    return places.Field(name="felled_on", label=places.text("Ngày chặt"), type="date")


def test_counts_are_exact_up_to_the_limit_and_left_out_above(
    city: Config, owner: psycopg.Connection[Any]
) -> None:
    assert fetch_page(published(), CITIZEN, FeatureQuery(limit=1)).matched == 200
    places.publish(
        city,
        places.dataset("many"),
        f"insert into dataset.many (species, stems, geom) select 'x', i, st_setsrid(st_makepoint(107, 16), 4326)"
        f" from generate_series(1, {COUNT_LIMIT + 1}) i",
    )
    assert fetch_page(published("many"), CITIZEN, FeatureQuery(limit=1)).matched is None
    owner.execute("delete from dataset.many where stems = 1")
    assert fetch_page(published("many"), CITIZEN, FeatureQuery(limit=1)).matched == COUNT_LIMIT


@pytest.mark.parametrize(
    "token",
    ["", "x", "a" * 5000, "bm90IGpzb24", "W10", "WzEsMl0", "WzEsbnVsbCwiIl0=%", "e30", "WyIxIixudWxsLCIiXQ",
     "Wy0xLG51bGwsIiJd", "WzEsNSwiIl0", "WzEuNSxudWxsLCIiXQ", "WzFlOTksbnVsbCwiIl0", "NaN", "\u00e9"],
)  # fmt: skip
def test_a_forged_cursor_is_a_400(city: Config, token: str) -> None:
    with pytest.raises(Problem) as caught:
        Position.from_token(token, None)
    assert caught.value.status == 400


@pytest.mark.parametrize("name", ["height_m", "stems", "planted_on", "checked_at"])
def test_a_cursor_with_a_value_that_is_none_of_the_column_is_a_400(city: Config, name: str) -> None:
    """Well-formed, but the value is no number, date or moment: the database refuses it, and that is no 500."""
    by = sort(name)
    for value in ("x", "'", "1; select 1", "9" * 400, "2024-13-01", "{}"):
        with pytest.raises(Problem) as caught:
            fetch_page(published(), CITIZEN, FeatureQuery(sort=by, after=Position(1, value)))
        assert caught.value.status == 400, value


def test_a_cursor_fits_its_own_order_alone(city: Config) -> None:
    token = Position(5, "3").token(sort("stems"))
    assert Position.from_token(token, sort("stems")) == Position(5, "3")
    for other in (None, sort("height_m"), sort("stems", descending=True)):
        with pytest.raises(Problem):
            Position.from_token(token, other)


@pytest.mark.parametrize(
    "crs", [CRS84, EPSG4326, EPSG3857, EPSG9214, EPSG3405], ids=lambda crs: str(crs.srid)
)
def test_coordinates_are_where_pyproj_puts_them(
    city: Config, owner: psycopg.Connection[Any], crs: Crs
) -> None:
    """PROJ asked independently, in the authority's own axis order."""
    name = "OGC:CRS84" if crs is CRS84 else f"EPSG:{crs.srid}"
    to_crs = pyproj.Transformer.from_crs("OGC:CRS84", name, always_xy=False)
    page = fetch_page(published(), CITIZEN, FeatureQuery(crs=crs, limit=40))
    for text in page.features:
        feature = json.loads(text)
        if feature["geometry"] is None:
            continue
        lon, lat = owner.execute(
            "select st_x(geom), st_y(geom) from dataset.trees where fid = %s", [feature["id"]]
        ).fetchone()
        assert set(feature["geometry"]) == {"type", "coordinates"}
        expected = to_crs.transform(lon, lat)
        tolerance = 1e-7 if crs.is_geographic else 0.002
        assert feature["geometry"]["coordinates"] == pytest.approx(expected, abs=tolerance)


def test_awkward_values_stay_json(city: Config, owner: psycopg.Connection[Any]) -> None:
    """The texts are put together by concatenation: one NULL, quote or NaN could break the page or empty it."""
    places.publish(city, places.dataset("awkward"))
    insert = "insert into dataset.awkward (species, height_m, planted_on, checked_at, geom) values (%s, %s, %s, %s, %s)"
    for text in AWKWARD:
        owner.execute(insert, [text, None, None, None, None])
    for number in (math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7e308, 0.1, 123456789.123456789):
        owner.execute(insert, ["number", number, "infinity", "-infinity", None])
    owner.execute(insert, ["empty", None, "0044-03-15 BC", "9999-12-31T23:59:59Z", "SRID=4326;POINT EMPTY"])
    page = fetch_page(published("awkward"), CITIZEN, FeatureQuery())
    features = [strict(text) for text in page.features]
    assert len(features) == len(AWKWARD) + 9 == page.matched
    assert tuple(f["properties"]["species"] for f in features[: len(AWKWARD)]) == AWKWARD
    numbers = [f["properties"]["height_m"] for f in features if f["properties"]["species"] == "number"]
    assert numbers == [None, None, None, 0, 5e-324, 1.7e308, 0.1, 123456789.123456789]
    assert features[len(AWKWARD)]["properties"]["planted_on"] is None
    assert all(f["geometry"] is None or f["geometry"]["type"] == "Point" for f in features)


def test_numbers_are_written_with_their_fraction(city: Config, owner: psycopg.Connection[Any]) -> None:
    """Would fail if 24.0 were written 24: readers that look at the first features take the field for whole numbers."""
    places.publish(city, places.dataset("whole"))
    for number in (24.0, 0.0, -7.0, 2.0**53, 1e15, 1e22, 25.5):
        owner.execute("insert into dataset.whole (height_m, stems) values (%s, 3)", [number])
    texts = [text.decode() for text in fetch_page(published("whole"), CITIZEN, FeatureQuery()).features]
    written = [re.search(r'"height_m":([^,}]+)', text)[1] for text in texts]  # type: ignore[index]
    assert written == ["24.0", "0.0", "-7.0", "9.007199254740992e+15", "1e+15", "1e+22", "25.5"]
    assert all('"stems":3,' in text or '"stems":3}' in text for text in texts)


def strict(text: bytes) -> dict[str, Any]:
    """JSON as RFC 8259 has it: no NaN, no infinity, no key twice."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs), "a key stands twice"
        return dict(pairs)

    found: dict[str, Any] = json.loads(text, parse_constant=refuse, object_pairs_hook=once)
    return found


def test_the_text_of_a_query(city: Config) -> None:
    """The skeleton is fixed and holds no value; a change of it is a change of every page, and should be seen."""
    layer = published()
    query = FeatureQuery(
        limit=10,
        boxes=((107.0, 16.0, 108.0, 17.0),),
        sort=sort("stems", descending=True),
        after=Position(5, "3"),
    )
    text, values = items_sql(layer, Caller("citizen"), query)
    box = (
        '("geom" && st_makeenvelope(%s, %s, %s, %s, 4326) and ("geom" @ st_makeenvelope(%s, %s, %s, %s, 4326)'
        ' or st_intersects("geom", st_setsrid(st_envelope(st_makeline(st_makepoint(%s, %s), st_makepoint(%s, %s))),'
        " 4326))))"
    )
    assert text.startswith(f'{layer.mark} select \'{{"type":"Feature","id":\' || "fid" || ')
    rest = text[text.index(', "fid", "stems"::text from') :]
    assert rest == (
        ', "fid", "stems"::text from (select * from ('
        f'(select *, 0 as _part from "citizen"."trees" where ({box}) and "stems" is not null'
        ' and ("stems", "fid") < (%s::bigint, %s) order by "stems" desc, "fid" desc limit %s) union all '
        f'(select *, 1 as _part from "citizen"."trees" where ({box}) and "stems" is null'
        ' order by "fid" desc limit %s)) _h order by _part, "stems" desc, "fid" desc limit %s offset %s) _q'
    )
    assert text.count("%s") == len(values) and "owner_name" not in text
