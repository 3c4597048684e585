"""GeoPackage (OGC 12-128r19), read as the SQLite database that it is.

The file may hold views, triggers and virtual tables of its author's making. None of them is run: the connection is
read-only, believes nothing of the schema, and its authorizer allows reading the columns of tables, with no function
and no view between.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched, islice
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError

from imports.frames import ROWS_PER_FRAME, Closing, Message, Opening, Refusal, Rows, Value
from imports.readers.shapes import Fault, packed, read_wkb

ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}  # 12-128r19, 2.1.3.1.1, flags bits 1 to 3
EXTENDED = 0x20
MAX_VALUE_BYTES = 256 << 20
NO_CRS = -1  # 12-128r19, 1.1.2.1.2: undefined
MISSING = re.compile(r"no such (table|column): (.+)")
BAD_BLOB: Fault = ("hình học không đúng chuẩn GeoPackage", "the geometry is no GeoPackage geometry")
BAD_TEXT: Fault = ("có chữ không ở mã UTF-8", "holds text that is not UTF-8")


class Undecodable(bytes):
    """A text that is not UTF-8."""


class Refused(Exception):
    """The file cannot be read, with why."""

    def __init__(self, code: str, vi: str, en: str) -> None:
        super().__init__(en)
        self.refusal = Refusal(code, vi, en)


@dataclass(frozen=True)
class FeatureTable:
    """A table of features: its geometry column, key (if any), other columns, and which of those are truth values."""

    name: str
    geometry: str
    srs_id: int
    key: str | None
    columns: tuple[str, ...]
    booleans: frozenset[str]
    binary: tuple[str, ...]


def read(path: Path, options: dict[str, str]) -> Iterator[Message]:
    """The messages of one table of features; ``options["source_layer"]`` names it where the file has several."""
    try:
        connection = connect(path)
        table = feature_table(connection, options.get("source_layer", ""))
        crs, words = crs_of(connection, table.srs_id)
        yield Opening(
            table.name,
            crs,
            crs_stated=bool(words),
            crs_words=words,
            left_out=list(table.binary),
        )
        count = 0
        for batch in batches(connection, table):
            yield read_rows(table, batch, count)
            count += len(batch)
        yield Closing(count)
    except Refused as refused:
        yield refused.refusal
    except sqlite3.Error as error:
        print(error, file=sys.stderr)  # for the log
        vi, en = why_broken(error)
        yield Refusal("broken-file", f"Tệp GeoPackage bị hỏng: {vi}.", f"The GeoPackage is broken: {en}.")


def why_broken(error: sqlite3.Error) -> Fault:
    """What is the matter with a file that SQLite could not read, and what to do."""
    name = getattr(error, "sqlite_errorname", "")
    missing = MISSING.fullmatch(str(error))
    if missing is not None:
        kind, what = missing[1], missing[2][:60]
        words = {"table": ("bảng", "the table"), "column": ("cột", "the column")}[kind]
        return (
            f"thiếu {words[0]} “{what}” mà chuẩn đòi hỏi; hãy xuất lại tệp từ QGIS",
            f"it lacks {words[1]} “{what}” of the standard; export it again from QGIS",
        )
    if name == "SQLITE_TOOBIG":
        return "có giá trị quá lớn; hãy bỏ cột chứa nó", "a value is too large; leave its column out"
    if name.startswith("SQLITE_AUTH"):
        return (
            "bảng cần hàm hoặc khung nhìn khi đọc; hãy xuất nó ra một bảng thường",
            "its table needs functions or views to be read; export it to a plain table",
        )
    return (
        "cấu trúc tệp hỏng hoặc tệp bị cắt; hãy chép lại tệp, hoặc mở trong QGIS rồi xuất lại",
        "its structure is damaged or cut off; copy it again, or open it in QGIS and export it anew",
    )


def batches(connection: sqlite3.Connection, table: FeatureTable) -> Iterator[list[tuple[Any, ...]]]:
    """The rows in file order. Texts are decoded by SQLite, at a third of the cost, up to the first that is not UTF-8;
    from its batch on one by one, so that its row alone is refused."""
    names = ", ".join(quoted(c) for c in (table.key or table.geometry, table.geometry, *table.columns))
    statement = f"select {names} from {quoted(table.name)}"
    connection.text_factory = str
    count = 0
    try:
        rows = connection.execute(statement)
        while batch := rows.fetchmany(ROWS_PER_FRAME):
            yield batch
            count += len(batch)
        return
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
    connection.text_factory = decoded
    for some in batched(islice(connection.execute(statement), count, None), ROWS_PER_FRAME):
        yield list(some)


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    connection.setconfig(sqlite3.SQLITE_DBCONFIG_TRUSTED_SCHEMA, False)
    connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW, False)
    connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    connection.set_authorizer(authorize)
    connection.text_factory = decoded
    return connection


def authorize(
    action: int, first: str | None, second: str | None, schema: str | None, within: str | None
) -> int:
    """Reading columns of tables, and the list of a table's columns; ``within`` names a view or trigger at work."""
    reading = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ) and within is None
    listing = action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo"
    return sqlite3.SQLITE_OK if reading or listing else sqlite3.SQLITE_DENY


