"""The publisher: compares what is declared with what is published, and publishes the difference in one transaction."""

from __future__ import annotations

import hashlib
import importlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connections, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from gis_core.config import Config
from gis_core.declarations import readable, to_json
from gis_core.layer import AUDIENCES, Audience, DeclarationError, Layer, Style
from gis_core.logs import kind_of
from gis_core.publish.extents import measure_extent
from gis_core.publish.grants import application_grants_sql, audience_schemas_sql
from gis_core.publish.history import history_sql
from gis_core.publish.projection import Projection, Table, projections
from gis_core.publish.triggers import trigger_function_sql, trigger_sql
from gis_core.publish.views import indexes, view_sql
from gis_core.sql_names import HISTORY_COLUMNS

log = logging.getLogger(__name__)

LOCK_TIMEOUT_MS = (
    200  # behind one long read every other reader queues for this long at most: reference measurement
)
BUILDING_LOCK_TIMEOUT = "10s"  # behind a long transaction, a backup say, nobody waits for an index
TRIES = 50
ROOMS_OF_THE_HOUSE = frozenset(
    {"gis_core", "sensors", "layers", "cameras", "imports", "ogc_api", "tilesrv", "web"}
)


class Cursor(Protocol):
    """The part of a database cursor that publishing needs (psycopg's and Django's have it)."""

    def execute(self, sql: Any, params: Any = None, /) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


def declared_layers() -> tuple[Layer, ...]:
    """Layers of every installed app that has a ``declaration`` module, by id; DeclarationError on a doubled id."""
    found: dict[str, Layer] = {}
    for app in apps.get_app_configs():
        try:
            module = importlib.import_module(f"{app.name}.declaration")
        except ModuleNotFoundError as error:
            if error.name != f"{app.name}.declaration":
                raise
            continue
        for layer in module.LAYERS:
            if layer.id in found:
                raise DeclarationError(f"layer {layer.id!r} is declared twice")
            found[layer.id] = layer
    return tuple(found[key] for key in sorted(found))


def table_of(cursor: Cursor, name: str) -> Table:
    """The columns of table ``schema.name``; DeclarationError if there is none."""
    cursor.execute(
        "select attname, format_type(atttypid, null) from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
        [name],
    )
    columns = dict(cursor.fetchall())
    if not columns:
        raise DeclarationError(f"there is no table {name}")
    return Table(name, columns)


def full_types(cursor: Cursor, name: str) -> dict[str, str]:
    cursor.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
        [name],
    )
    return dict(cursor.fetchall())


def publish_layers(cursor: Cursor, layers: Iterable[Layer], *, dataset: bool = False) -> list[str]:
    """Publish those of ``layers`` whose publication differs from what stands; return their ids.

    Layers that share a table must be given together: the table's triggers speak of all of them.
    """
    by_table: dict[str, list[Layer]] = defaultdict(list)
    for layer in layers:
        by_table[layer.table].append(layer)
    anew: list[Publication] = []
    grounds: dict[str, tuple[Table, dict[str, str], list[str]]] = {}
    for name, sharing in by_table.items():
        table = table_of(cursor, name)
        classes = {layer.id: projections(layer, table) for layer in sharing}
        types = full_types(cursor, name)
        ground = table_sql(table, classes)
        grounds[name] = table, types, ground
        for layer in sharing:
            publication = Publication(layer, table, classes[layer.id], repr((ground, types)))
            if publication.stands(cursor):
                restyle(cursor, layer, to_json(layer))
            else:
                anew.append(publication)
    # What takes long first: a view that is made anew keeps its readers waiting until the transaction ends.
    for each in anew:
        each.build(cursor)
    for each in anew:
        each.publish(cursor, dataset=dataset)
    for name in dict.fromkeys(each.layer.table for each in anew):
        prepare_table(cursor, *grounds[name])
    if anew:
        bump_catalogue(cursor)
    return [each.layer.id for each in anew]


def table_sql(table: Table, classes: dict[str, tuple[Projection, ...]]) -> list[str]:
    """The trigger function and triggers of ``table`` for all the layers that are made from it."""
    together = [projection for group in classes.values() for projection in group]
    return [trigger_function_sql(table, together, list(table.columns)), *trigger_sql(table)]


def prepare_table(cursor: Cursor, table: Table, types: dict[str, str], ground: list[str]) -> None:
    existing = {
        k: v for k, v in full_types(cursor, f"history.{table.bare}").items() if k not in HISTORY_COLUMNS
    }
    for statement in [*history_sql(table, types, existing), *ground]:
        cursor.execute(statement)


