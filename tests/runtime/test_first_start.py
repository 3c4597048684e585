"""A city that has only what its migrations brought is empty, and is given the demo; any feature more, and it is not."""

from __future__ import annotations

from gis_core.config import Config
from gis_core.runtime.prepare import city_is_empty

CITY = "empty"


def test_a_new_city_is_empty(city: Config) -> None:
    """Rows of a migration (the archipelagos) must not keep a first start from making the demo city."""
    from layers.islands.models import Island
    from layers.roads.models import Road

    assert Island.objects.exists(), "nothing comes with the migrations: the test would prove nothing"
    assert city_is_empty()
    line = "MULTILINESTRING((107.5 16.4, 107.6 16.5))"
    Road.objects.using("owner").create(name="Đường thử", kind="residential", geom=line)
    assert not city_is_empty()
