"""The figures: each measures one thing beside the others and says whether its goal is reached."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import mapbox_vector_tile
import psycopg
from psycopg.types.string import TextLoader

from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.query.items import FeatureQuery, items_sql
from gis_core.reading import registry
from tests.bench.city import PORT, connect, memory
from tests.bench.measure import Client, Tile, interleaved, throughput, tiles_within
from tests.bench.peers import MARTIN, PYGEOAPI, TIPG, Peer
from tests.bench.polygons import bounds
from tilesrv.tile_sql import ALL_FIELDS_FROM

OURS = "Hương"
CHANGES = 10  # of one parcel, for the time from COMMIT to a fresh tile
AREA_M2 = 1_500  # of that parcel before the first one
SETTLED_S = 1.5
MOST_IDLE_MB = 650
IDLE_AGAIN_S = 10.0
# One of each kind of answer, of the demo city.
USED = (
    "/",
    "/en/",
    "/ogcapi/collections/parcels/items?limit=1000&f=json",
    "/ogcapi/collections/parcels/items?limit=100&f=html",
    "/ogcapi/api?f=json",
    "/tiles/parcels.json",
    "/pictures/parcels/107.5909,16.4637,14/800x600.png",
    "/wms?SERVICE=WMS&REQUEST=GetCapabilities&VERSION=1.3.0",
    (
        "/wms?SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap&SRS=EPSG:3857&FORMAT=image/png&WIDTH=800&HEIGHT=600"
        "&LAYERS=parcels&STYLES=&BBOX=11975000,1855000,11979000,1858000"
    ),
)


@dataclass(frozen=True)
class Figure:
    """One row of the report. ``reached`` is None where there was nothing to compare with."""

    what: str
    values: Mapping[str, str]
    goal: str
    ratio: str
    reached: bool | None


@dataclass(frozen=True)
class Size:
    """One table of parcels: the layer, the same with overviews (or None), how many parcels."""

    layer: str
    overview: str | None
    count: int

    @property
    def label(self) -> str:
        return f"{self.count:,} polygons"


# Parcels ten cells wide: few enough for a tile of zoom 10, and wide enough to be drawn there.
WIDE, WIDE_CELLS = Size("bench_wide", None, 10_000), 10
LOW_ZOOMS = (10, 11, 12)


@dataclass(frozen=True)
class Bench:
    """What figures need: the instance, the servers that run, how long to measure."""

    config: Config
    var: Path
    peers: Mapping[str, Peer]
    tiles_port: int
    rounds: int
    seconds: int

    def tile(self, layer: str, tile: Tile) -> str:
        z, x, y = tile
        return f"/tiles/{layer}/{z}/{x}/{y}.mvt"


def ms(value: float) -> str:
    return f"{value:.1f} ms"


def rate(value: float) -> str:
    return f"{value:,.0f} /s"


def against(
    goals: Mapping[str, tuple[float, bool]], ours: float, others: Mapping[str, float]
) -> tuple[str, bool | None]:
    """The ratios and whether all goals are reached. A goal: (bound, whether ``ours / other`` stays below).

    ValueError where one of the others has answered nothing.
    """
    ratios, reached = [], []
    for name, (bound, upper) in goals.items():
        if name in others:
            if not others[name]:
                raise ValueError(f"{name} answered nothing in its time")
            ratio = ours / others[name]
            ratios.append(f"{ratio:.2f} × {name}")
            reached.append(ratio <= bound if upper else ratio >= bound)
    return ", ".join(ratios), all(reached) if reached else None


class Bytes(TextLoader):
    """Texts as the bytes that the server sent."""

    def load(self, data: Any) -> Any:
        return bytes(data)


def items(bench: Bench, size: Size) -> Iterator[Figure]:
    """One page of a thousand features: our server, the same SQL read as bytes, and the peers."""
    sql, params = sql_of(bench.config, size.layer)
    door = Client(PORT)
    path = f"/ogcapi/collections/{size.layer}/items?limit=1000&f=json"
    with connect(bench.config, "citizen") as connection, connection.cursor() as cursor:
        cursor.adapters.register_loader("text", Bytes)
        calls: dict[str, Callable[[], object]] = {
            OURS: lambda: door.fetch(path),
            "psycopg": lambda: cursor.execute(sql, params).fetchall(),
        }
        for name in (PYGEOAPI, TIPG):
            if name in bench.peers:
                calls[name] = page_of(bench.peers[name], size.layer)
        times = interleaved(calls, bench.rounds)
    goals = {"psycopg": (1.5, True), PYGEOAPI: (1 / 4, True), TIPG: (1 / 2, True)}
    ratio, reached = against(goals, times[OURS], times)
    goal = "≤ 1.5 × psycopg, ≤ 1/4 pygeoapi, ≤ 1/2 TiPg"
    yield Figure(f"items?limit=1000, {size.label}", shown(times, ms), goal, ratio, reached)


def page_of(peer: Peer, layer: str) -> Callable[[], object]:
    assert peer.items
    client, path = Client(peer.port), peer.items(layer, 1000)
    if (found := len(json.loads(client.fetch(path))["features"])) != 1000:
        raise ValueError(f"{peer.name} answers {found} features, not 1000")
    return lambda: client.fetch(path)


def sql_of(config: Config, layer: str) -> tuple[str, list[Any]]:
    """The text that our server sends for a first page of a thousand."""
    published = registry().current(fresh=True).layers[layer]
    return items_sql(published, Caller("citizen"), FeatureQuery(limit=1000))


def shown(values: Mapping[str, float], form: Callable[[float], str]) -> dict[str, str]:
    return {name: form(value) for name, value in values.items()}


def last_page(bench: Bench, size: Size) -> Iterator[Figure]:
    """The last page by cursor against the first."""
    client = Client(PORT)
    first = f"/ogcapi/collections/{size.layer}/items?limit=1000&f=json"
    before = json.loads(patiently(client, f"{first}&offset={size.count - 2000}"))
    following = next(link["href"] for link in before["links"] if link["rel"] == "next")
    last = following.replace(bench.config.public_url, "")
    if (found := len(json.loads(client.fetch(last))["features"])) != 1000:
        raise ValueError(f"the last page has {found} features")
    times = interleaved(
        {"first": lambda: client.fetch(first), "last": lambda: client.fetch(last)}, bench.rounds
    )
    ratio = times["last"] / times["first"]
    yield Figure(
        f"last page by cursor, {size.label}",
        shown(times, ms),
        "≤ 2 × the first",
        f"{ratio:.2f} × first",
        ratio <= 2,
    )


def patiently(client: Client, path: str) -> bytes:
    """The answer to what takes longer than the server allows as long as the table is not in memory."""
    for _ in range(4):
        try:
            return client.fetch(path)
        except ValueError:
            time.sleep(0.5)
    return client.fetch(path)


def tiles(bench: Bench, size: Size) -> Iterator[Figure]:
    """Requests a second over seeded tiles, uncached, two workers each: every zoom, then all alike."""
    for zooms in (range(13, 14), range(14, 15), range(15, 16), range(16, 17), range(13, 17)):
        yield tiles_of(bench, size, zooms)


def tiles_of(bench: Bench, size: Size, zooms: range) -> Figure:
    chosen = tiles_within(bounds(size.count), zooms, 60)
    servers = asked(bench, size.layer, chosen)
    rates = throughput(servers, bench.var, max(3, bench.rounds // 2), bench.seconds)
    if not all(rates.values()):  # a tile of somebody takes longer than that
        rates = throughput(servers, bench.var, 3, 10 * bench.seconds)
    # From zoom 16 on ours carry all that theirs do: level with the fastest.
    martin = 1 if zooms.start >= ALL_FIELDS_FROM else 0.8
    ratio, reached = against({TIPG: (2, False), MARTIN: (martin, False)}, rates[OURS], rates)
    span = f"z{zooms.start}" + (f" to z{zooms.stop - 1}" if len(zooms) > 1 else "")
    what = f"vector tiles {span}, uncached, {size.label}"
    return Figure(what, shown(rates, rate), f"≥ 2 × TiPg, ≥ {martin:g} × Martin", ratio, reached)


def peer_paths(peer: Peer, layer: str, chosen: list[Tile]) -> list[str]:
    assert peer.tiles
    return [peer.tiles(layer).format(z=z, x=x, y=y) for z, x, y in chosen]


def low_tiles(bench: Bench, size: Size) -> Iterator[Figure]:
    """z10 to z12: our overviews beside all that the peers' tiles hold; medians of single requests."""
    assert size.overview
    for zoom in LOW_ZOOMS:
        chosen = tiles_within(bounds(size.count), range(zoom, zoom + 1), 4)
        times = single_tiles(bench, size.overview, size.layer, chosen)
        best = min((time for name, time in times.items() if name != OURS), default=None)
        what = f"tiles z{zoom}, uncached, {size.label}, our overview"
        ratio = f"1/{best / times[OURS]:.1f} of the better" if best else ""
        yield Figure(
            what, shown(times, ms), "≤ 1/3 of both", ratio, times[OURS] <= best / 3 if best else None
        )


