"""Rows that only raw SQL and imports write, as a dataset of the running city."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.acceptance import places
from tests.acceptance.test_live import everywhere, remove
from tests.live_city import LiveCity


@contextmanager
def served(live_city: LiveCity, layer: str, sql: str, count: int) -> Iterator[LiveCity]:
    """The city while it serves the dataset ``layer`` with the ``count`` rows that ``sql`` puts into it."""
    places.publish(live_city.config, places.dataset(layer), sql)
    try:
        items = f"/ogcapi/collections/{layer}/items"
        everywhere(live_city, {items: lambda r: r.json()["numberReturned"] == count}, time.monotonic())
        yield live_city
    finally:
        remove(live_city, layer)
