"""The middle of a sheet: a place by its coordinates, or a feature of the city by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gis_core.audiences import Caller
from gis_core.naming import Speaker, fields_of_name
from gis_core.problems import Problem
from web import city, search, showing
from web.coordinates import written
from web.window import Box, to_degrees

MOST_CHOICES = 8


@dataclass(frozen=True)
class Place:
    """A place by its degrees; ``title`` and ``box`` (EPSG:3857) where it is a feature of the city, ``day`` where it is
    one of another day than today."""

    lon: float
    lat: float
    title: str = ""
    box: Box | None = None
    day: date | None = None

    def name(self, language: str) -> str:
        """What stands in the form for it."""
        return self.title or written(self.lon, self.lat, language)


@dataclass(frozen=True)
class Choice:
    """One of several features that a name means; ``key`` is ``layer/fid``."""

    key: str
    title: str
    subtitle: str


def of_feature(caller: Caller, key: str, language: str) -> Place | None:
    """The middle of the feature ``layer/fid``; None where there is none for the caller."""
    layer_id, _, fid = key.partition("/")
    if not fid.isdecimal() or len(fid) > 16:
        return None
    try:
        found = city.feature(caller, layer_id, int(fid))
    except Problem:
        return None
    minx, miny, maxx, maxy = found.box
    lon, lat = to_degrees((minx + maxx) / 2, (miny + maxy) / 2)
    day = showing.day_for(found, None)
    speaker = Speaker(caller, language, city.page_shares(caller))
    speaker.learn(fields_of_name(found.layer, caller.audience), [found.values])
    return Place(lon, lat, speaker.name(found.layer, found.values).title, found.box, day)


def choices(caller: Caller, text: str, language: str) -> Sequence[Choice]:
    """The features that a name means, best first, at most `MOST_CHOICES`; a unit of today that bears it, alone."""
    found = search.search(caller, text, language)
    if not found.ambiguous:
        units = search.unit_hits(caller, search.units_named(text), language)
        today = [hit for hit in units if hit.layer_id == city.UNITS]
        if len(today) == 1:
            return [Choice(f"{hit.layer_id}/{hit.fid}", hit.title, hit.subtitle) for hit in today]
    hits = found.ambiguous or found.hits
    return [Choice(f"{hit.layer_id}/{hit.fid}", hit.title, hit.subtitle) for hit in hits[:MOST_CHOICES]]
