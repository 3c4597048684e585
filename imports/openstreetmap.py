"""OpenStreetMap elements on their way into a layer: the layer's own mapping reads their tags (`gis_core.osm`)."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable, Mapping

from django.apps import apps
from django.db import connections

from gis_core.layer import Layer
from gis_core.osm import OsmMapping
from imports.frames import Row, Value


def osm_mappings() -> Mapping[str, OsmMapping]:
    """Layer id -> mapping, of every installed app with a module ``osm`` (`gis_core.osm`)."""
    found: dict[str, OsmMapping] = {}
    for app in apps.get_app_configs():
        name = f"{app.name}.osm"
        if importlib.util.find_spec(name) is not None:
            module = importlib.import_module(name)
            several = getattr(module, "OSM_MAPPINGS", (getattr(module, "OSM_MAPPING", None),))
            found |= {mapping.layer: mapping for mapping in several if isinstance(mapping, OsmMapping)}
    return found


def mapped(rows: Iterable[Row], mapping: OsmMapping, layer: Layer) -> list[Row]:
    """The rows that ``mapping`` takes, their tags replaced by values of the layer's fields."""
    names = {f.name for f in layer.fields}
    taken = []
    for row in rows:
        values = (
            mapping.from_osm({k: str(v) for k, v in row.values.items()})
            if row.kind in mapping.elements
            else None
        )
        if values is None:
            continue
        kind, _, number = str(row.id).partition("/")
        own: dict[str, Value] = {"osm_type": kind, "osm_id": int(number)}
        row.values = {**values, **{k: v for k, v in own.items() if k in names}}
        taken.append(row)
    return taken


def refuse_known(rows: Iterable[Row], layer: Layer) -> None:
    """Give a fault to those of ``rows`` whose element of OpenStreetMap is in the layer's table already."""
    names = [name for name in ("osm_type", "osm_id") if any(f.name == name for f in layer.fields)]
    if "osm_id" not in names:
        return
    columns = ", ".join(f'"{layer.field(name).sql_column}"' for name in names)
    key = layer.field("osm_id").sql_column
    ids = [row.values.get("osm_id") for row in rows]
    with connections["default"].cursor() as cursor:
        cursor.execute(f'select {columns} from {layer.table} where "{key}" = any(%s)', [ids])
        known = set(cursor.fetchall())
    for row in rows:
        if row.fault is None and tuple(row.values.get(name) for name in names) in known:
            row.fault = (f"đã có trong lớp: {row.id}", f"is in the layer already: {row.id}")
