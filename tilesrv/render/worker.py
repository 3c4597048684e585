"""A process that draws: ``python -m tilesrv.render.worker`` reads jobs from its input and answers on its output.

It holds no secret of its own and no layer; it ends when its input does. Whoever started it kills it at the deadline.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections import OrderedDict
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import quoteattr

import msgspec

from gis_core.parting import end_with_parent
from gis_core.runtime.memory import give_back
from tilesrv.assets.fonts import font_files
from tilesrv.grid import Box
from tilesrv.render.job import Drawn, Job, Relief, Source, frame
from tilesrv.render.mapnik_import import mapnik
from tilesrv.render.png import png_of

MOST_PREPARED = 48
MOST_CONNECTIONS = (
    8  # callers that one process has read for; each may keep a connection or more of the database's
)
LAST_FACE = "DejaVu Sans Book"  # comes with Mapnik and has every letter of Vietnamese
ENCODERS = {"png8": "png8:z=3:m=h", "webp": "webp:quality=85:method=2", "jpg": "jpeg85"}
LEAST_PX = 16  # Mapnik's own: a map is not made smaller on either side
MOST_RELIEF_PX = 2**23  # in larger pictures relief is enlarged
WORLD = "-20037508.35,-20037508.35,20037508.35,20037508.35"
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def register_fonts() -> frozenset[str]:
    for path in font_files():
        mapnik.FontEngine.register_font(str(path))
    return frozenset(mapnik.FontEngine.face_names())


class Draughtsman:
    """Draws jobs; maps that differ only in box and size are prepared once."""

    def __init__(self) -> None:
        self._faces = register_fonts()
        self._prepared: OrderedDict[str, mapnik.Map] = OrderedDict()
        self._connections: set[str] = set()

    @property
    def is_worn(self) -> bool:
        """Whether it has read for so many roles and units that it should go: Mapnik closes no connection before."""
        return len(self._connections) >= MOST_CONNECTIONS

    def draw(self, job: Job) -> tuple[bytes, ...]:
        """The job's pictures, encoded; RuntimeError with Mapnik's words where it cannot."""
        width, height = round(job.width * job.scale), round(job.height * job.scale)
        across, down = max(width, LEAST_PX), max(height, LEAST_PX)
        drawn = self._map(job)
        drawn.resize(across, down)
        drawn.buffer_size = round(job.buffer * job.scale)
        drawn.zoom_to_box(mapnik.Box2d(*stretched(job.box, across / width, down / height)))
        with relief_in(drawn, job):
            if job.format in ("pdf", "svg"):
                return (self._vector(drawn, job),)
            image = mapnik.Image(across, down)
            mapnik.render(drawn, image, job.scale)
        if job.format == "png" and not job.is_opaque:
            image.demultiply()
        if job.cut == 1:
            return (
                encoded(image if (across, down) == (width, height) else image.view(0, 0, width, height), job),
            )
        side = width // job.cut
        return tuple(
            encoded(image.view(column * side, row * side, side, side), job)
            for row in range(job.cut)
            for column in range(job.cut)
        )

    def _vector(self, drawn: mapnik.Map, job: Job) -> bytes:
        """A page of Cairo's; its unit is 1/72 inch."""
        with open_nowhere() as file:
            mapnik.render_to_file(drawn, path_of(file), job.format, job.scale)
            return file.read()

    def _map(self, job: Job) -> mapnik.Map:
        held = self._prepared.get(job.key)
        if held is not None:
            self._prepared.move_to_end(job.key)
            return held
        made = mapnik.Map(256, 256)
        mapnik.load_map_from_string(made, self._xml(job))
        made.aspect_fix_mode = mapnik.aspect_fix_mode.RESPECT
        self._connections.add(job.connection)
        for source in job.sources:
            made.layers.append(layer_of(source, job.connection, job.srid))
        self._prepared[job.key] = made
        while len(self._prepared) > MOST_PREPARED:
            self._prepared.popitem(last=False)
        return made

    def _xml(self, job: Job) -> str:
        sets = []
        for number, faces in enumerate(job.fontsets):
            known = [face for face in faces if face in self._faces] + [LAST_FACE]
            fonts = "".join(f"<Font face-name={quoteattr(face)}/>" for face in known)
            sets.append(f'<FontSet name="f{number}">{fonts}</FontSet>')
        ground = f" background-color={quoteattr(job.background)}" if job.background else ""
        return f'<Map srs="epsg:{job.srid}"{ground}>{"".join(sets)}{job.styles}</Map>'


