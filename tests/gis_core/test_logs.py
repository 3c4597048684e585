"""Lines of our logs: what failed and where, and no word that somebody entered."""

from __future__ import annotations

import logging
import sys
import time

import psycopg
import pytest
from django.db.models import IntegerField

from gis_core.config import SettingError
from gis_core.logs import Discreet
from gis_core.outages import database_busy

SECRET = "0905 123 456"
FORMATTER = Discreet("%(levelname)s %(name)s %(message)s")


def line(message: object, *arguments: object, error: BaseException | None = None, **extra: object) -> str:
    trace = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("huong", logging.ERROR, __file__, 1, message, arguments, trace)
    record.__dict__.update(extra)
    return FORMATTER.format(record)


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as caught:
        return caught


def test_times_are_those_of_every_other_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if the worker, to which Django gives the city's zone, wrote seven hours later than the tile server."""
    record = logging.makeLogRecord({"created": 1_764_547_200.5, "msecs": 500.0, "msg": "x"})
    try:
        for zone in ("Asia/Ho_Chi_Minh", "America/New_York"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert Discreet("%(asctime)s").format(record) == "2025-12-01 00:00:00,500Z"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_trace_names_the_place_and_the_kind_alone() -> None:
    """Would fail if the words of an exception, or of one that led to it, were written."""
    broken = raised(psycopg.errors.UniqueViolation(f"DETAIL: Key (phone)=({SECRET}) already exists."))
    told = line("request %s failed", "ab12", error=raised(ValueError(f"cannot take {SECRET}"), broken))
    assert SECRET not in told
    assert "request ab12 failed" in told and "in raised" in told
    assert "psycopg.errors.UniqueViolation 23505" in told and told.endswith("\nValueError")


def test_what_a_field_of_a_model_was_given_is_not_told() -> None:
    """Would fail if kinds whose words Django fills with values kept their words."""
    field = IntegerField(name="phone")
    for given, kind in (([SECRET], "TypeError"), (SECRET, "ValueError")):
        with pytest.raises((TypeError, ValueError), match=SECRET) as refused:
            field.get_prep_value(given)
        told = line("request failed", error=refused.value)
        assert SECRET not in told and told.endswith(f"\n{kind}")


def test_an_exception_among_the_arguments_is_its_kind() -> None:
    """Would fail if a warning quoted the database."""
    assert line("no tile: %s", psycopg.errors.InvalidTextRepresentation(f'"{SECRET}"')) == (
        "ERROR huong no tile: psycopg.errors.InvalidTextRepresentation 22P02"
    )
    assert line(ValueError(SECRET)) == "ERROR huong ValueError"
    assert line("left out: %s", database_busy()).endswith("gis_core.problems.Problem database-busy")


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(2, "No such file or directory", "/var/x"),
        SettingError("HUONG_PORT is no number"),
        psycopg.OperationalError("connection to server on socket failed: Connection refused"),
    ],
)
def test_what_programs_say_is_kept(error: Exception) -> None:
    """Would fail if an operator were not told which file, setting or server it was."""
    assert str(error) in line("failed: %s", error)


def test_a_job_is_named_without_its_arguments() -> None:
    """Would fail if a failed job wrote what it was given into the worker's log."""
    job = {"id": 7, "task_name": "imports.run", "task_kwargs": {"phone": SECRET}}
    told = line(f"Job imports.run[7](phone='{SECRET}') ended with status: Error", job=job, action="job_error")
    assert told == "ERROR huong job 7 imports.run: job_error"


def test_what_nobody_caught_is_written_so_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Would fail if the interpreter itself wrote the words of the exception that ends a process or a thread."""
    from gis_core import logs

    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr("threading.excepthook", None)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    logs.set_up()
    error = raised(ValueError(SECRET))
    sys.excepthook(ValueError, error, error.__traceback__)
    told = capsys.readouterr().err
    assert "ValueError" in told and SECRET not in told