def same_low_tiles(bench: Bench, _: Size) -> Iterator[Figure]:
    """z10 to z12 of parcels so wide that everybody's tiles hold the same features."""
    for zoom in LOW_ZOOMS:
        chosen = tiles_within(bounds(WIDE.count, WIDE_CELLS), range(zoom, zoom + 1), 4)
        held = {
            name: features_in(port, paths) for name, (port, paths) in asked(bench, WIDE.layer, chosen).items()
        }
        if max(held.values()) > 1.1 * min(
            held.values()
        ):  # buffers differ, and with them what lies in two tiles
            raise ValueError(f"z{zoom}: the tiles do not hold the same features: {held}")
        times = single_tiles(bench, WIDE.layer, WIDE.layer, chosen)
        best = min((time for name, time in times.items() if name != OURS), default=None)
        what = f"tiles z{zoom}, uncached, {WIDE.label} of 500 m, the same {held[OURS]:,} features"
        ratio = f"{times[OURS] / best:.2f} × the better" if best else ""
        goal = "level with the better (≤ 1.15)"
        yield Figure(what, shown(times, ms), goal, ratio, times[OURS] <= 1.15 * best if best else None)


def asked(bench: Bench, layer: str, chosen: list[Tile]) -> dict[str, tuple[int, list[str]]]:
    """The port and the addresses of the ``chosen`` tiles for us and every peer that has tiles."""
    found = {OURS: (bench.tiles_port, [bench.tile(layer, one) for one in chosen])}
    for name in (TIPG, MARTIN):
        if name in bench.peers:
            found[name] = (bench.peers[name].port, peer_paths(bench.peers[name], layer, chosen))
    return found


