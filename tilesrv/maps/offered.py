"""What a caller can have drawn: layers and the basemap, each in its styles, and where and when there is anything.

Protocols write documents of it (WMS, WMTS, OGC API - Maps); none of them counts or measures anything itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import groupby
from math import ceil, floor
from typing import Any

from gis_core.audiences import Caller
from gis_core.problems import Problem
from gis_core.publish.extents import seen_extent_sql
from gis_core.registry import Catalogue, Published
from gis_core.styles.colours import MODES, Mode
from gis_core.styles.standard import styles_of
from gis_core.words import Text
from tilesrv.database import Database, is_of_layer
from tilesrv.extents import Extents
from tilesrv.grid import Box, lon_lat
from tilesrv.styles.book import BASEMAP, BASEMAP_TITLE, ground_layers

BASEMAP_ABSTRACT = Text(
    "Nền bản đồ của thành phố: nước, cây xanh, nhà cửa, đường sá, địa danh.",
    "The ground of the city: water, green, buildings, roads, names.",
)
MODE_TITLES: Mapping[Mode, Text] = {
    "day": Text("Ban ngày", "Day"),
    "night": Text("Ban đêm", "Night"),
    "print": Text("In ấn", "Print"),
}
# Where nothing has been measured an extent is required all the same: Web Mercator's world.
WORLD: Box = (-180.0, -85.06, 180.0, 85.06)


@dataclass(frozen=True)
class Extent:
    """Where (west, south, east, north in degrees; None where there is nothing) and when a layer has features.

    ``end`` is None where it is open.
    """

    box: Box | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class OfferedStyle:
    """A style by the id that requests name."""

    id: str
    title: Text


@dataclass(frozen=True)
class Offered:
    """A layer that can be drawn; ``published`` is None for the basemap. The first style is the default one.

    ``zooms`` are those of styles (MapLibre's) from which, and below which, anything is drawn.
    """

    name: str
    title: Text
    abstract: Text
    styles: tuple[OfferedStyle, ...]
    extent: Extent
    published: Published | None = None
    zooms: tuple[float, float] = (0.0, 24.0)

    @property
    def is_queryable(self) -> bool:
        return self.published is not None


@dataclass(frozen=True)
class Offer:
    """All that one caller can have drawn: the basemap, then layers by group."""

    basemap: Offered
    groups: Sequence[tuple[Text, Sequence[Offered]]]

    @property
    def all(self) -> list[Offered]:
        return [self.basemap, *(each for _, group in self.groups for each in group)]

    @property
    def box(self) -> Box:
        """Around everything."""
        return around([each.extent.box for each in self.all]) or WORLD

    def box_of(self, offered: Offered) -> Box:
        """Where a layer lies; one without features anywhere lies where everything does."""
        return offered.extent.box or self.box


def around(boxes: Sequence[Box | None]) -> Box | None:
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    west, south, east, north = zip(*known, strict=True)
    return min(west), min(south), max(east), max(north)


def offer_of(catalogue: Catalogue, caller: Caller, extents: Mapping[str, Extent]) -> Offer:
    """The offer to ``caller``, in the order of the layer list: by group, then by title."""
    listed = [each for each in catalogue.seen_by(caller) if each.layer.listed]
    listed.sort(key=lambda each: (each.layer.group.vi, each.layer.title.vi, each.layer.id))
    groups = [
        (title, [offered(each, extents.get(each.layer.id, Extent())) for each in group])
        for title, group in groupby(listed, key=lambda each: each.layer.group)
    ]
    return Offer(offered_basemap(catalogue, caller, extents), groups)


def offered(published: Published, extent: Extent) -> Offered:
    layer = published.layer
    styles = styles_of(layer)
    low, high = layer.zoom
    drawn = [each for style in styles for each in style.layers if each.is_drawn_at(each.minzoom)]
    from_zoom = min((each.minzoom for each in drawn), default=0.0)
    return Offered(
        name=layer.id,
        title=layer.title,
        abstract=layer.description,
        styles=tuple(OfferedStyle(each.id, each.title) for each in styles),
        extent=extent,
        published=published,
        zooms=(max(from_zoom, low - 1.0), high + 1.0),
    )


def offered_basemap(catalogue: Catalogue, caller: Caller, extents: Mapping[str, Extent]) -> Offered:
    ground = ground_layers(catalogue, caller)
    boxes = [extents[each.layer.id].box for each in ground if each.layer.id in extents]
    return Offered(
        name=BASEMAP,
        title=BASEMAP_TITLE,
        abstract=BASEMAP_ABSTRACT,
        styles=tuple(OfferedStyle(mode, MODE_TITLES[mode]) for mode in MODES),
        extent=Extent(around(boxes)),
    )


# Extents --------------------------------------------------------------------------------------------------------


async def extents_seen(
    database: Database, measured: Extents, catalogue: Catalogue, caller: Caller
) -> dict[str, Extent]:
    """The extent of each layer as ``caller`` sees it, as measured after publication and after changes.

    Where an audience has its rows by units, that measure is of all units together and would tell of rows that are
    another's: there the caller's own rows are measured.
    """
    rows = await database.rows(
        "app",
        "select layer, west, south, east, north, time_from, time_to from huong.extent where audience = $1",
        [caller.audience],
    )
    found = {row[0]: extent_from(row[1:]) for row in rows}
    for published in catalogue.seen_by(caller):
        if caller.is_scoped_in(published.layer):
            found[published.layer.id] = await own_extent(database, measured, published, caller)
    return found


def extent_from(row: Sequence[Any]) -> Extent:
    west, south, east, north, start, end = row
    return Extent(None if west is None else (west, south, east, north), start, end)


async def own_extent(database: Database, measured: Extents, published: Published, caller: Caller) -> Extent:
    if published.layer.time:
        sql = f"{published.mark} {seen_extent_sql(published.layer, caller.audience)}"
        try:
            return extent_from(await database.row(caller, sql, []))
        except Problem as problem:
            if not is_of_layer(problem):
                raise
            return Extent()
    box = await measured.box(published, caller)
    return Extent(None if box is None else degrees_of(box))


def digest_of(extents: Mapping[str, Extent]) -> str:
    """What changes when an extent does."""
    return blake2b(repr(sorted(extents.items())).encode(), digest_size=12).hexdigest()


def degrees_of(box: Box) -> Box:
    """A box of EPSG:3857 in degrees, rounded outwards to the sixth decimal."""
    west, south = lon_lat(box[0], box[1])
    east, north = lon_lat(box[2], box[3])
    return (
        floor(west * 1e6 - 1) / 1e6,
        floor(south * 1e6 - 1) / 1e6,
        ceil(east * 1e6 + 1) / 1e6,
        ceil(north * 1e6 + 1) / 1e6,
    )
