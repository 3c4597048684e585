"""The view of a layer for one audience, and the indexes that its readers need. Pure text: testable as a string."""

from __future__ import annotations

from gis_core.called import beginning, folded, searched_name
from gis_core.layer import Audience, Layer
from gis_core.publish.projection import Projection, Table, short_name


def view_sql(projection: Projection, audience: Audience, table: Table) -> str:
    """``create view <audience>.<layer>``: fid, version, the visible fields, search text, place.

    A plain view on purpose: security_barrier or row-level security would put the caller's bbox above the row
    predicate, where the spatial index cannot serve it (`geometry && geometry` is not leakproof).
    """
    columns = ['"fid"', f'{projection.version} as "version"']
    columns += [f'"{f.sql_column}" as "{f.name}"' for f in projection.fields]
    if projection.search:
        columns.append(f'{projection.search} as "search"')
    columns.append(f'"{projection.geometry}" as "geom"')
    columns.append(f'"{projection.geometry}3857" as "geom3857"')
    if projection.original:
        columns.append(f'"{projection.original}" as "geom_original"')
    return (
        f'create view "{audience}"."{projection.layer}" as\nselect '
        + ",\n  ".join(columns)
        + f"\nfrom {table.name}\nwhere {projection.view_predicate}"
    )


def indexes(layer: Layer, classes: tuple[Projection, ...], table: Table) -> dict[str, str]:
    """The indexes for place, scope, time, sorting and search: name -> what stands behind ``on table``."""
    found: dict[str, str] = {}

    def index(method: str, expression: str, where: str = "") -> None:
        name = short_name(f"hx_{table.bare[:40]}", method, expression, where)
        found[name] = f"using {method} ({expression}){where}"

    for place in dict.fromkeys([layer.geometry.column, *layer.geometry.coarse.values()]):
        index("gist", f'"{place}"')
        index("gist", f'"{place}3857"')
    if layer.scope:
        index("btree", f'"{layer.scope.column}", "fid"')
    if layer.time:
        for name in filter(None, (layer.time.start, layer.time.end)):
            index("btree", f'"{layer.field(name).sql_column}"')
    for field in (f for f in layer.fields if f.sortable):
        index("btree", f'{sort_expression(field.sql_column, field.type)}, "fid"')
    for search in dict.fromkeys(p.search for p in classes if p.search):
        index("gin", f"({search}) gin_trgm_ops")
    for called in dict.fromkeys(searched_name(layer, p.audiences[0]) for p in classes):
        if called is not None:
            index("btree", f"({beginning(called.sql_column)}) text_pattern_ops")
            if sum(f.searchable for f in layer.fields) > 1:  # else the text that is searched is the name
                index("gin", f"({folded(called.sql_column)}) gin_trgm_ops")
    return found


def sort_expression(column: str, field_type: str) -> str:
    """What a sort by ``column`` orders by; texts in Vietnamese order (ICU), so that "Đ" comes after "D"."""
    return f'"{column}" collate "vi-x-icu"' if field_type == "text" else f'"{column}"'