@dataclass(frozen=True)
class Publication:
    """One layer as it is to be published. ``ground`` is the text of what all layers of its table have in common.

    How it is drawn is no part of what is compared: where only that differs it is told, and readers wait for nothing.
    """

    layer: Layer
    table: Table
    classes: tuple[Projection, ...]
    ground: str

    @property
    def views(self) -> dict[Audience, str]:
        return {a: view_sql(p, a, self.table) for p in self.classes for a in p.audiences}

    @property
    def digest(self) -> str:
        bare = to_json(replace(self.layer, style=Style(), styles=()))
        return hashlib.sha256(repr((bare, self.views, self.ground)).encode()).hexdigest()

    def stands(self, cursor: Cursor) -> bool:
        """Whether it is published so, and no view is missing."""
        cursor.execute("select digest from huong.published where layer = %s", [self.layer.id])
        row = cursor.fetchone()
        return bool(row) and row[0] == self.digest and views_stand(cursor, self.layer.id) == set(self.views)

    def build(self, cursor: Cursor) -> None:
        """Indexes and extents. Readers see what stands meanwhile; writers of the table wait until the end."""
        for name, definition in indexes(self.layer, self.classes, self.table).items():
            cursor.execute(f"create index if not exists {name} on {self.table.name} {definition}")
        for projection in self.classes:
            measure_extent(cursor, self.layer, projection, self.table)

    def publish(self, cursor: Cursor, *, dataset: bool) -> None:
        """Make the views anew, which is a moment's work."""
        layer, views = self.layer, self.views
        audiences = sorted({*views, *audiences_of(cursor, layer.id)})
        drop_layer_views(cursor, layer.id)
        for statement in views.values():
            cursor.execute(statement)
        cursor.execute(
            "insert into huong.published (layer, version, digest, declaration, dataset)"
            " values (%s, nextval('huong.publish_version'), %s, %s, %s) on conflict (layer) do update set"
            " version = excluded.version, digest = excluded.digest, declaration = excluded.declaration,"
            " dataset = excluded.dataset, published_at = now()",
            [layer.id, self.digest, to_json(layer), dataset],
        )
        announce(cursor, layer.id, audiences)


def restyle(cursor: Cursor, layer: Layer, declaration: str) -> None:
    """Keep the declaration of a published layer whose look alone may differ, and tell of it where it does."""
    cursor.execute(
        "update huong.published set declaration = %s where layer = %s and declaration <> %s::jsonb returning 1",
        [declaration, layer.id, declaration],
    )
    if cursor.fetchone():
        cursor.execute(
            "insert into huong.change (layer, audiences, op) values (%s, %s, 'S')",
            [layer.id, sorted(layer.audiences)],
        )
        cursor.execute("select pg_notify('huong_change', %s)", [layer.id])
        bump_catalogue(cursor)


def audiences_of(cursor: Cursor, layer_id: str) -> tuple[str, ...]:
    """Who sees the layer as it was published last; nobody where it never was."""
    cursor.execute(
        "select jsonb_array_elements_text(declaration -> 'audiences') from huong.published where layer = %s",
        [layer_id],
    )
    return tuple(row[0] for row in cursor.fetchall())


def announce(cursor: Cursor, layer_id: str, audiences: Sequence[str]) -> None:
    """Tell ``audiences`` that everything they hold of the layer is out of date.

    They are those who see it now and those who saw it until now: what is kept for an audience that has lost the layer
    (files of its tiles) must go too. Events of before go: they speak of places as the old publication showed them.
    """
    cursor.execute("delete from huong.change where layer = %s and op <> 'P'", [layer_id])
    cursor.execute(
        "insert into huong.change (layer, audiences, op) values (%s, %s, 'P')", [layer_id, list(audiences)]
    )
    cursor.execute("select pg_notify('huong_change', %s)", [layer_id])


def views_stand(cursor: Cursor, layer_id: str) -> set[str]:
    cursor.execute(
        "select schemaname from pg_views where viewname = %s and schemaname = any(%s)",
        [layer_id, list(AUDIENCES)],
    )
    return {row[0] for row in cursor.fetchall()}


def drop_layer_views(cursor: Cursor, layer_id: str) -> None:
    for audience in sorted(views_stand(cursor, layer_id)):
        cursor.execute(f'drop view "{audience}"."{layer_id}"')


def retire_layer(cursor: Cursor, layer_id: str) -> None:
    """Take a layer out of every protocol; its table and its history stay."""
    audiences = audiences_of(cursor, layer_id)
    drop_layer_views(cursor, layer_id)
    cursor.execute("delete from huong.published where layer = %s", [layer_id])
    cursor.execute("delete from huong.overview where layer = %s", [layer_id])
    cursor.execute("delete from huong.extent where layer = %s", [layer_id])
    announce(cursor, layer_id, audiences)
    bump_catalogue(cursor)