def stretched(box: Box, across: float, down: float) -> Box:
    """``box`` so many times as wide and as high, from its upper left corner."""
    minx, miny, maxx, maxy = box
    return minx, maxy - (maxy - miny) * down, minx + (maxx - minx) * across, maxy


def encoded(image: mapnik.Image | mapnik.ImageView, job: Job) -> bytes:
    if job.format == "png":
        return png_of(image.to_string(), image.width(), image.height(), is_opaque=job.is_opaque)
    return bytes(image.to_string(ENCODERS[job.format]))


def layer_of(source: Source, connection: str, srid: int) -> mapnik.Layer:
    """The Mapnik layer of a source; that of relief lies in the map's own CRS and gets its picture in `relief_in`."""
    if source.relief is not None:
        layer = mapnik.Layer(source.name, f"epsg:{srid}")
    else:
        layer = mapnik.Layer(source.name, "epsg:3857")
        layer.datasource = mapnik.PostGIS(
            dbname=connection,
            table=source.table,
            geometry_field="geom3857",
            key_field="fid",
            srid=3857,
            extent=WORLD,
            persist_connection=True,
            initial_size=1,
            max_size=4,
        )
    for name in source.styles:
        layer.styles.append(name)
    layer.cache_features = len(source.styles) > 1
    layer.buffer_size = source.buffer
    return layer


@contextlib.contextmanager
def relief_in(drawn: mapnik.Map, job: Job) -> Iterator[None]:
    """The relief layers of ``drawn`` have a picture of its place and size meanwhile, where relief is known there."""
    shaded = [at for at, source in enumerate(job.sources) if source.relief is not None]
    try:
        for at in shaded:
            relief = job.sources[at].relief
            assert relief is not None
            drawn.layers[at].datasource = relief_source(relief, job.srid, drawn)
        yield
    finally:
        for at in shaded:
            drawn.layers[at].datasource = None


def relief_source(relief: Relief, srid: int, drawn: mapnik.Map) -> mapnik.Datasource | None:
    """The relief as cells for a `RasterSymbolizer`; None where it is unknown."""
    from tilesrv.render.relief import shaded, write_cells  # NumPy and GDAL: for who draws relief

    extent = drawn.envelope()
    box = (extent.minx, extent.miny, extent.maxx, extent.maxy)
    shrunk = max((drawn.width * drawn.height / MOST_RELIEF_PX) ** 0.5, 1)
    picture = shaded(relief, srid, box, ceil(drawn.width / shrunk), ceil(drawn.height / shrunk))
    if picture is None:
        return None
    with open_nowhere() as file:
        write_cells(picture, box, path_of(file))
        return mapnik.Gdal(file=path_of(file))


def open_nowhere() -> BinaryIO:
    """A file that lies in no folder: it goes with whoever has it open, be he killed."""
    return os.fdopen(os.memfd_create("drawing"), "w+b")


def path_of(file: BinaryIO) -> str:
    return f"/proc/self/fd/{file.fileno()}"


def resident_mb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES // 2**20


def serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Answer job after job until there are no more."""
    # Mapnik writes failing queries, with what they look for, to the log; the answer tells of them.
    mapnik.logger.set_severity(getattr(mapnik.severity_type, "None"))  # a keyword
    draughtsman = Draughtsman()
    decoder = msgspec.msgpack.Decoder(Job)
    while head := jobs.read(4):
        job = decoder.decode(jobs.read(int.from_bytes(head)))
        try:
            pictures, error = draughtsman.draw(job), ""
        except (RuntimeError, ValueError, OSError) as fault:
            # Mapnik quotes the connection, with its password.
            pictures, error = (), str(fault).replace(job.connection, "…")[:2000]
        if job.width * job.height * job.scale**2 > 4e6:
            give_back()  # large pictures leave large holes
        answers.write(frame(Drawn(pictures, error, resident_mb(), draughtsman.is_worn)))
        answers.flush()


if __name__ == "__main__":
    # A drawing that the one who asked has left may take for ever.
    with contextlib.suppress(OSError, AttributeError):
        end_with_parent(signal.SIGKILL)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to the log, not among the answers
    serve(sys.stdin.buffer, out)
