"""History and change feed of one table, by statement-level triggers made from the declarations that share it.

One function per table serves its three row events and TRUNCATE. It records the old rows of every UPDATE and DELETE in
``history`` (so raw SQL is recorded too), and for each class of audiences what that class could see happen: a change
of a column outside its view is nothing, a row that leaves its view is a deletion.
"""

from __future__ import annotations

from gis_core.publish.projection import Projection, Table, short_name

# One row per operation (and unit, where the class is scoped) with boxes merged by z12 tiles of EPSG:3857.
RECORD = """
  with c as materialized ({changed})
  insert into huong.change (layer, audiences, unit, op, n, boxes)
  select '{layer}', '{{{audiences}}}', counted.unit, counted.op, counted.n, coalesce(huong.coarsen(boxes), '{{}}')
  from (select unit, op, count(*) as n from c group by unit, op) counted
  left join (
    select unit, op, array_agg(array[x1, y1, x2, y2]) as boxes
    from (
      select unit, op, min(st_xmin(g)) x1, min(st_ymin(g)) y1, max(st_xmax(g)) x2, max(st_ymax(g)) y2
      from c cross join lateral (values (og), (ng)) place (g)
      where g is not null and not st_isempty(g)
      group by unit, op, floor(st_xmin(g) / 9783.93962), floor(st_ymin(g) / 9783.93962)
    ) merged
    group by unit, op
  ) cells on cells.op = counted.op and cells.unit is not distinct from counted.unit;"""


def trigger_function_sql(table: Table, classes: list[Projection], columns: list[str]) -> str:
    """``create or replace function huong.<table>_changed()``; ``columns`` are those kept in history."""
    kept = ", ".join(f'"{c}"' for c in columns)
    history = f"history.{table.bare}"
    keep = (
        f"insert into {history} ({kept}, h_op, h_actor)\n"
        f"    select {kept}, left(tg_op, 1), current_setting('huong.actor', true) from "
    )
    return f"""create or replace function {function_name(table)}() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $changed$
begin
if tg_op = 'TRUNCATE' then
  {keep}{table.name};
{"".join(truncated(p) for p in classes)}
elsif tg_op = 'INSERT' then
{"".join(record(p, table, inserted(p)) for p in classes)}
elsif tg_op = 'DELETE' then
  {keep}old_rows;
{"".join(record(p, table, deleted(p)) for p in classes)}
else
  {keep}old_rows;
{"".join(record(p, table, updated(p)) for p in classes)}
end if;
return null;
end $changed$"""


def trigger_sql(table: Table) -> list[str]:
    """The four triggers: transition tables forbid one trigger for several events."""
    name = short_name("changed", table.name)
    function = function_name(table)
    events = {
        "insert": "referencing new table as new_rows",
        "update": "referencing old table as old_rows new table as new_rows",
        "delete": "referencing old table as old_rows",
    }
    statements = [
        f"create or replace trigger {name}_{event} after {event} on {table.name} {referencing}"
        f" for each statement execute function {function}()"
        for event, referencing in events.items()
    ]
    # Before, since afterwards there is nothing left to keep in history.
    statements.append(
        f"create or replace trigger {name}_truncate before truncate on {table.name}"
        f" for each statement execute function {function}()"
    )
    return statements


def function_name(table: Table) -> str:
    return f"huong.{short_name('changed', table.name)}"


def record(projection: Projection, table: Table, changed: str) -> str:
    body = RECORD.format(layer=projection.layer, audiences=",".join(projection.audiences), changed=changed)
    return f"{body}\n  if found then perform pg_notify('huong_change', '{projection.layer}'); end if;\n"


def seen(projection: Projection, rows: str) -> str:
    """The rows of a transition table that the class sees, with what it sees of them."""
    unit = f"coalesce(\"{projection.scope}\", '')" if projection.scope else "null::text"
    return (
        f'select "fid" as fid, {unit} as unit, {projection.version} as v,'
        f' "{projection.geometry}3857" as g from {rows} where {projection.rows}'
    )


def inserted(projection: Projection) -> str:
    return (
        f"select 'I' as op, fid, unit, null::geometry as og, g as ng from ({seen(projection, 'new_rows')}) n"
    )


def deleted(projection: Projection) -> str:
    return (
        f"select 'D' as op, fid, unit, g as og, null::geometry as ng from ({seen(projection, 'old_rows')}) o"
    )


def updated(projection: Projection) -> str:
    """Rows compared by identity, and by unit where the class is scoped: moving to another unit is leaving."""
    units = " and o.unit = n.unit" if projection.scope else ""
    return (
        "select case when o.fid is null then 'I' when n.fid is null then 'D' else 'U' end as op,"
        " coalesce(o.fid, n.fid) as fid, coalesce(o.unit, n.unit) as unit, o.g as og, n.g as ng"
        f" from ({seen(projection, 'old_rows')}) o full join ({seen(projection, 'new_rows')}) n"
        f" on o.fid = n.fid{units} where o.v is distinct from n.v"
    )


def truncated(projection: Projection) -> str:
    units = "null" if not projection.scope else "'*'"
    return (
        "  insert into huong.change (layer, audiences, unit, op) values"
        f" ('{projection.layer}', '{{{','.join(projection.audiences)}}}', {units}, 'T');\n"
        f"  perform pg_notify('huong_change', '{projection.layer}');\n"
    )
