"""Where rows go: a new dataset's table, a dataset that is there, or the model of a declared layer."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import psycopg
import shapely
from django.db import DatabaseError, OperationalError, connections, transaction
from shapely.geometry.base import BaseGeometry

from gis_core.datasets import create_dataset, create_table_sql, publish_dataset, remove_dataset
from gis_core.layer import DeclarationError, Layer
from gis_core.problems import Problem
from gis_core.styles.editing import keeping_styles
from gis_core.words import Text

LOCK_TIMEOUT = "200ms"  # readers queue behind a waiting lock: give way and try again
LOCK_TRIES = 100


@dataclass(frozen=True)
class Ready:
    """A checked row: values by column, its place in EPSG:4326, and as surveyed in the file's own CRS."""

    row: int
    id: int | str | None
    values: Mapping[str, Any]
    lonlat: BaseGeometry
    surveyed: BaseGeometry


Refused = tuple[Ready, Text]


class Destination(Protocol):
    """One way to write; all four within one transaction on the connection ``using``."""

    using: str
    layer: Layer

    def begin(self, cursor: Any) -> None: ...
    def write(self, cursor: Any, rows: Sequence[Ready]) -> list[Refused]: ...
    def finish(self, cursor: Any) -> None: ...


def lock_target(cursor: Any, target: str) -> None:
    """Two imports into one layer come after each other, not through each other."""
    cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"huong import {target}"])


def copy_rows(cursor: Any, table: str, geometry: str, rows: Sequence[Ready]) -> None:
    """COPY ``rows``, which have the same columns, into ``table``."""
    if not rows:
        return
    columns = list(rows[0].values)
    places = shapely.to_wkb(shapely.set_srid([r.lonlat for r in rows], 4326), hex=True, include_srid=True)
    listed = ", ".join(f'"{name}"' for name in (*columns, geometry))
    with cursor.copy(f"copy {table} ({listed}) from stdin") as copy:
        for row, place in zip(rows, places, strict=True):
            copy.write_row((*row.values.values(), place))


class NewDataset:
    """A dataset's table made anew; ``replaced`` is the dataset whose place it takes, if any.

    A replaced table of the same columns is emptied and filled, which hinders no reader. Otherwise the new one is
    filled beside it and they change places at the end, in a moment.
    """

    using = "owner"

    def __init__(self, layer: Layer, replaced: Layer | None = None) -> None:
        # New data of the same kind are drawn as the old ones were: the style is the city's, not the file's.
        layer = layer if replaced is None else keeping_styles(layer, replaced)
        self.layer = layer
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

    def write(self, cursor: Any, rows: Sequence[Ready]) -> list[Refused]:
        copy_rows(cursor, self.filled.table, self.layer.geometry.column, rows)
        return []

    def finish(self, cursor: Any) -> None:
        if self.replaced is not None:
            between_readers(cursor, self.change_places)
        else:
            publish_dataset(cursor, self.layer)

    def change_places(self, cursor: Any) -> None:
        if not self.same:
            assert self.replaced is not None
            remove_dataset(cursor, self.replaced)
            cursor.execute(f"alter table {self.filled.table} rename to {self.layer.table.split('.')[1]}")
        publish_dataset(cursor, self.layer)


def between_readers(cursor: Any, step: Any) -> None:
    """Run ``step(cursor)`` with a short lock timeout, again until it gets through; Problem 503 if it never does."""
    for attempt in range(1, LOCK_TRIES + 1):
        try:
            with transaction.atomic(using="owner"):
                cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
                step(cursor)
                cursor.execute("set local lock_timeout = default")
                return
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


class MoreRows:
    """Rows added to a dataset that is there."""

    using = "owner"

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    def begin(self, cursor: Any) -> None:
        pass

    def write(self, cursor: Any, rows: Sequence[Ready]) -> list[Refused]:
        copy_rows(cursor, self.layer.table, self.layer.geometry.column, rows)
        return []

    def finish(self, cursor: Any) -> None:
        publish_dataset(cursor, self.layer)


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