def decoded(raw: bytes) -> str | Undecodable:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return Undecodable(raw)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def tables(connection: sqlite3.Connection) -> dict[str, str]:
    """Tables and views by name: which of both each is."""
    return dict(connection.execute("select name, type from sqlite_master where type in ('table', 'view')"))


def feature_table(connection: sqlite3.Connection, wanted: str) -> FeatureTable:
    """The table to read; Refused where there is none, or several and none is named."""
    kinds = tables(connection)
    if kinds.get("gpkg_contents") != "table" or kinds.get("gpkg_geometry_columns") != "table":
        raise Refused(
            "not-a-geopackage", "Tệp SQLite này không phải GeoPackage.", "This SQLite file is no GeoPackage."
        )
    listed = connection.execute("select table_name from gpkg_contents where data_type = 'features'")
    names = sorted(str(row[0]) for row in listed)
    name = choose(names, wanted)
    if name not in kinds:
        raise Refused(
            "no-such-table",
            f"Mục lục của GeoPackage nêu lớp “{name}” nhưng tệp không có bảng này. Hãy xuất lại tệp từ QGIS.",
            f"The GeoPackage lists the layer “{name}” but does not hold its table. Export the file again from QGIS.",
        )
    if kinds.get(name) != "table" or is_virtual(connection, name):
        raise Refused(
            "not-a-table",
            f"“{name}” trong tệp là khung nhìn hoặc bảng ảo, không phải bảng. Hãy xuất nó ra một bảng rồi nhập.",
            f"“{name}” in the file is a view or a virtual table. Export it to a plain table, then import that.",
        )
    return describe(connection, name)


def choose(names: list[str], wanted: str) -> str:
    if not names:
        raise Refused(
            "no-features",
            "GeoPackage không có lớp đối tượng nào (bảng thuộc tính và ô ảnh không nhập được).",
            "The GeoPackage has no layer of features (tables of attributes and of tiles are not imported).",
        )
    if wanted in names:
        return wanted
    if wanted or len(names) > 1:
        shown = ", ".join(name[:60] for name in names[:20])
        raise Refused(
            "choose-a-source-layer",
            f"Hãy chọn lớp trong tệp bằng --source-layer: {shown}.",
            f"Choose a layer of the file with --source-layer: {shown}.",
        )
    return names[0]


def is_virtual(connection: sqlite3.Connection, name: str) -> bool:
    row = connection.execute(
        "select sql from sqlite_master where name = ? and type = 'table'", [name]
    ).fetchone()
    return row is None or str(row[0]).upper().split()[:2] == ["CREATE", "VIRTUAL"]


