"""The published layers as a process knows them: read from the database, looked at again every second.

Discover, compare, swap: a process holds one immutable `Catalogue`; when the database's revision has moved it reads the
new one and swaps it in. A layer that is new, changed or gone is so in every process within a second or two.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

import msgspec

from gis_core.audiences import Caller
from gis_core.declarations import readable
from gis_core.layer import DeclarationError, Layer, Overview
from gis_core.problems import not_found
from gis_core.styles.standard import fields_drawn, styles_of

log = logging.getLogger(__name__)

REVISION_SQL = "select revision from huong.catalogue"
LAYERS_SQL = """
select p.layer, p.declaration::text, p.version, p.dataset, coalesce(c.reltuples, -1)::bigint,
  o.max_zoom, o.class_field, o.views::text
from huong.published p
left join pg_class c on c.oid = to_regclass(p.declaration->>'table')
left join huong.overview_state o on o.layer = p.layer and o.version = p.version
order by p.layer
"""


@dataclass(frozen=True)
class Published:
    """A layer as it stands in the database. ``rows`` is the planner's estimate of its table, -1 if unknown.

    ``layer`` is as it was declared, with the overview that stands where the declaration has none: a layer that has
    grown large is drawn as cells from afar, and all that draws it or speaks of it must know. ``cells`` maps an audience
    to the count (``view`` of ``overview_cell``) that stands ready for it.
    """

    layer: Layer
    version: int
    dataset: bool
    rows: int
    cells: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def look(self) -> str:
        """A digest of how the layer is drawn: it changes with its styles, which leave the version as it is."""
        styles = (self.layer.style, self.layer.styles, self.layer.label, self.layer.overview)
        return sha256(msgspec.json.encode(styles)).hexdigest()[:16]

    @property
    def mark(self) -> str:
        """Comment that makes the text of a query new when the view is: prepared plans of old views would fail."""
        return f"/*{self.layer.id} v{self.version}*/"

    @cached_property
    def drawn(self) -> frozenset[str]:
        """The fields that a map needs: those of the layer's styles and its label."""
        return fields_drawn(self.layer)


@dataclass(frozen=True)
class Catalogue:
    """All published layers at one revision."""

    revision: int
    layers: Mapping[str, Published]

    def seen_by(self, caller: Caller) -> list[Published]:
        """The listed layers that the caller may know of, by id."""
        return [p for p in self.layers.values() if caller.sees(p.layer)]

    def get(self, layer_id: str, caller: Caller) -> Published:
        """One layer; a 404 Problem alike for one that is not there and one that is not for the caller."""
        published = self.layers.get(layer_id)
        if published is None or not caller.sees(published.layer):
            raise not_found(
                "no-such-collection",
                f"Không có lớp dữ liệu “{layer_id[:80]}”.",
                f"There is no collection “{layer_id[:80]}”.",
                parameter="collectionId",
            )
        return published


def catalogue_from(revision: int, rows: Iterable[tuple[Any, ...]]) -> Catalogue:
    """The catalogue that `REVISION_SQL` and `LAYERS_SQL` describe."""
    layers: dict[str, Published] = {}
    for layer_id, declaration, version, dataset, estimate, max_zoom, class_field, views in rows:
        read = [in_styles_that_are_read(layer) for layer in readable([(layer_id, declaration)])]
        if not read:
            continue
        (layer,) = read
        if layer.overview is None and max_zoom is not None:
            layer = replace(layer, overview=Overview(max_zoom=max_zoom, by=class_field))
        cells = msgspec.json.decode(views, type=dict[str, str]) if views else {}
        layers[layer.id] = Published(layer, version, dataset, estimate, cells)
    return Catalogue(revision, layers)


def in_styles_that_are_read(layer: Layer) -> Layer:
    """``layer``, drawn as its few words of look say where a style of its own is none (any more)."""
    try:
        styles_of(layer)
    except DeclarationError as error:
        log.error("%s", error)
        return replace(layer, styles=())
    return layer


class Registry:
    """The catalogue of this process; ``query(sql) -> rows`` reads the database as the application."""

    CHECK_EVERY_S = 1.0

    def __init__(self, query: Callable[[str], list[tuple[Any, ...]]]) -> None:
        self._query = query
        self._lock = threading.Lock()
        self._checked = 0.0
        self._catalogue: Catalogue | None = None

    def current(self, *, fresh: bool = False) -> Catalogue:
        """The catalogue, at most a second old; ``fresh`` looks now."""
        now = time.monotonic()
        held = self._catalogue
        if held is not None and not fresh and now - self._checked < self.CHECK_EVERY_S:
            return held
        with self._lock:
            revision = self._query(REVISION_SQL)[0][0]
            held = self._catalogue
            if held is None or held.revision != revision:
                held = self._catalogue = catalogue_from(revision, self._query(LAYERS_SQL))
            self._checked = now
        return held
