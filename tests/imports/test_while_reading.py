"""A long file is stored while it is read, on the guess that it goes on as it begins: what it becomes is the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gis_core.config import Config
from gis_core.problems import Problem
from imports import indexing, reading, run
from imports.indexing import drop_unfinished
from imports.listing import remove_published
from imports.run import run_import
from tests.imports.files import BOW_TIE, feature, geojson, nothing_of, point, request, rows, square
from tests.waiting import wait_until

FULL = os.environ.get("HUONG_TEST_FULL") == "1"
ROWS = 5200  # in six batches: the guess is made by three, and something is left when it fails
LATE = 3400


def lots() -> list[dict[str, Any]]:
    return [
        feature(
            square(107.5 + i % 60 * 0.002, 16.4 + i // 60 * 0.002), identity=i,
            ten=f"Thửa {i}", so=i, cao=i / 4, ngay="2024-02-29", luc="2024-02-29T08:00:00+07:00", dung=i % 2 == 0,
        )
        for i in range(ROWS)
    ]  # fmt: skip


def late(**changes: Any) -> list[dict[str, Any]]:
    """The lots, of which a late one has other ``changes`` of properties, or another ``geometry``."""
    made = lots()
    if "geometry" in changes:
        made[LATE]["geometry"] = changes.pop("geometry")
    made[LATE]["properties"] |= changes
    return made


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """By which way the imports of a test were written, in order."""
    found: list[str] = []
    for name in ("written_while_read", "written_when_read"):
        goes_on = getattr(run, name)

        def noted(*given: Any, name: str = name, goes_on: Any = goes_on) -> Any:
            found.append(name)
            return goes_on(*given)

        monkeypatch.setattr(run, name, noted)
    return found


def outcome(file: Path, monkeypatch: pytest.MonkeyPatch, *, early: bool, **options: Any) -> Any:
    """What the import of ``file`` reported, and what stands then: the dataset's declaration and rows. It is removed."""
    with monkeypatch.context() as patch:
        if not early:
            patch.setattr(reading, "BEGINNING", 1000)
        try:
            report = run_import(request(file, dataset="lo_dat", **options)).document()
        except Problem as problem:
            assert nothing_of("lo_dat")
            return problem.status, problem.code, problem.detail
    del report["seconds"]
    if not report["carried_out"]:
        assert nothing_of("lo_dat")
        return report, None, None
    published = rows("select declaration::text from huong.published where layer = 'lo_dat'")
    stored = rows("select t::text from dataset.lo_dat t order by fid")
    remove_published("lo_dat", "test")
    rows_of_runs()
    return report, published, stored


def rows_of_runs() -> None:
    from imports.models import ImportRun

    ImportRun.objects.using("owner").filter(target="lo_dat").delete()


def test_a_long_file_is_written_while_it_is_read(
    tmp_path: Path, city: Config, monkeypatch: pytest.MonkeyPatch, ways: list[str]
) -> None:
    file = geojson(tmp_path, *lots())
    early = outcome(file, monkeypatch, early=True)
    assert ways == ["written_while_read"]
    usual = outcome(file, monkeypatch, early=False)
    assert ways == ["written_while_read", "written_while_read", "written_when_read"]
    assert early == usual
    assert early[0]["written"] == ROWS == len(early[2])


OTHERWISE: dict[str, dict[str, Any]] = {
    "a fraction among whole numbers": {"so": 0.5},
    "digits as a text": {"so": "007"},
    "a text among days": {"ngay": "mai"},
    "a moment without a zone": {"luc": "2024-02-29T08:00:00"},
    "a whole number beyond fractions": {"cao": 2**53 + 1},
    "a number among truths": {"dung": 1},
    "nothing": {"ten": None, "so": None, "cao": None, "ngay": None, "luc": None, "dung": None},
    "another column": {"moi": "x"},
    "a text with a NUL": {"ten": "a\x00b"},
    "several parts": {"geometry": {"type": "MultiPolygon", "coordinates": [square()["coordinates"]]}},
    "another kind of shape": {"geometry": point()},
    "a shape that crosses itself": {"geometry": BOW_TIE},
    "outside of the world": {"geometry": square(190.0)},
    "metres": {"geometry": square(560_000.0, 1_820_000.0, 10)},
}


TELLING = [
    "a fraction among whole numbers",
    "digits as a text",
    "another column",
    "a shape that crosses itself",
    "metres",
]


