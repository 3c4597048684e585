"""What is no fault of a request: a database that restarts or is busy, a disk that is full. Said as 503 with a reason.

psycopg's errors are known here, bare or as the cause of Django's.
"""

from __future__ import annotations

import errno
import select
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from gis_core.problems import Problem
from gis_core.words import Text

# A pool pauses a second after an attempt to connect that failed, then two, so that a database that is back would not be
# found for as long. Ours gives up after this, and whoever still waits for a connection has it begin anew.
TRIED_ANEW_S = 0.25

# Ends of a connection that say so; a connection that is cut off says nothing, and has no SQLSTATE.
GOING_DOWN = frozenset({"57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"})
NO_PLACE = frozenset({"53100"})
# Somebody else was first: a lock, a deadlock, a row that another transaction changed.
CROSSED = frozenset({"55P03", "40P01", "40001"})
READ_ONLY = frozenset({"25006"})  # a standby, or a database that its operator closed to changes
# Of files and processes of ours: no room, no more files or processes at a time, a disk that takes nothing any more.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
SPENT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN})
FAILED = frozenset({errno.EROFS, errno.EIO})
TOO_DEAR = frozenset({"57014", "53400", "54000", "54001"})  # cancelled by its timeout, or over its bounds


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """``error``, and what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__


def is_lost(error: BaseException) -> bool:
    """Whether a connection broke, or could not be made: nothing is known of the statement that was on its way."""
    for each in causes(error):
        if isinstance(each, PoolTimeout | TooManyRequests | PoolClosed):
            return False
        if isinstance(each, psycopg.InterfaceError):
            return True
        if isinstance(each, psycopg.Error) and each.sqlstate in GOING_DOWN:
            return True
        if isinstance(each, psycopg.OperationalError):
            state = each.sqlstate
            return state is None or state.startswith("08")
    return False


def has_word(connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> bool:
    """Whether the server has said something on an idle connection: mostly that it is gone. Some microseconds."""
    waiting = select.poll()
    waiting.register(connection.pgconn.socket, select.POLLIN)
    return bool(waiting.poll(0))


def outage_of(error: BaseException) -> Problem | None:
    """The 503 Problem of an outage; None for every other fault."""
    for each in causes(error):
        if isinstance(each, MemoryError):
            return server_busy()
        if isinstance(each, OSError) and (problem := _of_system(each)) is not None:
            return problem
        if isinstance(each, PoolTimeout | TooManyRequests | PoolClosed):
            return database_busy()
        if isinstance(each, psycopg.Error) and each.sqlstate is not None:
            if each.sqlstate in TOO_DEAR:
                return too_slow()
            if each.sqlstate in NO_PLACE:
                return disk_full()
            if each.sqlstate in READ_ONLY:
                return database_read_only()
            if each.sqlstate.startswith(("53", "58")) or each.sqlstate in CROSSED:
                return database_busy()
    return database_away() if is_lost(error) else None


def _of_system(error: OSError) -> Problem | None:
    if error.errno in FULL:
        return disk_full()
    if error.errno in FAILED:
        return disk_failed()
    return server_busy() if error.errno in SPENT else None


def too_slow() -> Problem:
    return _problem(
        "too-slow",
        "Truy vấn mất quá nhiều thời gian. Hãy thu hẹp vùng hoặc bộ lọc rồi thử lại.",
        "The query took too long. Narrow the area or the filter and try again.",
    )


def database_away() -> Problem:
    """The outcome of a change that was on its way is not known."""
    return _problem(
        "database-away",
        "Cơ sở dữ liệu đang khởi động lại. Hãy thử lại sau ít giây; nếu đang lưu, hãy xem trước đã lưu hay chưa.",
        "The database is restarting. Try again in a few seconds; if you were saving, look first whether it was saved.",
    )


def database_busy() -> Problem:
    return _problem(
        "database-busy",
        "Cơ sở dữ liệu đang bận. Hãy thử lại sau ít giây.",
        "The database is busy. Try again in a few seconds.",
    )


def disk_full() -> Problem:
    return _problem(
        "disk-full",
        "Máy chủ hết chỗ trên đĩa, chưa lưu được gì. Hãy báo người quản trị rồi thử lại sau.",
        "The server's disk is full and nothing was saved. Tell the administrator and try again later.",
        seconds=60,
    )


def disk_failed() -> Problem:
    return _problem(
        "disk-failed",
        "Máy chủ không ghi được vào đĩa, chưa lưu được gì. Hãy báo người quản trị rồi thử lại sau.",
        "The server cannot write to its disk and nothing was saved. Tell the administrator and try again later.",
        seconds=60,
    )


def server_busy() -> Problem:
    return _problem(
        "server-busy",
        "Máy chủ đang quá tải. Hãy thử lại sau ít giây.",
        "The server has more to do than it can. Try again in a few seconds.",
    )


def database_read_only() -> Problem:
    return _problem(
        "database-read-only",
        "Cơ sở dữ liệu hiện chỉ cho đọc, chưa lưu được gì. Hãy thử lại sau.",
        "The database can only be read now and nothing was saved. Try again later.",
        seconds=60,
    )


def unreadable() -> Problem:
    """What is asked of a layer that raises an error whenever it is read."""
    return _problem(
        "layer-unreadable",
        "Hiện không đọc được lớp này; lỗi đã được ghi lại.",
        "This layer cannot be read now; the fault has been recorded.",
        seconds=60,
    )


def _problem(code: str, vi: str, en: str, *, seconds: int = 5) -> Problem:
    return Problem(503, code, Text(vi, en), headers={"Retry-After": str(seconds)})
