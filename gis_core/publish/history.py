"""The history table beside each published table: same columns, plus what happened, when and by whom."""

from __future__ import annotations

from collections.abc import Mapping

from gis_core.publish.projection import Table


def history_sql(table: Table, types: Mapping[str, str], existing: Mapping[str, str]) -> list[str]:
    """Statements that make or follow up the history of ``table``; nothing that history holds is ever dropped.

    ``types`` gives each column's full type (with modifiers), ``existing`` the history table's. A column whose type
    changed is set aside under ``<name>__<n>`` and begun anew, since old values may not fit the new type.
    """
    name = f"history.{table.bare}"
    if not existing:
        columns = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
        return [
            (
                f"create table {name} ({columns}, h_id bigint generated always as identity primary key,"
                " h_op char(1) not null, h_at timestamptz not null default clock_timestamp(), h_actor text,"
                " h_xid xid8 not null default pg_current_xact_id())"
            ),
            f'create index on {name} ("fid", h_id)',
        ]
    statements = []
    for column, kind in types.items():
        if column in existing and existing[column] != kind:
            aside = next(f"{column}__{n}" for n in range(1, 1000) if f"{column}__{n}" not in existing)
            statements.append(f'alter table {name} rename column "{column}" to "{aside}"')
        if existing.get(column) != kind:
            statements.append(f'alter table {name} add column "{column}" {kind}')
    return statements
