"""OpenStreetMap elements on their way into a layer: the layer's own mapping reads their tags (`gis_core.osm`)."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping

from django.apps import apps
from django.db import connections

from gis_core.layer import Layer
from gis_core.osm import OsmMapping
from imports.frames import Rows, Value


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


def mapped(rows: Rows, mapping: OsmMapping, layer: Layer) -> Rows:
    """The rows that ``mapping`` takes, with values of the layer's fields for their tags."""
    names = {f.name for f in layer.fields}
    taken: list[int] = []
    found: list[dict[str, Value]] = []
    for index, (kind, tags) in enumerate(zip(rows.kinds, rows.tags, strict=True)):
        values = mapping.from_osm(tags) if kind in mapping.elements else None
        if values is None:
            continue
        source, _, number = str(rows.ids[index]).partition("/")
        own: dict[str, Value] = {"osm_type": source, "osm_id": int(number)}
        taken.append(index)
        found.append({**values, **{k: v for k, v in own.items() if k in names}})
    keys = dict.fromkeys(key for values in found for key in values)
    return Rows(
        [rows.numbers[index] for index in taken],
        [rows.ids[index] for index in taken],
        [rows.wkb[index] for index in taken],
        {key: [values.get(key) for values in found] for key in keys},
        faults={place: rows.faults[index] for place, index in enumerate(taken) if index in rows.faults},
    )


def refuse_known(rows: Rows, layer: Layer) -> None:
    """Give a fault to those of ``rows`` whose element of OpenStreetMap is in the layer's table already."""
    names = [name for name in ("osm_type", "osm_id") if name in rows.columns]
    if "osm_id" not in names:
        return
    columns = ", ".join(f'"{layer.field(name).sql_column}"' for name in names)
    key = layer.field("osm_id").sql_column
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f'select {columns} from {layer.table} where "{key}" = any(%s)', [rows.columns["osm_id"]]
        )
        known = set(cursor.fetchall())
    for index, element in enumerate(zip(*(rows.columns[name] for name in names), strict=True)):
        if element in known:
            named = rows.ids[index]
            rows.faults.setdefault(index, (f"đã có trong lớp: {named}", f"is in the layer already: {named}"))
