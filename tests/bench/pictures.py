"""Figures of pictures: tiles of px, GetMap beside other map servers, capabilities."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from queue import Empty, SimpleQueue

from PIL import Image

from gis_core.audiences import CITIZEN
from gis_core.datasets import create_dataset, publish_dataset
from gis_core.layer import Field, Geometry, Layer
from gis_core.reading import registry
from gis_core.words import Text
from tests.bench import map_servers
from tests.bench.city import PORT, address, connect
from tests.bench.figures import OURS, Bench, Figure, Size, against, ms, rate, shown
from tests.bench.map_servers import MAPSERVER, QGIS
from tests.bench.measure import Client, Tile, interleaved, throughput, tile_at
from tests.bench.peers import Absent, Peer
from tests.bench.polygons import FILLS, OUTLINE, OUTLINE_PX, bounds
from tilesrv.grid import web_mercator
from tilesrv.styles.book import layer_style
from tilesrv.styles.qml import layer_qml

ASKERS = 16
ACROSS = 4  # tiles of a metatile
PORTS = {MAPSERVER: 8695, QGIS: 8696}
MANY_LAYERS = 60


def picture_path(layer: str, tile: Tile) -> str:
    z, x, y = tile
    return f"/tiles/{layer}/{z}/{x}/{y}.png"


def blocks(box: Sequence[float], zoom: int, most: int) -> list[Tile]:
    """Up to ``most`` tiles in blocks of sixteen that lie wholly within west, south, east, north."""
    left, top = tile_at(box[0], box[3], zoom)
    right, bottom = tile_at(box[2], box[1], zoom)
    starts = [
        (x, y)
        for x in range(-(-left // ACROSS) * ACROSS, right - ACROSS + 1, ACROSS)
        for y in range(-(-top // ACROSS) * ACROSS, bottom - ACROSS + 1, ACROSS)
    ] or [(left // ACROSS * ACROSS, top // ACROSS * ACROSS)]
    step = max(1, len(starts) * ACROSS**2 // most)
    return [(zoom, x + i, y + j) for x, y in starts[::step] for j in range(ACROSS) for i in range(ACROSS)][
        :most
    ]


def once(port: int, paths: Sequence[str]) -> float:
    """Answers a second when each path is asked for once, by `ASKERS` at a time."""
    waiting: SimpleQueue[str] = SimpleQueue()
    for path in paths:
        waiting.put(path)
    faults: list[Exception] = []

    def ask() -> None:
        client = Client(port)
        try:
            while True:
                client.fetch(waiting.get_nowait())
        except Empty:
            return
        except Exception as fault:
            faults.append(fault)

    askers = [threading.Thread(target=ask) for _ in range(ASKERS)]
    begin = time.perf_counter()
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    if faults:
        raise ValueError(f"{len(faults)} askers failed: {faults[0]}")
    return len(paths) / (time.perf_counter() - begin)


def tiles(bench: Bench, size: Size) -> Iterator[Figure]:
    """Each tile once, none from a file: polygons with labels, z13 to z16."""
    layer = size.overview or size.layer
    box, every = bounds(size.count), []
    for zoom in (13, 14, 15, 16):
        chosen = [picture_path(layer, tile) for tile in blocks(box, zoom, 640)]
        every.append((zoom, chosen))
    once(bench.tiles_port, every[-1][1][:64])  # the processes are up
    values = {f"z{zoom}": once(bench.tiles_port, paths) for zoom, paths in every}
    total = sum(len(paths) for _, paths in every)
    whole = total / sum(len(paths) / values[f"z{zoom}"] for zoom, paths in every)
    text = shown({**values, "together": whole}, rate)
    what = f"picture tiles 256 px, z13 to z16, uncached, {size.label}"
    yield Figure(what, text, "≥ 100 /s", f"{whole:.0f} /s, least {min(values.values()):.0f} /s", whole >= 100)
    yield from cached(bench, size, layer)


def cached(bench: Bench, size: Size, layer: str) -> Iterator[Figure]:
    """The same through nginx, once they lie there as files, beside drawing them."""
    chosen = [picture_path(layer, tile) for tile in blocks(bounds(size.count), 15, 320)]
    uncached = once(bench.tiles_port, chosen)
    once(PORT, chosen)
    time.sleep(1)
    rates = throughput({"nginx": (PORT, chosen)}, bench.var, 3, bench.seconds)
    ratio = rates["nginx"] / uncached
    values = shown({"uncached": uncached, **rates}, rate)
    yield Figure(
        f"picture tiles from nginx, {size.label}", values, "≥ 20 × uncached", f"{ratio:.0f} ×", ratio >= 20
    )


def views(size: Size) -> Mapping[str, tuple[float, float, float, float]]:
    """Boxes of EPSG:3857 about the middle of the parcels, 800 by 600, so many km across on the ground."""
    west, south, east, north = bounds(size.count)
    x, y = web_mercator((west + east) / 2, (south + north) / 2)
    stretch = 1 / 0.9595  # of EPSG:3857 at 16.4 degrees north
    halves = {km: km * 500 * stretch for km in (2, 8, 60)}
    return {f"{km} km": (x - h, y - h * 0.75, x + h, y + h * 0.75) for km, h in halves.items()}


def get_map(layer: str, box: Sequence[float], style: str = "") -> str:
    """The request's query; a point of a millimetre is moved at every call, so that no cache can answer."""
    return (
        "SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap&SRS=EPSG:3857&FORMAT=image/png&WIDTH=800&HEIGHT=600"
        f"&LAYERS={layer}&STYLES={style}&BBOX={','.join(f'{value:.3f}' for value in box)}"
    )


