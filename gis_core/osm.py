"""How a layer takes OpenStreetMap elements: a package with a module ``osm`` that has ``OSM_MAPPING``, or
``OSM_MAPPINGS`` where it has several layers.

An importer reads each element once, offers its tags to every mapping, and writes what comes back: properties of the
layer's fields, to which it adds ``osm_id`` (the element's number) and ``osm_type`` (``node``, ``way``, ``relation``)
where the layer declares those fields. A way or area that a point layer takes is put at a point on its surface.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gis_core.words import Text, nfc

# Names beside the first that people use; those in languages of strangers are not looked for here.
OTHER_NAMES = (
    *("name", "alt_name", "old_name", "loc_name", "short_name", "official_name", "bridge:name"),
    *("alt_name:vi", "old_name:vi", "name:en", "name:fr"),
)
LONGEST_OTHERS = 300  # letters
Element = Literal["node", "way", "area"]
CREDIT = Text(
    "© Những người đóng góp cho OpenStreetMap (ODbL)",
    "© OpenStreetMap contributors (ODbL)",
)


@dataclass(frozen=True, kw_only=True)
class OsmMapping:
    """``from_osm(tags)`` gives the properties of a feature of ``layer``, or None where the element is none of it.

    ``elements`` are the kinds of element to offer: ``node``, ``way`` as the line that it is, ``area`` a closed way or
    multipolygon relation as its surface.
    """

    layer: str
    elements: frozenset[Element]
    from_osm: Callable[[Mapping[str, str]], dict[str, Any] | None]


def other_names(tags: Mapping[str, str], *but: str) -> str:
    """What else an element is called, each once and none ``but`` those that have a field: "Cầu Tràng Tiền"."""
    parts = (part.strip() for key in OTHER_NAMES for part in nfc(tags.get(key, "")).split(";"))
    names = dict.fromkeys(part for part in parts if part and part not in but)
    text = ""
    for name in names:
        longer = f"{text}; {name}" if text else name
        if len(longer) > LONGEST_OTHERS:
            break
        text = longer
    return text
