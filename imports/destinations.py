"""Where rows go: a new dataset's table, a dataset that is there, or the model of a declared layer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import psycopg
import shapely
from django.db import DatabaseError, OperationalError, connections, transaction
from numpy.typing import NDArray

from gis_core.datasets import (
    build_indexes_of,
    create_dataset,
    create_table_sql,
    publish_dataset,
    remove_dataset,
    standing_dataset,
    take_place,
)
from gis_core.layer import DeclarationError, Layer
from gis_core.problems import Problem
from gis_core.styles.editing import keeping_styles
from gis_core.words import Text
from imports.copying import BEGINNING, END, copy_order, packed_rows
from imports.indexing import mark_finished, set_aside
from imports.report import RowNote

LOCK_TIMEOUT = "200ms"  # readers queue behind a waiting lock: give way and try again
LOCK_TRIES = 100
KEY = re.compile(r"\((.+)\)=\((.*)\)")  # in the words of PostgreSQL, whatever their language


@dataclass(frozen=True)
class Batch:
    """Checked rows: their numbers and identities in the file, their values by column, their places in EPSG:4326, and as
    surveyed in the file's own CRS. ``packed``: both hold WKB in EPSG:4326 already, not shapely's geometries.
    """

    numbers: list[int]
    ids: list[int | str | None]
    columns: Mapping[str, list[Any]]
    lonlat: NDArray[Any]
    surveyed: NDArray[Any]
    packed: bool = False

    def __len__(self) -> int:
        return len(self.numbers)

    def note(self, index: int, words: Text) -> RowNote:
        """Something about the row at ``index``."""
        return RowNote(self.numbers[index], self.ids[index], words)


Write = Callable[[Batch], list[RowNote]]
"""Writes a batch and says which rows were refused, and why."""


class Destination(Protocol):
    """One way to write; all of it within one transaction on the connection ``using``.

    Between entering and leaving ``writing`` the connection belongs to it alone.
    """

    using: str
    layer: Layer

    def begin(self, cursor: Any) -> None: ...
    def writing(self, cursor: Any) -> AbstractContextManager[Write]: ...
    def finish(self, cursor: Any) -> None: ...


def lock_target(cursor: Any, target: str) -> None:
    """Two imports into one layer come after each other, not through each other."""
    cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"huong import {target}"])


@contextmanager
def copying(
    cursor: Any, table: str, layer: Layer, columns: tuple[str, ...], *, fresh: bool = False
) -> Iterator[Write]:
    """One COPY of ``columns`` and the place into ``table``: the database stores while the next rows are read.

    ``fresh``: this transaction made the table, so that nobody can miss it when its rows count as old ones at once.
    """
    kinds = {f.sql_column: f.type for f in layer.fields}
    ordered = copy_order(columns, kinds.__getitem__)
    listed = ", ".join(f'"{name}"' for name in (*ordered, layer.geometry.column))
    frozen = ", freeze" if fresh else ""
    with cursor.copy(f"copy {table} ({listed}) from stdin (format binary{frozen})") as copy:
        copy.write(BEGINNING)

        def write(batch: Batch) -> list[RowNote]:
            places = list(batch.lonlat) if batch.packed else list(shapely.to_wkb(batch.lonlat))
            copy.write(packed_rows([(kinds[name], batch.columns[name]) for name in ordered], places))
            return []

        yield write
        copy.write(END)


class NewDataset:
    """A dataset's table made anew; ``replaced`` is the dataset whose place it takes, if any.

    A replaced table of the same columns is emptied and filled, which hinders no reader. Otherwise the new one is
    filled beside it and they change places at the end, in a moment.
    """

    using = "owner"

    def __init__(self, layer: Layer, columns: tuple[str, ...], replaced: Layer | None = None) -> None:
        self.layer, self.columns = layer, columns
        self.replaced = replaced
        self.same = replaced is not None and create_table_sql(replaced) == create_table_sql(layer)
        self.filled = layer if replaced is None or self.same else replace(layer, table=f"{layer.table}__new")

    def begin(self, cursor: Any) -> None:
        if self.replaced is None:
            try:
                create_dataset(cursor, self.layer)
            except DeclarationError as error:
                raise taken_name(self.layer.id) from error
            return
        if not self.same:
            cursor.execute(create_table_sql(self.filled))
            self.count_on(cursor)
        # Deleted row by row, so that the history keeps what stood there.
        cursor.execute(f"delete from {self.replaced.table}")

    def count_on(self, cursor: Any) -> None:
        """Identities go on where the old table's ended: its history must not speak of two things by one number."""
        assert self.replaced is not None
        cursor.execute(
            "select setval(pg_get_serial_sequence(%s, 'fid'), nextval(pg_get_serial_sequence(%s, 'fid')))",
            [self.filled.table, self.replaced.table],
        )

    def writing(self, cursor: Any) -> AbstractContextManager[Write]:
        fresh = self.replaced is None or not self.same
        return copying(cursor, self.filled.table, self.layer, self.columns, fresh=fresh)

    def set_aside(self, cursor: Any) -> None:
        """Instead of `finish`, for a table whose place nobody had: `imports.indexing` and `publish` do the rest."""
        cursor.execute(f"analyze {self.layer.table}")
        set_aside(cursor, self.layer)

    def publish(self, cursor: Any) -> None:
        """Serve the table that was set aside, in a later transaction."""
        mark_finished(cursor, self.layer)
        publish_dataset(cursor, self.layer, analyzed=True)

    def finish(self, cursor: Any) -> None:
        if not self.same and self.replaced is not None:
            build_indexes_of(cursor, self.layer, self.filled.table)
            cursor.execute(f"analyze {self.filled.table}")
        if self.replaced is not None:
            between_readers(cursor, self.change_places)
        else:
            publish_dataset(cursor, self.layer)

    def change_places(self, cursor: Any) -> None:
        # New data of the same kind are drawn as the old ones were: the style is the city's, not the file's.
        stands = standing_dataset(cursor, self.layer.id)
        layer = self.layer if stands is None else keeping_styles(self.layer, stands)
        if not self.same:
            assert self.replaced is not None
            remove_dataset(cursor, self.replaced)
            take_place(cursor, layer, self.filled.table)
        # A table that was filled beside has been analyzed there; here readers wait.
        publish_dataset(cursor, layer, analyzed=not self.same)


