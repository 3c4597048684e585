"""Search as the pages show it: what was found, and the question to ask back where one name means several places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely

from gis_core.audiences import Caller
from gis_core.crs import from_lonlat
from gis_core.layer import Field
from gis_core.naming import FROM, JOINT, UNTIL
from gis_core.place_text import METRIC
from gis_core.reading import registry
from gis_core.search import SEARCH_S, Hit
from gis_core.search import search as search_layers
from gis_core.shares import Missing, Shares
from gis_core.spoken import number
from gis_core.styles.standard import KINDS
from gis_core.words import nfc
from layers.admin_units import services
from layers.admin_units.services import UnitMatch
from web import city
from web.coordinates import coordinates, is_in_degrees, is_on_grid, written
from web.state import MapState

MOST_HITS = 40
CADASTRE = 9214  # VN-2000 / TM-3 107-00, the grid of the city's cadastre
POINT_ZOOM = 17.0
UNITS, UNITS_THROUGH_TIME = "admin_units", "admin_units_history"


@dataclass(frozen=True)
class Place:
    """Where features of one name lie: the unit (empty where it is none), one of them, and how many they are there."""

    unit: str
    hit: Hit
    count: int


@dataclass(frozen=True)
class Point:
    """A place that was typed as coordinates: ``written`` in WGS 84, ``given`` says how it was typed where otherwise."""

    written: str
    given: str
    query: str  # of the map that shows it


@dataclass(frozen=True)
class Row:
    """A row of the results: a hit, or all of one layer and name, with the ``places`` where they lie."""

    hit: Hit
    places: Sequence[Place] = ()
    whole: bool = False

    @property
    def count(self) -> int:
        return sum(place.count for place in self.places) or 1

    @property
    def key(self) -> str:
        """What the row opens: the feature, or the whole line of which it is a piece."""
        return f"{self.hit.layer_id}/{self.hit.fid}{'/all' if self.whole else ''}"


@dataclass(frozen=True)
class Found:
    """``ambiguous`` are units that bear the very name that was asked for; the page asks which is meant, and they are
    not among the ``rows``. ``missing`` are layers that gave no answer, ``unsaid`` fields whose numbers would tell the
    hits apart.

    Only of units: twelve pieces of one street, or a ward and the market that is named after it, are no question.
    """

    hits: Sequence[Hit]
    rows: Sequence[Row]
    ambiguous: Sequence[Hit]
    cut: bool
    missing: Sequence[Missing] = ()
    point: Point | None = None
    unsaid: Sequence[Field] = ()


def on_grid(lon: float, lat: float, language: str) -> str:
    """A place in the metres of the city's grid, north and east."""
    ((east, north),) = shapely.get_coordinates(
        from_lonlat(shapely.Point(lon, lat), METRIC[CADASTRE])
    ).tolist()
    return f"X {number(north, language, 2)}; Y {number(east, language, 2)} (VN-2000, EPSG:{CADASTRE})"


def search(caller: Caller, text: str, language: str, budget_s: float = SEARCH_S) -> Found:
    """Search every layer that the caller sees; units that the text names, of whatever time, come first."""
    if not text:
        return Found([], [], [], False)
    point = point_of(text, language)
    if point is not None:
        return Found([], [], [], False, point=point)
    matches = units_named(text)
    units = unit_hits(caller, matches, language)
    shown = {(hit.layer_id, hit.fid) for hit in units}
    shares = Shares(caller, budget_s)
    found = search_layers(caller, text, language, MOST_HITS + 1, shares)
    others = [hit for hit in found.hits if (hit.layer_id, hit.fid) not in shown]
    hits = [*units, *others]
    asked = units if services.needs_asking(matches) and len(units) > 1 else []
    rows = rows_of(caller, [hit for hit in hits[:MOST_HITS] if hit not in asked], shares)
    return Found(hits[:MOST_HITS], rows, asked, len(hits) > MOST_HITS, shares.missing, unsaid=found.unsaid)


def point_of(text: str, language: str) -> Point | None:
    """The place that ``text`` gives in degrees, or in metres of the city's grid; None for any other text."""
    given = nfc(text).strip()
    on_grid = is_on_grid(given)
    if not on_grid and not is_in_degrees(given):
        return None
    try:
        pair = coordinates(given, CADASTRE)
    except ValueError:
        return None
    if pair is None:
        return None
    query = MapState(spot=pair).at(*pair, POINT_ZOOM).query()
    return Point(written(*pair, language), f"{given} (VN-2000, EPSG:{CADASTRE})" if on_grid else "", query)


def rows_of(caller: Caller, hits: Sequence[Hit], shares: Shares) -> list[Row]:
    """The hits in their order; those of one layer and name in one row, with the units that they lie in."""
    alike: dict[tuple[str, str], list[Hit]] = {}
    for hit in hits:
        alike.setdefault((hit.layer_id, hit.title), []).append(hit)
    several = [hit for same in alike.values() if len(same) > 1 for hit in same]
    units = dict(
        zip(several, city.units_at(caller, [(hit.lon, hit.lat) for hit in several], shares), strict=True)
    )
    lines = {each.id for each in city.layers(caller) if KINDS[each.geometry.type] == "line"}
    return [
        Row(same[0], places_of(same, units), same[0].layer_id in lines) if len(same) > 1 else Row(same[0])
        for same in alike.values()
    ]


def places_of(hits: Sequence[Hit], units: Mapping[Hit, str]) -> list[Place]:
    by_unit: dict[str, list[Hit]] = {}
    for hit in hits:
        by_unit.setdefault(units[hit], []).append(hit)
    return [Place(unit, there[0], len(there)) for unit, there in by_unit.items()]


def dates_of(match: UnitMatch, language: str) -> list[str]:
    """From when to when a unit of old was one; nothing of a unit of today."""
    if match.valid_to is None:
        return []
    days = (FROM, match.valid_from), (UNTIL, match.valid_to)
    return [" ".join(text.format(day=f"{day:%d/%m/%Y}").to(language) for text, day in days)]


def units_named(text: str) -> list[UnitMatch]:
    """The administrative units of today or of old whose whole name ``text`` is."""
    found = services.find_units(nfc(text.replace("\x00", " "))[: services.MAX_QUERY])
    return [match for match in found if not match.partial]


def unit_hits(caller: Caller, matches: Sequence[UnitMatch], language: str) -> list[Hit]:
    """Units as hits that say what became of the old ones: "Phường Thủy Vân (nay là Phường Vỹ Dạ)"."""
    seen = {each.layer.id: each.layer for each in registry().current().seen_by(caller)}
    hits = []
    for match in matches:
        layer = seen.get(UNITS if match.is_current_commune else UNITS_THROUGH_TIME)
        if layer is not None:
            title, under = (
                match.label.to(language),
                JOINT.join((layer.title.to(language), *dates_of(match, language))),
            )
            hits.append(Hit(layer.id, match.fid, title, under, None, None, 1.0))
    return hits