def asking(port: int, path: str, layer: str, box: Sequence[float]) -> Callable[[], bytes]:
    client, calls = Client(port), [0]

    def ask() -> bytes:
        calls[0] += 1
        moved = [value + calls[0] * 0.001 for value in box]
        body = client.fetch(f"{path}{get_map(layer, moved)}")
        if not body.startswith(b"\x89PNG"):
            raise ValueError(f"no picture: {body[:200]!r}")
        return body

    return ask


def map_peers(stack: ExitStack, bench: Bench, size: Size) -> dict[str, Peer]:
    """The map servers that can run, drawing this size's parcels in our style."""
    published = registry().current(fresh=True).layers[size.layer]
    qml = layer_qml(published, CITIZEN, layer_style(published, CITIZEN), "en")
    database = address(bench.config)
    west, south, east, north = bounds(size.count)
    corners = (*web_mercator(west, south), *web_mercator(east, north))
    extent = " ".join(f"{value:.1f}" for value in corners)
    makers: dict[str, AbstractContextManager[Peer]] = {
        MAPSERVER: map_servers.mapserver(
            bench.var, database, PORTS[MAPSERVER], size.layer, FILLS, OUTLINE, OUTLINE_PX, extent
        ),
        QGIS: map_servers.qgis_server(bench.var, database, PORTS[QGIS], size.layer, qml, extent),
    }
    found = {}
    for name, maker in makers.items():
        try:
            found[name] = stack.enter_context(maker)
        except Absent as reason:
            print(f"{name}: absent: {reason}")
    return found


def maps(bench: Bench, size: Size) -> Iterator[Figure]:
    """GetMap 800x600 in EPSG:3857, one at a time; the pictures are kept to be looked at."""
    layer = size.overview or size.layer
    with ExitStack() as stack:
        peers = map_peers(stack, bench, size)
        for across, box in views(size).items():
            calls: dict[str, Callable[[], bytes]] = {OURS: asking(bench.tiles_port, "/wms?", layer, box)}
            calls |= {name: asking(peer.port, "/?", "parcels", box) for name, peer in peers.items()}
            keep_pictures(bench, across, {name: call() for name, call in calls.items()})
            times = interleaved(calls, max(5, bench.rounds))
            goals = {MAPSERVER: (1 / 3 if across == "60 km" else 1.0, True), QGIS: (1 / 3, True)}
            ratio, reached = against(goals, times[OURS], times)
            goal = f"≤ {'1/3' if across == '60 km' else '1'} × MapServer, ≤ 1/3 QGIS Server"
            yield Figure(
                f"GetMap 800x600, {across} across, {size.label}", shown(times, ms), goal, ratio, reached
            )


def keep_pictures(bench: Bench, across: str, drawn: Mapping[str, bytes]) -> None:
    """Side by side in ``var/bench/getmap-*.png``."""
    pictures = [Image.open(io.BytesIO(body)).convert("RGB") for body in drawn.values()]
    sheet = Image.new("RGB", (sum(p.width for p in pictures), pictures[0].height))
    for at, picture in enumerate(pictures):
        sheet.paste(picture, (at * pictures[0].width, 0))
    sheet.save(bench.var / f"getmap-{across.replace(' ', '-')}.png")


def capabilities(bench: Bench, size: Size) -> Iterator[Figure]:
    """GetCapabilities of a city of `MANY_LAYERS` layers, warm."""
    with connect(bench.config) as connection, connection.transaction(), connection.cursor() as cursor:
        here = {each for each in registry().current(fresh=True).layers if each.startswith("bench_many_")}
        there = len(registry().current().layers)
        for number in range(MANY_LAYERS - (there - len(here))):
            if (name := f"bench_many_{number}") not in here:
                create_dataset(cursor, small(name))
                publish_dataset(cursor, small(name))
    time.sleep(2)
    client = Client(PORT)
    listed = len(json.loads(client.fetch("/ogcapi/collections?f=json"))["collections"])
    for version in ("1.3.0", "1.1.1"):
        path = f"/wms?SERVICE=WMS&REQUEST=GetCapabilities&VERSION={version}"
        body = client.fetch(path)
        times = interleaved({OURS: lambda path=path: client.fetch(path)}, 20)  # type: ignore[misc]
        values = {OURS: ms(times[OURS]), "size": f"{len(body) / 1000:.0f} kB", "collections": str(listed)}
        reached = times[OURS] < 50 and len(body) < 300_000
        yield Figure(
            f"WMS {version} capabilities, {listed} layers",
            values,
            "< 50 ms warm, < 300 kB",
            ms(times[OURS]),
            reached,
        )


def small(name: str) -> Layer:
    return Layer(
        id=name,
        title=Text("Lớp trống đo tốc độ", "Empty layer to measure with"),
        description=Text("Một trong nhiều lớp", "One of many layers"),
        geometry=Geometry(type="Polygon"),
        fields=(Field(name="code", label=Text("Mã", "Code"), type="text"),),
        table=f"dataset.{name}",
    )
