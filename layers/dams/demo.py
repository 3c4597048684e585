"""The real dams of the Hương basin, with the few numbers that are public; only the contacts are invented."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
from django.contrib.gis.geos import Point

from gis_core.demo import DemoCity
from layers.dams.models import Dam

ORDER = 30


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write every dam of ``data/dams.json``. None is monitored: no data reaches a demo city."""
    known = json.loads((files("layers.dams") / "data" / "dams.json").read_text("utf-8"))
    dams = [
        Dam(
            geom=Point(dam["lon"], dam["lat"], srid=4326),
            approximate=True,
            name=dam["name"],
            river=dam["river"] or "",
            kind=dam["kind"],
            capacity_mm3=dam["capacity_mm3"],
            catchment_km2=dam["catchment_km2"],
            normal_level_m=dam["normal_level_m"],
            procedure=known["procedure"],
            monitored=False,
            source="; ".join(known["sources"][key] for key in dam["sources"]),
            operator_contact=f"Trực hồ (số minh họa) 0000 {int(rng.integers(100_000, 999_999))}",
        )
        for dam in known["dams"]
    ]
    return len(Dam.objects.bulk_create(dams))
