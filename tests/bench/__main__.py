"""``script/bench``: measure, print the table, and with ``--write`` keep it in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path

import psycopg

from gis_core.datasets import publish_dataset
from gis_core.reading import close_pools
from tests.bench import city, comparing, figures, imports, peers, pictures, polygons
from tests.bench.figures import Bench, Figure, Size
from tilesrv.tile_sql import MOST_FEATURES

ROOT = Path(__file__).resolve().parents[2]
MEASURES = (
    figures.items,
    figures.last_page,
    figures.tiles,
    figures.low_tiles,
    figures.overview_totals,
    figures.cached,
    figures.freshness,
    pictures.tiles,
    pictures.maps,
)
FIRST = (imports.imports, imports.into_a_model)  # of the smallest size alone
ONCE = (figures.same_low_tiles, pictures.capabilities)
PAGE = ROOT / "docs" / "benchmarks.md"
PORTS = {"tiles": 8694, peers.TIPG: 8691, peers.MARTIN: 8692, peers.PYGEOAPI: 8693}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--sizes", default="200000,1000000", help="how many polygons, several by commas")
    parser.add_argument("--rounds", type=int, default=9, help="interleaved rounds of single requests")
    parser.add_argument("--seconds", type=int, default=1, help="of wrk, each round")
    parser.add_argument("--only", default="", help="measures whose name holds this word")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    var = ROOT / "var" / "bench"
    var.mkdir(parents=True, exist_ok=True)
    config = city.settle(var)
    counts = [int(text) for text in asked.sizes.split(",")]
    with city.running_city(config):
        sizes = [prepared(config, count) for count in counts]
    versions: dict[str, str] = {}
    found: list[Figure] = []
    with city.running_city(config) as (pid, second_start):
        found += figures.idle(pid, second_start)
        with ExitStack() as stack:
            running = start_peers(stack, config, var, [size.layer for size in sizes], versions)
            port = stack.enter_context(city.tiles_alone(config, PORTS["tiles"]))
            bench = Bench(config, var, running, port, asked.rounds, asked.seconds)
            for figure in measured(bench, sizes, asked.only):
                print(
                    f"{figure.what}: {dict(figure.values)} {figure.ratio} reached={figure.reached}",
                    file=sys.stderr,
                )
                found.append(figure)
        with city.connect(config) as connection:
            database = figures.database_facts(connection)
    close_pools()
    before = comparing.ratios(PAGE.read_text()) if PAGE.exists() else {}
    text = report(found, versions, database)
    print(text)
    print(comparing.verdict(found, before))
    if asked.write:
        PAGE.write_text(text)
    return 0


def prepared(config: object, count: int) -> Size:
    """The tables of one size, made once: plain, and with overviews."""
    assert isinstance(config, city.Config)
    size = Size(f"bench_{count}", f"bench_{count}_overview", count)
    tables = ((size.layer, False, count, 1), (size.overview, True, count, 1))
    wide = (figures.WIDE.layer, False, figures.WIDE.count, figures.WIDE_CELLS)
    with city.connect(config) as connection:
        for name, overview, rows, cells in (*tables, wide):
            assert name
            row = connection.execute("select to_regclass(%s)", [f"dataset.{name}"]).fetchone()
            declared = polygons.layer(name, overview=overview)
            with connection.transaction(), connection.cursor() as cursor:
                if row and row[0] is None:
                    polygons.make(cursor, declared, rows, cells)
                else:
                    publish_dataset(cursor, declared)
        connection.execute("vacuum analyze")
        with connection.cursor() as cursor:
            for name in (size.layer, figures.WIDE.layer):
                peers.prepare_views(cursor, f"dataset.{name}")
    return size


def start_peers(
    stack: ExitStack, config: city.Config, var: Path, layers: list[str], versions: dict[str, str]
) -> dict[str, peers.Peer]:
    """Those that can run; ``versions`` says what ran, or why not."""
    database = city.address(config)
    makers: dict[str, AbstractContextManager[peers.Peer]] = {
        peers.TIPG: peers.tipg(var, database, PORTS[peers.TIPG]),
        peers.MARTIN: peers.martin(var, database, PORTS[peers.MARTIN]),
        peers.PYGEOAPI: peers.pygeoapi(var, database, PORTS[peers.PYGEOAPI], layers),
    }
    found = {}
    for name, maker in makers.items():
        try:
            found[name] = stack.enter_context(maker)
            versions[name] = found[name].version
        except peers.Absent as reason:
            versions[name] = f"absent: {reason}"
    return found


def measured(bench: Bench, sizes: list[Size], only: str = "") -> Iterator[Figure]:
    """All figures; one that cannot be measured is in the table with the reason, not reached."""
    for size in sizes:
        once = (*(FIRST if size is sizes[0] else ()), *(ONCE if size is sizes[-1] else ()))
        for measure in (*MEASURES, *once):
            if only not in f"{measure.__module__}.{measure.__name__}":
                continue
            try:
                yield from measure(bench, size)
            except (ValueError, LookupError, OSError, HTTPException, psycopg.Error) as fault:
                what = f"{measure.__name__.replace('_', ' ')}, {size.label}"
                yield Figure(what, {"not measured": str(fault)[:200]}, "", "", False)


def report(found: list[Figure], versions: dict[str, str], database: str) -> str:
    """The whole page."""
    mark = {True: "yes", False: "**no**", None: "nothing to compare"}
    rows = "\n".join(
        f"| {one.what} | {'; '.join(f'{k} {v}' for k, v in one.values.items())} | {one.ratio} | {one.goal} |"
        f" {mark[one.reached]} |"
        for one in found
    )
    peers_ = "; ".join(f"{name} {version}" for name, version in versions.items())
    command = "script/bench --write " + " ".join(a for a in sys.argv[1:] if a != "--write")
    return f"""\
# Benchmarks

One run of `{command.strip()}` on {datetime.now(UTC):%Y-%m-%d}.
Ratios count, not absolute times: all servers shared this machine with the database and with the
client. Rounds are interleaved, values are medians.

* Machine: {machine()}
* Versions: Python {platform.python_version()}, {database}; {peers_}
* Data: generated (seed {polygons.SEED}) on a 50 m grid, {polygons.POINTS} points a polygon and
  {len(polygons.COLUMNS)} attributes; peers read the same table through views with one geometry column each.
* Two workers each, caches off. Below zoom 16 our tiles carry the fields that the style speaks of
  (decision 0010), the peers all. Tiles of the peers hold every feature, ours at most {MOST_FEATURES:,}.
* Vector tiles are asked of the tile process itself, the cached ones and all pages through nginx.

| figure | values | ratio | goal | reached |
|---|---|---|---|---|
{rows}
"""


def machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    total = int(Path("/proc/meminfo").read_text().split()[1]) // 2**20
    cores = Path("/proc/cpuinfo").read_text().count("\nprocessor") + 1
    return f"{cores} cores of {model}, {total} GB, {platform.system()} {platform.release()}"


if __name__ == "__main__":
    sys.exit(main())