def between_readers[T](cursor: Any, step: Callable[[Any], T]) -> T:
    """What ``step(cursor)`` returns under a short lock timeout, tried until it gets through; else Problem 503."""
    for attempt in range(1, LOCK_TRIES + 1):
        try:
            with transaction.atomic(using="owner"):
                cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
                done = step(cursor)
                cursor.execute("set local lock_timeout = default")
                return done
        except OperationalError as error:
            if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable) or attempt == LOCK_TRIES:
                raise Problem(
                    503,
                    "readers-in-the-way",
                    Text(
                        "Lớp đang được đọc liên tục, chưa thay được. Hãy thử lại.",
                        "The layer is being read all the time and could not be replaced. Try again.",
                    ),
                ) from error
            time.sleep(0.1)
    raise AssertionError("unreachable")


class MoreRows:
    """Rows added to a dataset that is there."""

    using = "owner"

    def __init__(self, layer: Layer, columns: tuple[str, ...]) -> None:
        self.layer, self.columns = layer, columns

    def begin(self, cursor: Any) -> None:
        pass

    def writing(self, cursor: Any) -> AbstractContextManager[Write]:
        return copying(cursor, self.layer.table, self.layer, self.columns)

    def finish(self, cursor: Any) -> None:
        between_readers(cursor, self.publish)

    def publish(self, cursor: Any) -> None:
        stands = standing_dataset(
            cursor, self.layer.id
        )  # its styles may have been edited while rows were written
        publish_dataset(cursor, self.layer if stands is None else replace(self.layer, styles=stands.styles))


def taken_name(name: str) -> Problem:
    return Problem(
        409,
        "name-is-taken",
        Text(
            f"Đã có lớp hoặc bảng “{name}”. Chọn tên khác bằng --dataset, hoặc dùng --replace, --append.",
            f"There is a layer or table “{name}” already. Choose another name with --dataset, or use --replace or"
            " --append.",
        ),
        parameter="dataset",
    )


def refused_by_database(error: Exception) -> Text:
    """Why the database refused a row, with the rule's name: the operator may see the data anyway."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    if isinstance(cause, psycopg.errors.UniqueViolation):
        key = KEY.search(cause.diag.message_detail or "")
        if key:
            return Text(
                f"đã có một đối tượng với {key[1]} = {key[2]}",
                f"there is a feature with {key[1]} = {key[2]} already",
            )
    rule = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
    shown = f" ({rule})" if rule else ""
    return Text(
        f"trùng hoặc trái với một ràng buộc của lớp{shown}", f"repeats, or breaks, a rule of the layer{shown}"
    )


def row_count(using: str, table: str) -> int:
    """Whether there are rows: 1 or 0."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"select count(*) from (select 1 from {table} limit 1) q")
        return int(cursor.fetchone()[0])
