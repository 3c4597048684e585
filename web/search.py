"""Search as the pages show it: what was found, and the question to ask back where one name means several places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gis_core.audiences import Caller
from gis_core.reading import registry
from gis_core.search import Hit
from gis_core.search import search as search_layers
from gis_core.shares import Missing
from gis_core.words import nfc
from layers.admin_units import services
from layers.admin_units.services import UnitMatch

MOST_HITS = 40
UNITS, UNITS_THROUGH_TIME = "admin_units", "admin_units_history"


@dataclass(frozen=True)
class Found:
    """``ambiguous`` are units that bear the very name that was asked for; the page asks which is meant. ``missing`` are
    layers that gave no answer.

    Only of units: twelve pieces of one street, or a ward and the market that is named after it, are no question.
    """

    hits: Sequence[Hit]
    ambiguous: Sequence[Hit]
    cut: bool
    missing: Sequence[Missing] = ()


def search(caller: Caller, text: str, language: str) -> Found:
    """Search every layer that the caller sees; units that the text names, of whatever time, come first."""
    if not text:
        return Found([], [], False)
    matches = units_named(text)
    units = unit_hits(caller, matches, language)
    shown = {(hit.layer_id, hit.fid) for hit in units}
    found = search_layers(caller, text, language, MOST_HITS + 1)
    others = [hit for hit in found.hits if (hit.layer_id, hit.fid) not in shown]
    hits = [*units, *others]
    asked = units if services.needs_asking(matches) and len(units) > 1 else []
    return Found(hits[:MOST_HITS], asked, len(hits) > MOST_HITS, found.missing)


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
            title, under = match.label.to(language), layer.title.to(language)
            hits.append(Hit(layer.id, match.fid, title, under, None, None, 1.0))
    return hits