def describe(connection: sqlite3.Connection, name: str) -> FeatureTable:
    row = connection.execute(
        "select column_name, srs_id from gpkg_geometry_columns where table_name = ?", [name]
    ).fetchone()
    if row is None:
        raise Refused(
            "no-geometry-column",
            f"Lớp “{name}” không có cột hình học. Hãy xuất lại tệp từ QGIS.",
            f"“{name}” has no geometry column. Export the file again from QGIS.",
        )
    geometry, srs_id = str(row[0]), row[1] if isinstance(row[1], int) else NO_CRS
    # cid, name, declared type, not null, default, position in the key, hidden (2, 3: computed by an expression)
    columns = [c for c in connection.execute(f"pragma table_xinfo({quoted(name)})") if c[6] == 0]
    kinds = {str(c[1]): str(c[2]).upper() for c in columns}
    if geometry not in kinds:
        raise Refused(
            "no-geometry-column",
            f"Bảng “{name}” không có cột hình học “{geometry[:60]}” mà tệp nêu. Hãy xuất lại tệp từ QGIS.",
            f"“{name}” has no geometry column “{geometry[:60]}”, which the file names. Export it again from QGIS.",
        )
    keys = [str(c[1]) for c in columns if c[5] == 1 and str(c[2]).upper() == "INTEGER"]
    others = [c for c in kinds if c != geometry and c not in keys[:1]]
    binary = tuple(c for c in others if kinds[c].startswith("BLOB"))
    return FeatureTable(
        name,
        geometry,
        srs_id,
        keys[0] if keys else None,
        tuple(c for c in others if c not in binary),
        frozenset(c for c in others if kinds[c].startswith("BOOL")),
        binary,
    )


def crs_of(connection: sqlite3.Connection, srs_id: int) -> tuple[str, str]:
    """``EPSG:9214`` (empty where unknown) and the words of the file for it (empty where it says none)."""
    if srs_id in (NO_CRS, 0) or "gpkg_spatial_ref_sys" not in tables(connection):
        return "", ""
    row = connection.execute(
        "select srs_name, organization, organization_coordsys_id, definition from gpkg_spatial_ref_sys"
        " where srs_id = ?",
        [srs_id],
    ).fetchone()
    if row is None:
        return "", ""
    title, organization, code, definition = row
    if str(organization).upper() == "EPSG":
        return f"EPSG:{code}", f"{title} (EPSG:{code})"[:200]
    try:
        found = pyproj.CRS.from_wkt(str(definition)).to_epsg(min_confidence=70)
    except CRSError:
        found = None
    return f"EPSG:{found}" if found else "", f"{title} ({organization}:{code})"[:200]


def read_rows(table: FeatureTable, batch: list[tuple[Any, ...]], before: int) -> Rows:
    keys, blobs, *others = map(list, zip(*batch, strict=True))
    bodies = list(map(body_of, blobs))
    shapes, curved = read_wkb(bodies)
    wkb, faults = packed(shapes, bodies)
    for index in map(int, np.flatnonzero(shapely.is_missing(shapes))):
        if blobs[index] is not None and index not in faults:
            faults[index] = BAD_BLOB
    columns: dict[str, list[Value]] = {}
    for name, values in zip(table.columns, others, strict=True):
        if not {bytes, Undecodable}.isdisjoint(map(type, values)):
            for index in [index for index, value in enumerate(values) if isinstance(value, bytes)]:
                faults.setdefault(index, BAD_TEXT)
                values[index] = None
        columns[name] = list(map(truth, values)) if name in table.booleans else values
    numbers = list(range(before + 1, before + len(batch) + 1))
    return Rows(
        numbers, keys if table.key else [None] * len(batch), wkb, columns, faults=faults, curved=curved
    )


def truth(value: Value) -> Value:
    return bool(value) if value in (0, 1) else value


def body_of(blob: Any) -> bytes | None:
    """The WKB inside a GeoPackage geometry (12-128r19, 2.1.3); None for what is none."""
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        return None
    flags = blob[3]
    envelope = ENVELOPE_BYTES.get((flags >> 1) & 7)
    if envelope is None or flags & EXTENDED:
        return None
    return blob[8 + envelope :]