def drop_views(cursor: Cursor) -> None:
    """Drop every published view, so that the columns under them can be altered."""
    cursor.execute("select layer from huong.published")
    for (layer_id,) in cursor.fetchall():
        drop_layer_views(cursor, layer_id)


def bump_catalogue(cursor: Cursor) -> None:
    cursor.execute("update huong.catalogue set revision = revision + 1")
    cursor.execute("select pg_notify('huong_catalogue', '')")


def published_datasets(cursor: Cursor) -> list[Layer]:
    """The datasets by id, held as they stand until the transaction ends: what is published is what was read."""
    cursor.execute(
        "select layer, declaration::text from huong.published where dataset order by layer for update"
    )
    return readable(cursor.fetchall())


def publish_all(cursor: Cursor, config: Config) -> list[str]:
    """Publish every declared layer and every dataset; retire what is declared no more. Returns the changed ids."""
    for statement in [*audience_schemas_sql(config), *application_grants_sql(config)]:
        cursor.execute(statement)
    layers = declared_layers()
    cursor.execute("select layer from huong.published where not dataset")
    for (gone,) in cursor.fetchall():
        if gone not in {layer.id for layer in layers}:
            retire_layer(cursor, gone)
    changed = publish_layers(cursor, layers)
    return changed + publish_layers(cursor, published_datasets(cursor), dataset=True)


def migrate_and_publish(config: Config, say: Callable[[str], None] = log.info) -> list[str]:
    """Bring tables and views to what the code declares, readers seeing the old or the new and nothing between.

    Views are dropped, tables migrated, views made anew and granted in one transaction; it gives way after
    200 ms behind a reader's lock and tries again. Raises psycopg's LockNotAvailable when it never gets through.
    Indexes that what stands can have already are built before it, beside readers and writers.
    """
    migrate_libraries()
    build_indexes_beside()
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
                cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT_MS}ms'")
                if pending_migrations():
                    cursor.execute("select to_regclass('huong.published') is not null")
                    if cursor.fetchone()[0]:
                        drop_views(cursor)
                    call_command("migrate", database="owner", verbosity=0, interactive=False)
                return publish_all(cursor, config)
        except OperationalError as error:
            if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable) or attempt == TRIES:
                raise
            say(f"waiting for readers, try {attempt + 1} of {TRIES}")
            time.sleep(0.1)
    raise AssertionError("unreachable")


def build_indexes_beside() -> None:
    """Build the indexes that are new, on tables and columns that are there, while all may read and write.

    What cannot be built so is left to the transaction that publishes, a table that is still to be migrated above all.
    An index that an interrupted build has left, which serves nobody, is built anew.
    """
    connection = connections["owner"]
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('huong.published') is not null")
        layers = [*declared_layers(), *(published_datasets(cursor) if cursor.fetchone()[0] else [])]
        cursor.execute(f"set lock_timeout = '{BUILDING_LOCK_TIMEOUT}'")
        try:
            for layer in layers:
                with suppress(DeclarationError):
                    table = table_of(cursor, layer.table)
                    for name, definition in indexes(layer, projections(layer, table), table).items():
                        build_index_beside(cursor, table, name, definition)
        finally:
            cursor.execute("reset lock_timeout")


def build_index_beside(cursor: Cursor, table: Table, name: str, definition: str) -> None:
    schema = table.name.partition(".")[0]
    cursor.execute("select indisvalid from pg_index where indexrelid = to_regclass(%s)", [f"{schema}.{name}"])
    found = cursor.fetchone()
    if found is not None and found[0]:
        return
    drop = f"drop index concurrently if exists {schema}.{name}"
    try:
        if found is not None:
            cursor.execute(drop)
        cursor.execute(f"create index concurrently {name} on {table.name} {definition}")
    except DatabaseError as error:
        log.info("the index %s is left to the publication: %s", name, kind_of(error.__cause__ or error))
        with suppress(DatabaseError):
            cursor.execute(drop)


def migrate_libraries() -> None:
    """Migrate the tables of libraries first: no view stands on them, and some cannot share a transaction."""
    pending = {migration.app_label for migration in pending_migrations()}
    for app in apps.get_app_configs():
        if app.label in pending and app.name.split(".")[0] not in ROOMS_OF_THE_HOUSE:
            call_command("migrate", app.label, database="owner", verbosity=0, interactive=False)


def pending_migrations() -> list[Migration]:
    executor = MigrationExecutor(connections["owner"])
    return [step for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
