"""Days of the city and moments: every dated feature of the demo city is found in its own day, hour by hour."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from gis_core.audiences import CITIZEN, Caller
from gis_core.config import Config
from gis_core.cql2 import Queryable, compile_text
from gis_core.days import CITY_ZONE, day_end, day_of, day_or_moment, day_start, last_day_before
from gis_core.problems import Problem
from gis_core.query import FeatureQuery, fetch_page
from gis_core.reading import registry
from gis_core.registry import Published
from gis_core.times import TimeInterval, parse_datetime
from ogc_api.wfs.filters import in_the_city
from tilesrv.wms.parameters import span_of

CITY = "demo"
OPERATIONS = Caller(audience="operations", actor="test")
# Midnight of 1 July 2025 in Huế, when 133 communes and 9 districts became 40 wards and communes, however it is said.
REFORM = ("2025-07-01T00:00:00+07:00", "2025-06-30T17:00:00Z", "2025-07-01", "2025-07-01T02:30:00+09:30")
JUST_BEFORE = ("2025-06-30T23:59:59.999999+07:00", "2025-06-30T16:59:59Z", "2025-06-30")


def temporal() -> list[Published]:
    found = [p for p in registry().current(fresh=True).layers.values() if p.layer.time]
    assert {"reports", "planning_zones", "admin_units_history"} <= {p.layer.id for p in found}
    return found


def found_at(published: Published, caller: Caller, text: str) -> set[int]:
    query = FeatureQuery(time=parse_datetime(text), limit=10_000)
    page = fetch_page(published, caller, query, count=False, text='"fid"::text')
    return {int(each) for each in page.features}


def spans(published: Published, caller: Caller) -> dict[int, tuple[Any, Any]]:
    """What each feature says of its own time, as texts; one that merely happened ends as it begins."""
    time = published.layer.time
    assert time is not None
    page = fetch_page(published, caller, FeatureQuery(limit=10_000), count=False)
    found = {}
    for text in page.features:
        feature = json.loads(text)
        properties = feature["properties"]
        found[feature["id"]] = (properties[time.start], properties[time.end] if time.end else ...)
    return found


@pytest.mark.parametrize("caller", [CITIZEN, OPERATIONS], ids=lambda caller: caller.audience)
def test_every_feature_is_found_in_its_own_day_and_in_no_other(city: Config, caller: Caller) -> None:
    """At midnight, at one o'clock (yesterday in UTC), at noon and in the last second; not a second before and after.

    Would fail if any of it were reckoned in UTC: at one o'clock today's features would not be there.
    """
    for published in temporal():
        days: dict[str, set[int]] = defaultdict(set)
        for fid, (start, _) in spans(published, caller).items():
            if start is not None:  # one without a time is in every answer
                days[start].add(fid)
        lasting = published.layer.time is not None and published.layer.time.end is not None
        for text, fids in days.items():
            midnight = day_start(date.fromisoformat(text))
            for hours in (0, 1, 12, 23.9999):
                at = (midnight + timedelta(hours=hours)).astimezone(UTC).isoformat()
                there = found_at(published, caller, at)
                assert fids <= there, (published.layer.id, at)
                assert lasting or fids == there
            assert not fids & found_at(published, caller, (midnight - timedelta(seconds=1)).isoformat())
            assert fids <= found_at(published, caller, text)
            if not lasting:
                following = midnight + timedelta(days=1)
                assert not fids & found_at(published, caller, following.isoformat())


def test_every_report_is_found_at_the_instant_it_came(city: Config) -> None:
    """137 of 500 were not: those of the seven hours in which the city has another day than UTC."""
    published = registry().current(fresh=True).layers["reports"]
    with psycopg.connect(**city.connection("owner")) as owner:
        rows = owner.execute("select fid, created_at from reports_report").fetchall()
    assert len(rows) >= 500
    early = [at for _, at in rows if day_of(at) != at.astimezone(UTC).date()]
    assert early, "no report of these hours: the test tries nothing"
    by_instant: dict[datetime, set[int]] = defaultdict(set)
    for fid, at in rows:
        by_instant[at].add(fid)
    for at, fids in by_instant.items():
        assert fids <= found_at(published, OPERATIONS, at.isoformat())


@pytest.mark.parametrize("text", REFORM)
def test_at_the_midnight_of_the_reform_the_new_units_are_there(city: Config, text: str) -> None:
    published = registry().current(fresh=True).layers["admin_units_history"]
    new = found_at(published, CITIZEN, text)
    assert len(new) == 41
    assert new == {fid for fid, (start, end) in spans(published, CITIZEN).items() if end is None}, text


@pytest.mark.parametrize("text", JUST_BEFORE)
def test_until_then_the_old_units_are(city: Config, text: str) -> None:
    published = registry().current(fresh=True).layers["admin_units_history"]
    assert len(found_at(published, CITIZEN, text)) == 143


def test_the_extent_holds_every_day_from_its_first_moment_to_its_last(city: Config) -> None:
    with psycopg.connect(**city.connection("owner")) as owner:
        low, high = owner.execute(
            "select time_from, time_to from huong.extent where layer = 'reports' and audience = 'operations'"
        ).fetchone() or (None, None)
        first, last = (
            owner.execute("select min(reported_on), max(reported_on) from reports_report").fetchone() or ()
        )
    assert (low, high) == (day_start(first), day_end(last))


@pytest.mark.parametrize(
    ("written", "begins", "ends"),
    [
        ("2025", "2025-01-01T00:00:00+07:00", "2025-12-31T23:59:59.999999+07:00"),
        ("2024-02", "2024-02-01T00:00:00+07:00", "2024-02-29T23:59:59.999999+07:00"),
        ("2025-12", "2025-12-01T00:00:00+07:00", "2025-12-31T23:59:59.999999+07:00"),
        ("2025-07-01", "2025-07-01T00:00:00+07:00", "2025-07-01T23:59:59.999999+07:00"),
        ("2025-07-01T08:00", "2025-07-01T08:00:00+07:00", "2025-07-01T08:00:00+07:00"),
        ("2025-07-01T08:00:00Z", "2025-07-01T08:00:00+00:00", "2025-07-01T08:00:00+00:00"),
        ("9999", "9999-01-01T00:00:00+07:00", "9999-12-31T23:59:59.999999+07:00"),
    ],
)
def test_time_of_map_services_is_the_citys_where_it_names_no_zone(
    written: str, begins: str, ends: str
) -> None:
    assert span_of(written) == (datetime.fromisoformat(begins), datetime.fromisoformat(ends))


def test_a_moment_of_xml_schema_without_a_zone_is_the_citys() -> None:
    assert in_the_city("2025-07-01T08:00:00") == "2025-07-01T08:00:00+07:00"


@pytest.mark.parametrize(
    "text",
    ["2025-07-01T00:00:00", "2025-07-01T00:00Z", "20250701", "2025-182", "2025-W27-2", "٢٠٢٥-07-01", ""],
)
def test_rfc_3339_is_read_strictly(text: str) -> None:
    with pytest.raises(ValueError):
        day_or_moment(text)
    with pytest.raises(Problem):
        parse_datetime(text)


def test_the_ends_of_the_calendar_are_days() -> None:
    """Would fail with an OverflowError, which is an error for whoever sent it."""
    assert parse_datetime("0001-01-01/9999-12-31").start == day_start(date.min)
    assert day_of(datetime.max.replace(tzinfo=UTC)) == date.max
    assert last_day_before(date.min) == last_day_before(datetime.min.replace(tzinfo=UTC)) == date.min
    assert (
        last_day_before(date(2025, 7, 1)) == last_day_before(day_start(date(2025, 7, 1))) == date(2025, 6, 30)
    )
    assert last_day_before(date.max) == date(9999, 12, 30)
    assert day_of(datetime.min.replace(tzinfo=CITY_ZONE)) == date.min
    assert parse_datetime("9999-12-31T23:59:59Z").end is not None


@pytest.mark.parametrize(
    ("filter_", "holds"),
    [
        ("T_INTERSECTS(reported_on, TIMESTAMP('{at}'))", True),
        ("T_AFTER(reported_on, TIMESTAMP('{at}'))", False),
        ("T_BEFORE(reported_on, TIMESTAMP('{at}'))", False),
        ("T_INTERSECTS(reported_on, INTERVAL('{at}', '..'))", True),
        ("T_INTERSECTS(reported_on, DATE('{day}'))", True),
        ("reported_on = DATE('{day}')", True),
        ("T_AFTER(reported_on, TIMESTAMP('{before}'))", True),
        ("T_BEFORE(reported_on, TIMESTAMP('{after}'))", True),
    ],
)
def test_filters_hold_a_day_beside_a_moment(city: Config, filter_: str, holds: bool) -> None:
    """A column of dates beside TIMESTAMP is that day of the city, at one in the morning as at noon."""
    published = registry().current(fresh=True).layers["reports"]
    fid, (day, _) = next(iter(spans(published, OPERATIONS).items()))
    midnight = day_start(date.fromisoformat(day))
    said = filter_.format(
        day=day,
        at=(midnight + timedelta(hours=1)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        before=(midnight - timedelta(seconds=1)).isoformat(),
        after=(midnight + timedelta(days=1)).isoformat(),
    )
    where = compile_text(said, {"reported_on": Queryable("reported_on", "date", "reported_on")})
    page = fetch_page(published, OPERATIONS, FeatureQuery(where=(where,), fid=fid), count=False)
    assert bool(page.features) is holds, said


def test_an_interval_holds_both_its_ends(city: Config) -> None:
    published = registry().current(fresh=True).layers["reports"]
    fid, (day, _) = next(iter(spans(published, CITIZEN).items()))
    first, last = day_start(date.fromisoformat(day)), day_end(date.fromisoformat(day))
    for low, high in ((None, first), (last, None), (first, first), (last, last)):
        query = FeatureQuery(time=TimeInterval(low, high), fid=fid)
        assert fetch_page(published, CITIZEN, query, count=False).features, (low, high)
    for low, high in ((None, first - timedelta(microseconds=1)), (last + timedelta(microseconds=1), None)):
        query = FeatureQuery(time=TimeInterval(low, high), fid=fid)
        assert not fetch_page(published, CITIZEN, query, count=False).features, (low, high)
