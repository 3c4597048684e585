"""The published layers as this process knows them, and which of them are shown as cells at low zooms.

Looked at again every second and whenever the database says that something was published.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from psycopg import Error as DatabaseError

from gis_core.audiences import Caller
from gis_core.problems import Problem
from gis_core.registry import LAYERS_SQL, REVISION_SQL, Catalogue, Published, catalogue_from
from tilesrv.database import Database
from tilesrv.http import busy

log = logging.getLogger(__name__)

CHECK_EVERY_S = 1.0
OVERVIEWS_SQL = "select layer, version, max_zoom, class_field, views::text from huong.overview_state"


@dataclass(frozen=True)
class OverviewState:
    """The cells that stand ready for one publication of a layer; ``views`` maps an audience to its count."""

    version: int
    max_zoom: int
    class_field: str | None
    views: Mapping[str, str]


@dataclass(frozen=True)
class Served:
    """What is served now."""

    catalogue: Catalogue
    overviews: Mapping[str, OverviewState] = field(default_factory=dict)

    def overview(self, published: Published) -> OverviewState | None:
        """The cells of a layer, if they were counted from the publication that is served."""
        state = self.overviews.get(published.layer.id)
        return state if state is not None and state.version == published.version else None

    def view(self, published: Published, caller: Caller, zoom: int) -> str | None:
        """The count whose cells the caller is shown at ``zoom``; None where he is shown features."""
        state = self.overview(published)
        if state is None or zoom > state.max_zoom:
            return None
        return state.views.get(caller.audience)


class Watch:
    """Holds what is served and keeps it up to date."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._served: Served | None = None
        self._lock = asyncio.Lock()

    @property
    def now(self) -> Served:
        """What is served; a 503 Problem while the database has not answered yet."""
        if self._served is None:
            raise busy()
        return self._served

    async def refresh(self) -> Served:
        """Look now, read anew if the revision has moved."""
        async with self._lock:
            (revision,) = (await self._database.rows("app", REVISION_SQL))[0]
            held = self._served
            if held is None or held.catalogue.revision != revision:
                layers = await self._database.rows("app", LAYERS_SQL)
                states = await self._database.rows("app", OVERVIEWS_SQL)
                overviews = {
                    row[0]: OverviewState(row[1], row[2], row[3], json.loads(row[4])) for row in states
                }
                held = self._served = Served(catalogue_from(revision, layers), overviews)
            return held

    async def run(self) -> None:
        """Look every second, for ever; a database that is away is waited for."""
        failing = False
        while True:
            try:
                await self.refresh()
                failing = False
            except (Problem, OSError, RuntimeError, DatabaseError) as error:
                if not failing:
                    log.warning("the catalogue cannot be read: %s", error)
                failing = True
            await asyncio.sleep(CHECK_EVERY_S)