def single_tiles(bench: Bench, ours: str, theirs: str, chosen: list[Tile]) -> dict[str, float]:
    """Milliseconds for all of the ``chosen`` tiles, one after the other, of our layer and of the peers'."""
    servers = asked(bench, theirs, chosen) | {OURS: (bench.tiles_port, [bench.tile(ours, t) for t in chosen])}
    calls = {name: over(port, paths) for name, (port, paths) in servers.items()}
    return interleaved(calls, max(3, bench.rounds // 3), warm=1)


def features_in(port: int, paths: list[str]) -> int:
    """How many features the tiles hold in all; ValueError for cells in their place."""
    client, found = Client(port), 0
    for body in (client.fetch(path) for path in paths):
        for layer in mapbox_vector_tile.decode(body).values() if body else ():
            if any("_cell" in feature["properties"] for feature in layer["features"]):
                raise ValueError("a tile holds cells")
            found += len(layer["features"])
    return found


def over(port: int, paths: list[str]) -> Callable[[], object]:
    client = Client(port)
    return lambda: [client.fetch(path) for path in paths]


def overview_totals(bench: Bench, size: Size) -> Iterator[Figure]:
    """Count and area of all cells of a zoom, decoded from the tiles, against the table's."""
    if size.overview is None:
        return
    with connect(bench.config) as connection:
        row = connection.execute(
            f"select count(*), sum(st_area(geom::geography)) from dataset.{size.layer}"
        ).fetchone()
    assert row
    wanted = (float(str(row[0])), float(str(row[1])))
    client = Client(bench.tiles_port)
    for zoom in LOW_ZOOMS:
        found = [0.0, 0.0]
        for tile in tiles_within(bounds(size.count), range(zoom, zoom + 1), 10_000):
            body = client.fetch(bench.tile(size.overview, tile))
            for layer in mapbox_vector_tile.decode(body).values() if body else ():
                for feature in layer["features"]:
                    found[0] += feature["properties"].get("n", 0)
                    found[1] += feature["properties"].get("area_m2") or 0
        ratios = [found[i] / wanted[i] for i in (0, 1)]
        text = f"count {ratios[0]:.3f}, area {ratios[1]:.3f}"
        good = all(abs(one - 1) <= 0.05 for one in ratios)
        yield Figure(
            f"overview totals z{zoom}, {size.label}", {OURS: text}, "within 5 % of the table", text, good
        )


def cached(bench: Bench, size: Size) -> Iterator[Figure]:
    """The same tiles through nginx, once they lie there as files."""
    chosen = tiles_within(bounds(size.count), range(13, 17), 15)
    paths = [bench.tile(size.layer, one) for one in chosen]
    door = Client(PORT)
    for path in paths:
        door.fetch(path)
    servers = {"uncached": (bench.tiles_port, paths), "nginx": (PORT, paths)}
    rates = throughput(servers, bench.var, 3, bench.seconds)
    ratio = rates["nginx"] / rates["uncached"]
    yield Figure(
        f"tiles from nginx, {size.label}",
        shown(rates, rate),
        "≥ 10 × uncached",
        f"{ratio:.1f} ×",
        ratio >= 10,
    )


def freshness(bench: Bench, size: Size) -> Iterator[Figure]:
    """From COMMIT of one changed feature to its tile served anew; a tile elsewhere keeps its ETag."""
    layer = size.overview or size.layer
    west, south, east, north = bounds(size.count)
    for zoom, goal in ((15, 1.0), (10, 5.0)):
        here = tiles_within(
            (west + 1e-4, south + 1e-4, west + 1.1e-4, south + 1.1e-4), range(zoom, zoom + 1), 1
        )[0]
        there = tiles_within((east - 1e-3, north - 1e-3, east - 9e-4, north - 9e-4), range(14, 15), 1)[0]
        taken, kept = [], True
        with connect(bench.config) as connection:
            scale_parcel(connection, layer, f"sqrt({AREA_M2} / st_area(geom::geography))")
        for _ in range(CHANGES):
            seconds, same = one_change(bench, layer, here, there)
            taken.append(seconds)
            kept = kept and same
        worst = max(taken)
        text = {
            "median": f"{median(taken):.3f} s",
            "worst": f"{worst:.3f} s",
            "elsewhere": "kept" if kept else "lost",
        }
        what = f"COMMIT to fresh tile, z{zoom}, {size.label}"
        yield Figure(
            what, text, f"< {goal:.0f} s, elsewhere ETag kept", f"{worst:.3f} s", worst < goal and kept
        )


def one_change(bench: Bench, layer: str, here: Tile, there: Tile) -> tuple[float, bool]:
    """Seconds from the COMMIT of a shrunken parcel to its tile's new ETag; whether another tile kept its.

    Each change leaves the parcel smaller than ever before: were it to grow back, two changes that are counted together
    would give the tile that stood before them, and be waited for in vain.
    """
    client = Client(PORT)

    def tag(tile: Tile) -> str:
        """As a browser asks: compressed. Uncompressed, the same tile has another tag from a file than from a query."""
        return client.get(bench.tile(layer, tile), {"Accept-Encoding": "gzip"})[2]

    old, far = settled(lambda: tag(here)), tag(there)
    with connect(bench.config) as connection:
        scale_parcel(connection, layer, "0.98")
        begin = time.monotonic()
    while tag(here) == old:
        if time.monotonic() - begin > 30:
            return 30.0, False
        time.sleep(0.005)
    return time.monotonic() - begin, tag(there) == far


def scale_parcel(connection: psycopg.Connection[Any], layer: str, factor: str) -> None:
    """Enlarge the first parcel by an SQL ``factor`` about its middle."""
    scaled = "st_affine(geom, f, 0, 0, f, st_x(c) * (1 - f), st_y(c) * (1 - f))"
    connection.execute(
        f"update dataset.{layer} set area_m2 = area_m2 + 1, geom = {scaled}"
        f" from (select {factor} as f, st_centroid(geom) as c from dataset.{layer} where fid = 1) s where fid = 1"
    )


def settled(value: Callable[[], str]) -> str:
    """``value`` once it has stayed the same for `SETTLED_S`: what an earlier change does to it is over."""
    last, since = value(), time.monotonic()
    while time.monotonic() - since < SETTLED_S:
        time.sleep(0.05)
        now = value()
        if now != last:
            last, since = now, time.monotonic()
    return last


def idle(pid: int, second_start: float) -> Iterator[Figure]:
    """Just started and asked for nothing; then after a page, a tile, a picture and a map of the demo city."""
    yield memory_figure("idle, just started", pid)
    door = Client(PORT)
    for path in USED:
        door.fetch(path)
    time.sleep(IDLE_AGAIN_S)
    yield memory_figure("idle again after use", pid)
    text = {OURS: f"{second_start:.1f} s"}
    yield Figure("second start until /readyz", text, "< 10 s", f"{second_start:.1f} s", second_start < 10)


def memory_figure(when: str, pid: int) -> Figure:
    """What the processes of ``pid`` hold; pages that several share count once (PSS), PostgreSQL not at all."""
    proportional, resident = memory(pid)
    text = {OURS: f"{proportional:,.0f} MB", "sum of RSS": f"{resident:,.0f} MB"}
    return Figure(
        f"memory of all processes, {when}, PostgreSQL apart",
        text,
        f"< {MOST_IDLE_MB} MB",
        f"{proportional:,.0f} MB",
        proportional < MOST_IDLE_MB,
    )


def database_facts(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute("select version(), postgis_lib_version()").fetchone()
    assert row
    return f"{' '.join(str(row[0]).split()[:2])}, PostGIS {row[1]}"
