"""Everything between a checkout with its libraries and a city that can be started."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from gis_core.config import Config
from gis_core.runtime.cluster import running_cluster
from gis_core.runtime.console import Failure, step
from gis_core.runtime.database import prepare_database
from gis_core.runtime.frontend import build_frontend, fingerprint
from gis_core.runtime.place import Place


def prepare(config: Config, *, with_city: bool = True) -> None:
    """Front end, database, migrations, published views, first features, static files; quick when all is there.

    A private cluster is left as it was found: standing still before a first start, running beside a live city.
    """
    Place.of(config).make()
    build_frontend(config)
    if config.database_url:
        check_city_database(config)
        _prepare_city(config, with_city=with_city)
        return
    with running_cluster(config) as superuser:
        prepare_database(superuser, config, config.connection()["dbname"])
        _prepare_city(config, with_city=with_city)


def check_city_database(config: Config) -> None:
    """Failure that says what to do unless the city's own database (HUONG_DATABASE_URL) is ready for us."""
    for role in ("owner", "app"):
        address = config.connection(role)
        try:
            with psycopg.connect(make_conninfo(connect_timeout="10", **address)) as connection:
                found = connection.execute(
                    "SELECT count(*) FROM pg_extension WHERE extname = 'postgis'"
                ).fetchone()
        except psycopg.OperationalError as error:
            raise Failure(
                f"Không vào được cơ sở dữ liệu của thành phố bằng vai trò {address['user']}: {error}"
                "  Quản trị viên hãy chạy SQL do `huong db-setup --print-sql` in ra.",
                f"The city's database does not let {address['user']} in. Have its administrator run the SQL that"
                " `huong db-setup --print-sql` prints.",
            ) from error
        if found == (0,):
            raise Failure(
                "Cơ sở dữ liệu của thành phố chưa có PostGIS; chạy SQL do `huong db-setup --print-sql` in ra.",
                "The city's database has no PostGIS; run the SQL that `huong db-setup --print-sql` prints.",
            )


def _prepare_city(config: Config, *, with_city: bool) -> None:
    start_django()
    migrate(config)
    if with_city and config.demo:
        fill_empty_city()
    collect_static(config)


def start_django() -> None:
    """Django, set up in this process; a second call does nothing."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gis_core.settings")
    django.setup()


def migrate(config: Config) -> None:
    """Bring the tables and the published views to what the code declares, as the owner."""
    from django.db import connections

    from gis_core.publish import migrate_and_publish
    from gis_core.publish.publisher import pending_migrations

    refuse_without_migrations()
    if pending_migrations():
        step("Cập nhật cơ sở dữ liệu", "Migrating the database")
    published = migrate_and_publish(config, lambda line: step("Chờ người đọc", line))
    if published:
        step(f"Công bố {len(published)} lớp", f"Published: {', '.join(published)}")
    connections.close_all()


def refuse_without_migrations() -> None:
    """Failure naming the apps of ours whose models are ahead of their migrations: their tables would lack columns."""
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState
    from django.utils.translation import override

    from gis_core.publish.publisher import ROOMS_OF_THE_HOUSE

    loader = MigrationLoader(None)
    rooms = [app for app in apps.get_app_configs() if app.name.split(".")[0] in ROOMS_OF_THE_HOUSE]
    ours = {app.label for app in rooms}
    without_any = {
        app.label for app in rooms if app.label in loader.unmigrated_apps and any(app.get_models())
    }
    with override(None, deactivate=True):  # labels are part of a model, and migrations have them untranslated
        detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
        behind = sorted(without_any | (ours & set(detector.changes(graph=loader.graph))))
    if behind:
        command = f"huong manage makemigrations {' '.join(behind)}"
        raise Failure(
            f"Mô hình của {', '.join(behind)} chưa có migration. Chạy `{command}`, rồi chạy lại.",
            f"The models of {', '.join(behind)} have no migration yet. Run `{command}`, then this again.",
        )


def what_else(config: Config) -> None:
    """Say what is left to do after a migration by hand, beside a city that may be running."""
    from gis_core.publish import declared_layers
    from gis_core.reference import reference

    step(
        "Nếu thành phố đang chạy: khởi động lại. Lớp mới xem được ngay, nhưng chỉ sửa và quản trị được sau đó",
        "If the city is running, restart it: new layers are served already, but edited and administered only then",
    )
    page = config.root / "docs" / "reference" / "layers.md"
    if page.exists() and page.read_text() != reference(declared_layers()):
        step(
            "Bảng tra các lớp đã cũ: chạy `huong reference --write`",
            "The reference of layers is out of date: run `huong reference --write`",
        )


def fill_empty_city() -> None:
    """Run the command ``demo`` where an installed app brings one and no layer has a feature yet."""
    from gis_core.cli import app_command

    command = app_command("demo")
    if command is not None and city_is_empty():
        step("Tạo thành phố mẫu", "Making the demo city")
        command.main(args=[], standalone_mode=False)


def city_is_empty() -> bool:
    """Whether no declared model has a feature but those that every city begins with."""
    from django.apps import apps

    from gis_core.features import Feature

    features = (model for model in apps.get_models() if issubclass(model, Feature))
    models = [model for model in features if not model.comes_with_migrations]
    return not any(model._default_manager.using("owner").exists() for model in models)


def collect_static(config: Config) -> None:
    """Gather the static files below ``var/static`` and compress them beforehand, when any has changed."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command
    from whitenoise.compress import Compressor

    found = (Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list(["*.map"]))
    wanted = fingerprint(iter(sorted(found)))
    target = config.var / "static"
    stamp = target / ".huong"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    step("Gom tệp tĩnh", "Collecting static files")
    target.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["*.map"])
    compressor = Compressor(use_brotli=False, quiet=True)
    for file in sorted(target.rglob("*")):
        if file.is_file() and compressor.should_compress(file.name):
            for _ in compressor.compress(str(file)):
                pass
    stamp.write_text(wanted)
