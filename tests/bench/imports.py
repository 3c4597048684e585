"""How long a file of polygons takes into a dataset that everybody sees, beside ogr2ogr into a bare table."""

from __future__ import annotations

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


def imports(bench: Bench, size: Size) -> Iterator[Figure]:
    """The same GeoPackage by both, in turn: checked, indexed and published here, a table with an index there.

    The processes are timed whole, from their start to their end.
    """
    file = bench.var / f"{size.layer}.gpkg"
    database = "PG:" + " ".join(f"{key}='{value}'" for key, value in address(bench.config).items())
    columns = ", ".join((*COLUMNS, "geom"))
    file.unlink(missing_ok=True)
    run([OGR, "-f", "GPKG", str(file), database, "-sql", f"select {columns} from dataset.{size.layer}"])
    ours = [str(BIN / "huong"), "import", str(file), "--dataset", DATASET]
    theirs = [OGR, "-f", "PostgreSQL", database, str(file), "-nln", TABLE, "-lco", "SCHEMA=dataset"]
    times: dict[str, list[float]] = {OURS: [], OGR: []}
    for _ in range(ROUNDS):
        times[OGR].append(run(theirs))
        with connect(bench.config) as connection:
            connection.execute(f"drop table dataset.{TABLE}".encode())
        times[OURS].append(run(ours))
        run([str(BIN / "huong"), "dataset", "remove", DATASET, "--yes"])
    file.unlink()
    medians = {name: median(found) for name, found in times.items()}
    ratio, reached = against({OGR: (GOAL, True)}, medians[OURS], medians)
    shown = {name: f"{value:.1f} s" for name, value in medians.items()}
    yield Figure(f"import of {size.label} (GeoPackage)", shown, f"≤ {GOAL:g} × {OGR}", ratio, reached)


def run(command: Sequence[str | Path]) -> float:
    """Seconds that ``command`` took; OSError with its words where it failed."""
    begin = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    took = time.monotonic() - begin
    if done.returncode:
        raise OSError(f"{command[0]}: {(done.stdout + done.stderr)[-300:]}")
    return took
