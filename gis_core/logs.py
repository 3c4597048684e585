"""What the processes write into their logs: where something failed and how, never what somebody entered.

The words of an exception quote values ("Key (phone)=(0905 123 456) already exists"), so a trace is written without
them: its frames, the kinds of the exceptions, and of the database's the SQLSTATE and the names of table, column and
constraint. Only kinds whose words come from programs and settings keep them.
"""

from __future__ import annotations

import logging
import logging.config
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import psycopg

from gis_core.config import SettingError
from gis_core.outages import causes, is_lost
from gis_core.problems import Problem

# What failed with these is said in words of programs: a file's name, a module. No TypeError nor ValueError: those of
# Django quote what a field was given ("expected a number but got ...").
SPOKEN = (OSError, ImportError, AttributeError, NameError, NotImplementedError, SettingError)

type ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Lines that quote no value: not in a trace, not where an exception is an argument, not a job's arguments.

    Times are in UTC in every log of the city, as in that of the database: Django gives its processes the city's zone,
    which the others have not, and one event would stand seven hours apart in two logs.
    """

    converter = staticmethod(time.gmtime)
    default_msec_format = "%s,%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        safe = logging.makeLogRecord(record.__dict__)
        if isinstance(record.msg, BaseException):
            safe.msg = kind_of(record.msg)
        job = getattr(record, "job", None)
        if isinstance(job, dict):  # procrastinate writes the call with its arguments
            safe.msg, safe.args = (
                f"job {job.get('id')} {job.get('task_name')}: {record.__dict__.get('action')}",
                None,
            )
        elif isinstance(record.args, tuple):
            safe.args = tuple(
                kind_of(each) if isinstance(each, BaseException) else each for each in record.args
            )
        safe.exc_text = None  # another handler's
        return super().format(safe)

    def formatException(self, ei: ExcInfo) -> str:
        parts = []
        for error in reversed(list(causes(ei[1]))):
            frames = "".join(traceback.format_tb(error.__traceback__)).rstrip()
            parts.append(f"{frames}\n{kind_of(error)}" if frames else kind_of(error))
        return "\nwhich led to:\n".join(parts)


def kind_of(error: BaseException) -> str:
    """``error`` by its type, and by what of it cannot hold a value."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, Problem):
        return f"{name} {error.code}"
    if is_lost(error):
        return f"{name}: {str(error).partition(chr(10))[0]}"
    if isinstance(error, psycopg.Error):
        told = error.diag
        facts = (error.sqlstate, told.schema_name, told.table_name, told.column_name, told.constraint_name)
        return " ".join([name, *(fact for fact in facts if fact)])
    return f"{name}: {error}" if isinstance(error, SPOKEN) else name


# Faults go to the process's own log, refusals do not: a log of bad requests would be a log of people's searches.
LOGGING: Mapping[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "gis_core.logs.Discreet",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.security.DisallowedModelAdminLookup": {"level": "CRITICAL"},
        # What a job was given, and what it returned.
        "procrastinate": {"level": "ERROR"},
        # Names and addresses of who tries to sign in: they are in the database, for those who may see them.
        "axes": {"handlers": [], "propagate": False},
        # Its errors quote the inputs of a process.
        "pygeoapi": {"handlers": [], "propagate": False},
        # A connection that was cut, and words of the server about it.
        "psycopg.pool": {"level": "ERROR"},
    },
}


def set_up() -> None:
    """For a process that writes into a log of the city: its lines, and what nobody caught in it."""
    logging.config.dictConfig(dict(LOGGING))
    log = logging.getLogger("huong")
    sys.excepthook = lambda kind, error, trace: log.critical("ended", exc_info=(kind, error, trace))
    threading.excepthook = lambda told: log.critical("a thread ended", exc_info=told.exc_value)
