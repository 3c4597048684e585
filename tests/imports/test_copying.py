"""Batches of rows on their way to the database: kept, packed, and the same on the other side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely

from gis_core.config import Config
from gis_core.datasets import COLUMN_TYPES
from gis_core.layer import FieldType
from imports import spool as spool_module
from imports.copying import BEGINNING, END, copy_order, packed_rows
from imports.frames import Rows, read_frame, write_frame
from imports.shapes import are_written_so, fitted, packed_if_fit, parsed
from imports.source_crs import SourceCrs
from imports.spool import Spool

VALUES: dict[FieldType, list[Any]] = {
    "text": ["", "Huế", "x" * 70_000, "a\n\t\\N", "Huế"],
    "integer": [0, -(2**63), 2**63 - 1, 7, 7],
    "number": [0.1, -0.0, 5e-324, 1.7976931348623157e308, 3],
    "boolean": [True, False, True, True, False],
    "date": [date(1, 1, 1), date(9999, 12, 31), date(2000, 1, 1), date(1999, 12, 31), date(2024, 2, 29)],
    "datetime": [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2025, 7, 1, 0, 0, 0, 1, tzinfo=timezone(timedelta(hours=7))),
        datetime(2000, 1, 1, tzinfo=UTC),
    ],
}
PLACE = shapely.to_wkb(shapely.Point(107.5, 16.4))


@pytest.fixture
def owner(city: Config) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**city.connection("owner")) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("missing", ["none", "one of each", "all of one", "only texts", "no columns"])
def test_what_is_packed_is_what_is_stored(owner: psycopg.Connection[Any], missing: str) -> None:
    """To the last bit and digit, in more batches than one, wherever values are missing."""
    kinds: list[FieldType] = ["text"] if missing == "only texts" else list(COLUMN_TYPES)
    kinds = [] if missing == "no columns" else kinds
    columns = {kind: list(VALUES[kind]) for kind in kinds}
    if missing == "one of each":
        for index, kind in enumerate(kinds):
            columns[kind][index % 5] = None
    if missing == "all of one":
        columns["integer"] = columns["text"] = [None] * 5
    names = [f"c_{kind}" for kind in copy_order(kinds, lambda kind: kind)]
    declared = ", ".join(f"c_{kind} {COLUMN_TYPES[kind]}" for kind in kinds)
    owner.execute(
        f"create temp table packed (n serial, {declared}{',' * bool(kinds)} g geometry(Point, 4326))"
    )  # type: ignore[arg-type]
    with (
        owner.cursor() as cursor,
        cursor.copy(
            f"copy packed ({', '.join([*names, 'g'])}) from stdin (format binary)"  # type: ignore[arg-type]
        ) as copy,
    ):
        copy.write(BEGINNING)
        for part in (slice(0, 2), slice(2, 2), slice(2, 5)):
            ordered = [(kind, columns[kind][part]) for kind in copy_order(kinds, lambda kind: kind)]
            copy.write(packed_rows(ordered, [PLACE] * len(range(5)[part])))
        copy.write(END)
    for kind in kinds:
        query = f"select c_{kind}, c_{kind}::text from packed order by n"
        found = owner.execute(query.encode()).fetchall()  # type: ignore[arg-type]
        assert [value for value, _ in found] == columns[kind], kind
    places = owner.execute("select distinct st_asewkt(g), count(*) over () from packed").fetchall()
    assert places == [("SRID=4326;POINT(107.5 16.4)", 5)]


SHAPES = {
    "points": ["POINT (107.5 16.4)", "POINT (-180 85)"],
    "lines": ["LINESTRING (107 16, 108 16)", "LINESTRING (107 16, 107.1 16, 107.2 16.3)"],
    "polygons": [
        "POLYGON ((107 16, 108 16, 108 17, 107 16))",
        "POLYGON ((107 16, 108 16, 108 17, 107 17, 107 16), (107.2 16.2, 107.3 16.2, 107.3 16.3, 107.2 16.2))",
    ],
    "multi": ["MULTIPOINT (107 16)", "MULTIPOINT (107 16, 108 17)"],
}


@pytest.mark.parametrize("kind", SHAPES)
def test_fit_geometries_are_packed_as_if_written_anew(kind: str) -> None:
    wkb = [shapely.to_wkb(shapely.from_wkt(text)) for text in SHAPES[kind]]
    lonlat = SourceCrs(4326)
    found = parsed(wkb)
    done = packed_if_fit(found, wkb, lonlat)
    assert done is not None
    assert done[0] == [*shapely.to_wkb(fitted(found, lonlat, done[1], repair=False).lonlat)]
    assert are_written_so(found, wkb) == (kind != "multi")


@pytest.mark.parametrize(
    "wkb",
    [
        shapely.to_wkb(shapely.Point(107, 16)) + b"\0",  # something after it
        shapely.to_wkb(shapely.Point(107, 16), byte_order=0),
        shapely.to_wkb(shapely.Point(107, 16, 5), flavor="iso", output_dimension=3),
    ],
)
def test_what_is_written_otherwise_is_written_anew(wkb: bytes) -> None:
    found = parsed([wkb])
    assert not are_written_so(found, [wkb])
    done = packed_if_fit(found, [wkb], SourceCrs(4326))
    assert done is not None
    assert done[0] == [shapely.to_wkb(shapely.Point(107, 16))]


@pytest.mark.parametrize(
    "text",
    [
        "POINT (181 16)",
        "POINT (107 86)",
        "POINT (nan 16)",
        "POINT EMPTY",
        "POLYGON ((107 16, 108 17, 108 16, 107 17, 107 16))",
    ],
)
def test_what_is_not_fit_is_not_packed(text: str) -> None:
    wkb = [shapely.to_wkb(shapely.from_wkt(text))]
    assert packed_if_fit(parsed(wkb), wkb, SourceCrs(4326)) is None


def test_a_spool_gives_back_what_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order and again, however much of it is on disk; rows that came from no frame have no known size."""
    batches = [Rows([n], [n], [b"x" * 900], {"a": ["y" * n]}) for n in range(1, 7)]
    file = tmp_path / "frames"
    with file.open("wb") as out:
        for rows in batches:
            write_frame(out, rows)
    for most, on_disk in ((0, 7), (2500, 5), (1 << 20, 1)):
        monkeypatch.setattr(spool_module, "HELD_BYTES", most)
        with Spool(tmp_path) as spool, file.open("rb") as frames:
            while (read := read_frame(frames)) is not None:
                assert isinstance(read, Rows) and read.size > 900
                spool.add(read, "Point")
            spool.add(Rows([7], [7], [None]))
            assert len(spool._on_disk) == on_disk
            for _ in range(2):
                given = list(spool.batches())
                assert [rows.numbers[0] for rows, _ in given] == [1, 2, 3, 4, 5, 6, 7]
                assert [packed for _, packed in given] == ["Point"] * 6 + [None]
                assert [rows.columns for rows, _ in given[:6]] == [rows.columns for rows in batches]
