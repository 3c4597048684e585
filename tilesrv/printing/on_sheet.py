"""What of a layer a sheet shows: the values that its legend tells classes by, and whether it is invented."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gis_core.audiences import Caller
from gis_core.crs import from_degrees
from gis_core.invented import can_be_invented, is_invented_sql
from gis_core.layer import FieldType
from gis_core.problems import Problem
from gis_core.registry import Published
from gis_core.styles.nodes import Expr, Get, Scalar
from gis_core.times import interval_of, time_sql
from tilesrv.database import Database
from tilesrv.printing.asked import Asked
from tilesrv.printing.shown import drawn_at
from tilesrv.render.picture import Drawing
from tilesrv.styles.classes import INPUT_TYPES
from tilesrv.styles.legend import Present

MOST_FEATURES = 50_000  # of more, a sheet is taken to show all that there may be
SIDE = 8  # points on each side of the sheet's frame, which is no straight line in the CRS of tiles
CASTS: Mapping[str, str] = {"number": "float8", "boolean": "boolean"}


@dataclass(frozen=True)
class OnSheet:
    """``present`` is None where there is too much to look at, or the layer could not be read; then it may hold features
    of both kinds. ``real`` and ``invented`` say which of the two are there."""

    present: Present | None = None
    real: bool = True
    invented: bool = False

    @property
    def is_there(self) -> bool:
        return self.real or self.invented


UNKNOWN = OnSheet()
NOTHING = OnSheet(None, real=False)


@dataclass(frozen=True)
class Sheet:
    """What each layer of a sheet has on it, by its id."""

    layers: Mapping[str, OnSheet] = field(default_factory=dict)

    def of(self, layer: str) -> OnSheet:
        return self.layers.get(layer, UNKNOWN)

    @property
    def present(self) -> Mapping[str, Present]:
        return {name: each.present for name, each in self.layers.items() if each.present is not None}


async def looked_at(
    database: Database, caller: Caller, asked: Asked, drawings: Sequence[Drawing], zoom: float
) -> Sheet:
    """What the layers of ``drawings`` that draw something at ``zoom`` have within the frame of the sheet."""
    ring = frame_text(asked)
    found: dict[str, tuple[Published, Drawing]] = {}
    layers = {each.layer.id: NOTHING for drawing in drawings for each in drawing.published}
    for drawing in drawings:
        published = {each.layer.id: each for each in drawing.published}
        for name in drawn_at(drawing.style, published, zoom).collections():
            layers[name] = UNKNOWN
            if zoom + 1 >= published[name].layer.first_zoom:  # from farther off cells are drawn
                found[name] = (published[name], drawing)
    told = await asyncio.gather(*(on_sheet(database, caller, *each, ring) for each in found.values()))
    return Sheet({**layers, **dict(zip(found, told, strict=True))})


def frame_text(asked: Asked) -> str:
    """The frame of the map as WKT in EPSG:3857."""
    import pyproj

    minx, miny, maxx, maxy = asked.box
    steps = [at / SIDE for at in range(SIDE)]
    corners = [(minx, miny), (maxx, miny), (maxx, maxy), (minx, maxy)]
    points = [
        (x + (next_x - x) * step, y + (next_y - y) * step)
        for (x, y), (next_x, next_y) in zip(corners, corners[1:] + corners[:1], strict=True)
        for step in steps
    ]
    to_mercator = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    back = from_degrees(asked.srid)
    ring = [to_mercator.transform(*back.transform(*point, direction="INVERSE")) for point in points]
    return f"POLYGON(({', '.join(f'{x!r} {y!r}' for x, y in [*ring, ring[0]])}))"


async def on_sheet(
    database: Database, caller: Caller, published: Published, drawing: Drawing, ring: str
) -> OnSheet:
    """What one layer has within ``ring``."""
    layer = published.layer
    types = {field.name: field.type for field in layer.fields_for(caller.audience)}
    names = sorted(drawing.style.fields(layer.id) & types.keys())
    values: list[Any] = [ring]
    test = "true"
    if drawing.at is not None:
        test, bound = time_sql(published, interval_of(drawing.at))
        for number in range(len(bound)):
            test = test.replace("%s", f"${number + 2}", 1)
        values += bound
    try:
        row = await database.row(caller, sheet_sql(published, caller, names, types, test), values)
    except Problem:
        return UNKNOWN
    count, invented, *listed = row
    if count > MOST_FEATURES:
        return OnSheet(None, real=True, invented=bool(invented))
    present: dict[Expr, frozenset[Scalar]] = {
        Get(name): frozenset(each or ()) for name, each in zip(names, listed, strict=True)
    }
    return OnSheet(Present(present, count), real=count > invented, invented=bool(invented))


def sheet_sql(
    published: Published, caller: Caller, names: Sequence[str], types: Mapping[str, FieldType], test: str
) -> str:
    """One row: how many features meet the polygon ``$1``, how many of them are invented, and of each field of ``names``
    the values that they have, null among them."""
    invented = is_invented_sql("_v") if can_be_invented(published.layer, caller) else "false"
    columns = "".join(
        f', _v."{name}"::{CASTS.get(INPUT_TYPES.get(types[name], "text"), "text")} _{at}'
        for at, name in enumerate(names)
    )
    listed = "".join(f", array_agg(distinct _{at})" for at in range(len(names)))
    return (
        f"{published.mark} select count(*), count(*) filter (where _is_invented){listed} from ("
        f'select {invented} _is_invented{columns} from "{caller.audience}"."{published.layer.id}" _v,'
        f' (select st_geomfromtext($1, 3857) _s) _f where _v."geom3857" && _s'
        f' and st_intersects(_v."geom3857", _s) and ({test}) limit {MOST_FEATURES + 1}) _found'
    )
