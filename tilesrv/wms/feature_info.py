"""GetFeatureInfo: what is drawn at a pixel, read through the caller's view."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyproj

from gis_core.audiences import Caller
from gis_core.crs import Crs
from gis_core.http.ows import LAYER_NOT_DEFINED, LAYER_NOT_QUERYABLE, refused
from gis_core.naming import Question, Speech
from gis_core.problems import Problem
from gis_core.registry import Catalogue, Published
from gis_core.times import interval_of, time_sql
from tilesrv.database import Database
from tilesrv.grid import Box
from tilesrv.render.compiling import picture_zoom
from tilesrv.render.picture import Drawing, Picture
from tilesrv.styles.book import BASEMAP
from tilesrv.turns import in_turns
from tilesrv.wms import parameters
from tilesrv.wms.feature_answers import ANSWERS, FORMATS, Answer, Found, values_of
from tilesrv.wms.map import Asked
from tilesrv.wms.parameters import required, shown
from tilesrv.wms.reach import drawn_sql, reach_px
from tilesrv.wms.versions import Version

MOST_FEATURES = 100
CLICK_S = 8.0  # for all layers of a click together
# More than this many at one pixel are not put in order: in a picture of the whole city a pixel shows everything.
MOST_CANDIDATES = 1000
NAMES_S = 3.0  # for the names of all that the values refer to: what comes later keeps its key


@dataclass(frozen=True)
class Pixel:
    """One pixel of a map: its middle in the map's CRS (x first), its width and height, the style's zoom there."""

    crs: Crs
    x: float
    y: float
    width: float
    height: float
    zoom: float

    @classmethod
    def of(cls, wanted: Asked, column: int, row: int) -> Pixel:
        """The pixel ``column`` from the left and ``row`` from the top of the map, which may be none of squares."""
        width, height = wanted.pixel
        style_size = (wanted.size[0] / wanted.scale, wanted.size[1] / wanted.scale)
        zoom = picture_zoom(Picture((), wanted.crs.crs.srid, wanted.box, *style_size))
        x = wanted.box[0] + (column + 0.5) * width
        y = wanted.box[3] - (row + 0.5) * height
        return cls(wanted.crs.crs, x, y, width, height, zoom)

    def around(self, px: float) -> Box:
        """The box that reaches ``px`` pixels from the middle to each side."""
        across, up = px * self.width, px * self.height
        return self.x - across, self.y - up, self.x + across, self.y + up


async def feature_info(
    given: Mapping[str, str],
    version: Version,
    wanted: Asked,
    caller: Caller,
    database: Database,
    language: str,
    catalogue: Catalogue,
) -> tuple[str, bytes]:
    """Media type and body of the answer to GetFeatureInfo; an OwsException for what it must not ask."""
    format_ = info_format(given)
    answer = ANSWERS[FORMATS[format_]]
    pixel = Pixel.of(wanted, *parameters.pixel_of(given, version, wanted.size))
    most = 1
    if given.get("FEATURE_COUNT"):
        most = min(parameters.whole_number(given, "FEATURE_COUNT", 1, 999_999_999), MOST_FEATURES)
    drawings = queried(given, wanted)
    asked = [
        partial(features_at, pixel, drawing, caller, database, answer, most, wanted.scale)
        for drawing in drawings
    ]
    found = await found_in([drawing.published[0] for drawing in drawings], asked)
    speech = Speech(caller, language)
    found += await names_referred_to(found, speech, caller, database, catalogue)
    return answer.media_type(format_), answer.write(found, caller, language, speech)


async def names_referred_to(
    found: Sequence[Found], speech: Speech, caller: Caller, database: Database, catalogue: Catalogue
) -> list[Found]:
    """Tell ``speech`` what the values refer to; the layers that could not be read for it, with why."""
    seen = {each.layer.id: each for each in catalogue.seen_by(caller)}
    questions = [
        question
        for each in found
        for question in speech.questions(
            (other.layer for other in seen.values()),
            each.published.layer.fields_for(caller.audience),
            [values_of(each.published.layer, caller, text) for text in each.features],
        )
    ]
    asked = [partial(database.row, caller, gathered(each), [list(each.keys)]) for each in questions]
    unread: dict[str, Found] = {}
    for question, given in zip(questions, await in_turns(asked, NAMES_S), strict=True):
        if isinstance(given, Problem):
            unread[question.layer.id] = Found(seen[question.layer.id], [], given.detail)
        else:
            speech.hear(question, given[0])
    return list(unread.values())


def gathered(question: Question) -> str:
    """One row: the answers as an array of arrays of texts, which are all that a name is made of here."""
    columns = ", ".join(f'_q."{field.name}"::text' for field in question.fields)
    return (
        f"select coalesce(array_agg(array[_q._key, {columns}]), '{{}}') from"
        f" ({question.sql('$1::text[]')}) _q"
    )


def info_format(given: Mapping[str, str]) -> str:
    """INFO_FORMAT, plain text by default."""
    asked = (given.get("INFO_FORMAT") or "text/plain").strip()
    found = asked.lower().partition(";")[0].strip().replace(" ", "+")
    if found not in FORMATS:
        raise parameters.not_offered("INFO_FORMAT", asked, FORMATS)
    return found


def queried(given: Mapping[str, str], wanted: Asked) -> list[Drawing]:
    """The drawings of the layers that QUERY_LAYERS names."""
    drawn = dict(zip(wanted.names, wanted.drawings, strict=True))
    found = []
    for name in dict.fromkeys(required(given, "QUERY_LAYERS").split(",")):
        if name == BASEMAP:
            raise refused(
                LAYER_NOT_QUERYABLE,
                "QUERY_LAYERS",
                f"Không hỏi thông tin được ở “{name}”.",
                f"“{name}” cannot be queried.",
            )
        if name not in drawn:
            raise refused(
                LAYER_NOT_DEFINED,
                "QUERY_LAYERS",
                f"“{shown(name)}” không có trong LAYERS.",
                f"“{shown(name)}” is not among LAYERS.",
            )
        found.append(drawn[name])
    return found


async def found_in(
    layers: Sequence[Published], asked: Sequence[Callable[[], Awaitable[Found]]]
) -> list[Found]:
    """What each layer has; of one among several that cannot be read, or is too slow, that it is so."""
    if len(asked) == 1:
        return [await asked[0]()]
    given = await in_turns(asked, CLICK_S)
    faults = [each for each in given if isinstance(each, Problem)]
    if len(faults) == len(asked):
        raise faults[0]
    return [
        Found(published, [], each.detail) if isinstance(each, Problem) else each
        for published, each in zip(layers, given, strict=True)
    ]


async def features_at(
    pixel: Pixel,
    drawing: Drawing,
    caller: Caller,
    database: Database,
    answer: Answer,
    most: int,
    scale: float,
) -> Found:
    """The features of a layer that are drawn at the pixel, the nearest first."""
    (published,) = drawing.published
    layers = [each for each in drawing.style.layers if each.is_drawn_at(pixel.zoom)]
    low, high = published.layer.zoom
    area = web_mercator_area(pixel, reach_px(published, layers, pixel.zoom) * scale)
    if area is None or not low - 1 <= pixel.zoom < high + 1:
        return Found(published, [])
    point, ring = area[0], area[1:]
    test = drawn_sql(published, caller, layers)
    values: list[Any] = [*point, polygon_text(ring), most]
    if drawing.at is not None:
        moment, bound = time_sql(published, interval_of(drawing.at))
        for number in range(len(bound)):
            moment = moment.replace("%s", f"${len(values) + number + 1}", 1)
        test, values = f"({test}) and {moment}", [*values, *bound]
    sql = features_sql(published, caller, answer.text(published, caller, pixel.crs), test)
    (texts,) = await database.row(caller, sql, values)
    return Found(published, texts)


def features_sql(published: Published, caller: Caller, text: str, test: str) -> str:
    """One row: the texts of the features that meet the polygon ``$3`` and ``test``, at most ``$4``, by distance to the
    point ``$1 $2`` (EPSG:3857)."""
    view = f'"{caller.audience}"."{published.layer.id}"'
    return (
        f"{published.mark} with _a as (select st_setsrid(st_makepoint($1, $2), 3857) _p, st_geomfromtext($3, 3857) _s)"
        f" select coalesce(array_agg({text} order by _d, \"fid\"), '{{}}') from ("
        f'select _c.*, st_distance(_c."geom3857", _a._p) as _d from (select _v.* from {view} _v, _a'
        f' where _v."geom3857" && _a._s and st_intersects(_v."geom3857", _a._s) and ({test})'
        f' limit {MOST_CANDIDATES}) _c, _a order by _d, "fid" limit $4) _q'
    )


def web_mercator_area(pixel: Pixel, px: float) -> list[tuple[float, float]] | None:
    """The middle of the pixel, then the corners of what lies ``px`` around it, in EPSG:3857; None where the pixel is
    beyond the world."""
    minx, miny, maxx, maxy = pixel.around(px)
    xs = (pixel.x, minx, maxx, maxx, minx, minx)
    ys = (pixel.y, miny, miny, maxy, maxy, miny)
    low_x, low_y, high_x, high_y = pixel.crs.domain
    if not (low_x <= pixel.x <= high_x and low_y <= pixel.y <= high_y):
        return None
    if pixel.crs.srid != 3857:
        transformer = pyproj.Transformer.from_crs(pixel.crs.srid, 3857, always_xy=True)
        xs, ys = transformer.transform(xs, ys)
    return list(zip(xs, ys, strict=True)) if all(abs(each) < 1e9 for each in (*xs, *ys)) else None


def polygon_text(ring: Sequence[tuple[float, float]]) -> str:
    return f"POLYGON(({', '.join(f'{x!r} {y!r}' for x, y in ring)}))"
