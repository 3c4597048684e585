"""How long a file of polygons takes into a dataset that everybody sees, beside ogr2ogr into a bare table."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from tests.bench.city import BIN, address, connect
from tests.bench.figures import OURS, Bench, Figure, Size, against
from tests.bench.polygons import COLUMNS

OGR = "ogr2ogr"
ROUNDS = 3
DATASET, TABLE = "bench_import", "bench_ogr"
GOAL = 2.0
DRIVERS = {"GeoPackage": ("GPKG", "gpkg"), "GeoJSON": ("GeoJSON", "geojson")}
LOTS, FIRST_SHEET, LEAST_ROWS = 40_000, 9000, 5_000


def imports(bench: Bench, size: Size) -> Iterator[Figure]:
    """The same file by both, in turn: checked, indexed and published here, a table with an index there.

    The processes are timed whole, from their start to their end.
    """
    for title, (driver, ending) in DRIVERS.items():
        yield beside_ogr(bench, size, title, driver, bench.var / f"{size.layer}.{ending}")


def beside_ogr(bench: Bench, size: Size, title: str, driver: str, file: Path) -> Figure:
    database = ogr_database(bench)
    columns = ", ".join((*COLUMNS, "geom"))
    file.unlink(missing_ok=True)
    run([OGR, "-f", driver, str(file), database, "-sql", f"select {columns} from dataset.{size.layer}"])
    remove = [str(BIN / "huong"), "dataset", "remove", DATASET, "--yes"]
    if has_table(bench, DATASET):
        run(remove)
    ours = [str(BIN / "huong"), "import", str(file), "--dataset", DATASET]
    theirs = [OGR, "-f", "PostgreSQL", database, str(file), "-nln", TABLE, "-lco", "SCHEMA=dataset"]
    times: dict[str, list[float]] = {OURS: [], OGR: []}
    for _ in range(ROUNDS):
        drop_table(bench, TABLE)
        times[OGR].append(run(theirs))
        times[OURS].append(run(ours))
        run(remove)
    drop_table(bench, TABLE)
    file.unlink()
    medians = {name: median(found) for name, found in times.items()}
    ratio, reached = against({OGR: (GOAL, True)}, medians[OURS], medians)
    shown = {name: f"{value:.1f} s" for name, value in medians.items()}
    return Figure(f"import of {size.label} ({title})", shown, f"≤ {GOAL:g} × {OGR}", ratio, reached)


def into_a_model(bench: Bench, _: Size) -> Iterator[Figure]:
    """Lots of 10 by 12 m in VN-2000 into the layer of parcels, by its model's rules: units found, areas and identifiers
    made, history and events kept. The whole process, and what it says of its own work.
    """
    file, report = bench.var / "lots.gpkg", bench.var / "lots.json"
    file.unlink(missing_ok=True)
    west, south = "561000 + 12.5 * (i % 200)", "1821000.25 + 14 * (i / 200)"
    box = f"st_makeenvelope({west}, {south}, {west} + 10, {south} + 12, 9214)::geometry(Polygon, 9214)"
    rows = f"select {FIRST_SHEET} + i / 1000 as sheet, i % 1000 + 1 as number, 'ODT'::text as land_use, {box} as geom"
    sql = f"{rows} from generate_series(0, {LOTS - 1}) i"
    run([OGR, "-f", "GPKG", str(file), ogr_database(bench), "-sql", sql])
    command = [
        str(BIN / "huong"),
        "import",
        str(file),
        "--layer",
        "parcels",
        "--append",
        "--report",
        str(report),
    ]
    whole, own = [], []
    for _round in range(ROUNDS):
        remove_lots(bench)
        whole.append(run(command))
        own.append(float(json.loads(report.read_text())["seconds"]))
    remove_lots(bench)
    file.unlink()
    rate = LOTS / median(whole)
    shown = {
        OURS: f"{median(whole):.1f} s",
        "its own work": f"{median(own):.1f} s, {LOTS / median(own):,.0f} rows/s",
    }
    goal = f"≥ {LEAST_ROWS:,} rows/s"
    yield Figure(
        f"import of {LOTS:,} parcels into a model", shown, goal, f"{rate:,.0f} rows/s", rate >= LEAST_ROWS
    )


def ogr_database(bench: Bench) -> str:
    return "PG:" + " ".join(f"{key}='{value}'" for key, value in address(bench.config).items())


def has_table(bench: Bench, name: str) -> bool:
    with connect(bench.config) as connection:
        row = connection.execute("select to_regclass(%s) is not null", [f"dataset.{name}"]).fetchone()
    return bool(row and row[0])


def drop_table(bench: Bench, name: str) -> None:
    with connect(bench.config) as connection:
        connection.execute(f"drop table if exists dataset.{name}".encode())


def remove_lots(bench: Bench) -> None:
    with connect(bench.config) as connection:
        connection.execute("delete from parcels_parcel where sheet >= %s", [FIRST_SHEET])


def run(command: Sequence[str | Path]) -> float:
    """Seconds that ``command`` took; OSError with its words where it failed."""
    begin = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    took = time.monotonic() - begin
    if done.returncode:
        raise OSError(f"{command[0]}: {(done.stdout + done.stderr)[-300:]}")
    return took
