"""One tile from the database, whichever way its connection was come by: the server's pools or an export's snapshot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from gis_core.audiences import Caller
from gis_core.registry import Published
from tilesrv.grid import TileId
from tilesrv.tile_parts import parts_at
from tilesrv.tile_sql import (
    MOST_FEATURES,
    apart_places_sql,
    apart_tile_sql,
    cells_sql,
    features_sql,
    fields_at,
    tiled_fields,
)

# The first row of a statement, as the caller's role sees it.
Row = Callable[[str, Sequence[Any]], Awaitable[Any]]
MOST_TEXTS = 2000
MOST_PLACES = 20_000


class Made(NamedTuple):
    """A tile as ST_AsMVT made it, and how many features (or cells of an overview) lie in it.

    A feature too small to be drawn at this zoom counts, so that 0 means that no tile below has anything either; of
    cells it does not mean that, since a cell stands where the middle of a feature's box is.
    """

    body: bytes
    features: int


class Statements:
    """What tiles are made with and is worth keeping: the texts of statements by publication, audience and form, since
    putting one together costs as much as running it; and where large geometries are named, by their digests."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str, str], str] = {}
        self.places: dict[bytes, tuple[float, float]] = {}  # EPSG:3857

    def text(self, published: Published, caller: Caller, form: str, make: Callable[[], str]) -> str:
        key = (published.mark, caller.audience, form)
        text = self._texts.get(key)
        if text is None:
            if len(self._texts) > MOST_TEXTS:
                self._texts.clear()
            text = self._texts[key] = make()
        return text


async def make_tile(
    row: Row,
    statements: Statements,
    published: Published,
    caller: Caller,
    tile: TileId,
    *,
    view: str | None,
    at: datetime | None = None,
    all_fields: bool = False,
) -> Made:
    """The tile of one layer: the cells of the count ``view`` if there is one, else features (those valid ``at``).

    ``all_fields``: with every attribute at every zoom, for who can ask nobody for the rest.
    """
    if view is not None and at is None:
        sql = statements.text(published, caller, "cells", lambda: cells_sql(published, caller, view))
        body, count = await row(sql, tile)
        return Made(bytes(body), count)
    fields = tiled_fields(published, caller) if all_fields else fields_at(published, caller, tile.z)
    parts = parts_at(published, tile.z)
    form = f"features {published.look} {parts} " + " ".join(field.name for field in fields)

    def said(what: str, make: Callable[[], tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
        return make() if at is not None else (statements.text(published, caller, what, lambda: make()[0]), [])

    sql, values = said(form, lambda: features_sql(published, caller, fields, at=at, parts=parts))
    body, count, apart = await row(sql, [*tile, *values])
    if count > MOST_FEATURES:
        sql, values = features_sql(published, caller, fields, at=at, largest=True, parts=parts)
        body, count, apart = await row(sql, [*tile, *values])
    if apart:
        sql, values = said(f"names of {form}", lambda: apart_tile_sql(published, caller, fields, at=at))
        names, fids, keys = await row(sql, [*tile, *values, []])
        if fids and (named := await _named_in(tile, fids, keys, row, statements, published, caller)):
            names, _, _ = await row(sql, [*tile, *values, named])
        body += names
    return Made(bytes(body), count)


async def _named_in(
    tile: TileId,
    fids: Sequence[int],
    keys: Sequence[bytes],
    row: Row,
    statements: Statements,
    published: Published,
    caller: Caller,
) -> list[int]:
    """Which of the features ``fids`` may be named in the tile, by the ``keys`` of their geometries (`names_sql`).

    No place is told by a key that the caller's own view did not give; which tile holds it the statement decides.
    """
    places = statements.places
    new = [fid for fid, key in zip(fids, keys, strict=True) if bytes(key) not in places]
    if new:
        sql = statements.text(published, caller, "places", lambda: apart_places_sql(published, caller))
        found = await row(sql, [new])
        if len(places) > MOST_PLACES:
            places.clear()
        if found[0] is not None:
            places.update((bytes(key), (x, y)) for key, x, y in zip(*found, strict=True) if x is not None)
    # One that was changed between the two statements has another key now: it is asked for itself.
    placed = ((fid, places.get(bytes(key))) for fid, key in zip(fids, keys, strict=True))
    return [fid for fid, at in placed if at is None or tile.covered_by([(*at, *at)])]