@pytest.mark.parametrize("otherwise", OTHERWISE if FULL else TELLING)
def test_a_file_that_goes_on_otherwise_becomes_what_it_is_as_a_whole(
    tmp_path: Path, city: Config, monkeypatch: pytest.MonkeyPatch, ways: list[str], otherwise: str
) -> None:
    """Every message, type and value as if the file had been read to its end first."""
    file = geojson(tmp_path, *late(**dict(OTHERWISE[otherwise])))
    early = outcome(file, monkeypatch, early=True)
    assert ways[0] == "written_while_read"
    assert (len(ways) == 2) == (otherwise not in ("nothing", "metres")), ways
    assert early == outcome(file, monkeypatch, early=False)


@pytest.mark.parametrize("options", [{"repair": True}, {"skip_rejected": True}, {"dry_run": True}])
def test_options_mean_the_same(
    tmp_path: Path, city: Config, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    file = geojson(tmp_path, *late(geometry=BOW_TIE))
    early = outcome(file, monkeypatch, early=True, **options)
    assert early == outcome(file, monkeypatch, early=False, **options)
    if "dry_run" not in options:
        assert early[0]["carried_out"]


@pytest.fixture
def held_up(tmp_path: Path, city: Config) -> Iterator[tuple[subprocess.Popen[str], psycopg.Connection[Any]]]:
    """An import that has stored its rows and waits to build an index: its process, and the session in its way."""
    file = geojson(tmp_path, *lots(), name="lo_dat.geojson")
    process = subprocess.Popen(
        [sys.executable, "-m", "gis_core.cli", "import", str(file)],
        env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    with psycopg.connect(**city.connection("owner")) as session:

        def stands_in_the_way() -> bool:
            assert process.poll() is None, "the import was over before it could be held up"
            try:
                session.execute("lock table dataset.lo_dat in row exclusive mode")
            except psycopg.errors.UndefinedTable:
                session.rollback()
                return False
            return True

        wait_until(stands_in_the_way, "rows stored")
        wait_until(lambda: bool(building("lo_dat")), "an index that is waited for")
        yield process, session
    if process.poll() is None:
        process.kill()
    process.communicate()


def building(dataset: str) -> list[Any]:
    return rows(
        "select pid from pg_stat_activity where datname = current_database() and state = 'active'"
        f" and query like 'create index %dataset.{dataset} %'"
    )


def test_an_import_that_is_killed_over_its_indexes_is_gone_with_the_next(
    held_up: tuple[subprocess.Popen[str], psycopg.Connection[Any]], tmp_path: Path
) -> None:
    """Would fail if rows that were stored before their indexes stayed for ever, or were served to anybody; or if one
    import dropped what another is at work on.
    """
    process, session = held_up
    another = request(geojson(tmp_path, feature(point(107.5, 16.4)), name="sau.geojson"))
    assert run_import(another).carried_out
    assert rows("select to_regclass('dataset.lo_dat')::text") == [("dataset.lo_dat",)], (
        "it is still under way"
    )
    assert not rows("select 1 from huong.published where layer = 'lo_dat'")
    process.kill()
    process.wait()
    session.rollback()
    wait_until(lambda: not building("lo_dat"), "an end of its sessions")
    remove_published("sau", "test")
    wait_until(lambda: drop_unfinished() is None and nothing_of("lo_dat"), "an end of its table")


def test_an_import_that_is_stopped_over_its_indexes_leaves_nothing(
    held_up: tuple[subprocess.Popen[str], psycopg.Connection[Any]],
) -> None:
    """Would fail if Ctrl-C waited for the indexes, or left the rows."""
    process, session = held_up
    process.send_signal(signal.SIGINT)
    wait_until(lambda: not building("lo_dat"), "an end of its statements")
    session.rollback()
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "Stopped; nothing was written" in output and "Traceback" not in output
    assert nothing_of("lo_dat")


def test_an_index_that_cannot_be_built_leaves_nothing(
    tmp_path: Path, city: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would fail if the table stayed when the database refused: a full disk, a value too long for an index."""
    monkeypatch.setattr(indexing, "create_indexes_sql", lambda *_: ["create index no on dataset.lo_dat (no)"])
    with pytest.raises(Problem) as refused:
        run_import(request(geojson(tmp_path, *lots()), dataset="lo_dat"))
    assert refused.value.status == 409
    assert nothing_of("lo_dat")
