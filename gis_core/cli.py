"""The command ``huong``. Built-in commands need no Django until they run; apps bring more in ``<app>/commands.py``."""

from __future__ import annotations

import importlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import psycopg

from gis_core.config import Config, SettingError
from gis_core.problems import Problem
from gis_core.runtime import console
from gis_core.words import Text


def app_commands() -> Iterator[click.Command]:
    """Commands from the list ``COMMANDS`` of each installed app's ``commands`` module, one app after the other: who
    finds what it looked for imports no more. Django is set up.
    """
    from django.apps import apps

    from gis_core.runtime.prepare import start_django

    start_django()
    for app in apps.get_app_configs():
        name = f"{app.name}.commands"
        if not app.name.startswith("django.") and find_spec(name):
            yield from getattr(importlib.import_module(name), "COMMANDS", ())


def app_command(name: str) -> click.Command | None:
    """The command ``name`` of an installed app, if one brings it."""
    return next((each for each in app_commands() if each.name == name), None)


class Huong(click.Group):
    """Built-in commands, and those of the installed apps once there is a database to speak of."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or app_command(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        try:
            return sorted({*super().list_commands(ctx), *(str(each.name) for each in app_commands())})
        except SettingError:
            return super().list_commands(ctx)


@click.group(cls=Huong, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="huong")
def huong() -> None:
    """Hương: nền tảng GIS của thành phố · A GIS-centric city platform."""


@huong.command()
def server() -> None:
    """Chuẩn bị rồi chạy thành phố · Prepare and run the city until Ctrl-C."""
    from gis_core.runtime.supervise import serve

    sys.exit(serve(Config.from_env()))


@huong.command()
def stop() -> None:
    """Dừng thành phố đang chạy · Stop the running city of this checkout."""
    from gis_core.runtime.supervise import stop_running

    if not stop_running(Config.from_env()):
        console.step("Không có thành phố nào đang chạy", "No city runs here")


@huong.command()
def prepare() -> None:
    """Chuẩn bị mà không chạy · Prepare everything without starting it."""
    from gis_core.runtime.prepare import prepare as prepare_city

    prepare_city(Config.from_env())


@huong.command("db-setup")
@click.option(
    "--print-sql", is_flag=True, help="In SQL cho quản trị viên · Print the SQL for an administrator."
)
def db_setup(print_sql: bool) -> None:
    """Tạo vai trò, cơ sở dữ liệu, phần mở rộng · Make roles, database and extensions."""
    from gis_core.runtime.cluster import running_cluster
    from gis_core.runtime.database import prepare_database, script

    config = Config.from_env()
    name = config.connection()["dbname"] if config.database_url else config.role_prefix
    if print_sql:
        click.echo(script(config, name), nl=False)
    elif config.database_url:
        raise console.Failure(
            "Cơ sở dữ liệu là của thành phố: dùng --print-sql và nhờ quản trị viên chạy.",
            "The database is the city's own: use --print-sql and have its administrator run it.",
        )
    else:
        with running_cluster(config) as superuser:
            prepare_database(superuser, config, name)


@huong.command()
@click.argument("action", type=click.Choice(["start", "stop", "serve"]))
@click.option("--port", default=5432, help="serve: cổng trên mọi giao diện mạng · port on every interface")
def cluster(action: str, port: int) -> None:
    """Bật, tắt, phục vụ riêng cụm PostgreSQL · Start, stop or serve the private cluster alone."""
    from gis_core.runtime.cluster import ensure_cluster, serve_cluster, stop_cluster

    config = Config.from_env()
    if config.database_url:
        raise console.Failure(
            "HUONG_DATABASE_URL đã đặt: không có cụm riêng.",
            "HUONG_DATABASE_URL is set: there is no private cluster.",
        )
    if action == "start":
        ensure_cluster(config)
    elif action == "stop":
        stop_cluster(config)
    else:
        serve_cluster(config, port)


@huong.command()
def migrate() -> None:
    """Cập nhật cơ sở dữ liệu và công bố các lớp · Migrate, then publish every layer."""
    from gis_core.runtime.prepare import migrate as migrate_city
    from gis_core.runtime.prepare import start_django, what_else

    start_django()
    migrate_city(Config.from_env())
    what_else(Config.from_env())


@huong.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Lệnh quản trị của Django · Django's management commands."""
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gis_core.settings")
    execute_from_command_line(["huong manage", *arguments])


@huong.command()
def worker() -> None:
    """Chạy việc nền · Run background jobs until stopped."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.utils import OperationalError

    from gis_core.logs import set_up
    from gis_core.overview_maintainer import run_maintainer
    from gis_core.runtime.prepare import start_django

    start_django()
    set_up()
    said = ""
    while True:
        try:
            if "procrastinate_jobs" in connection.introspection.table_names():
                break
            reason = "the job tables: run `huong migrate`"
        except OperationalError:
            reason = "the database"
        connection.close()
        if reason != said:
            console.step("Chờ cơ sở dữ liệu", f"Waiting for {reason}")
            said = reason
        time.sleep(2)
    connection.close()
    stopping = threading.Event()
    maintainer = threading.Thread(target=run_maintainer, args=(stopping,), name="overviews")
    maintainer.start()
    try:
        call_command("procrastinate", "worker", "--concurrency=2")
    finally:
        stopping.set()
        maintainer.join()


@huong.command()
def mosquitto() -> None:
    """Chạy trạm MQTT · Run the MQTT broker (HUONG_MQTT=1 has the city run it)."""
    from gis_core.runtime.mosquitto import run_mosquitto

    run_mosquitto(Config.from_env())


@huong.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Sao lưu cơ sở dữ liệu và tệp đính kèm · Write database and media into one file."""
    from gis_core.runtime.backup import backup_city

    backup_city(Config.from_env(), file)


@huong.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--replace", is_flag=True, help="Giữ dữ liệu cũ sang một bên · Put the data of today aside first."
)
def restore(file: Path, replace: bool) -> None:
    """Khôi phục từ bản sao lưu vào chỗ trống · Restore a backup into an empty city."""
    from gis_core.runtime.backup import restore_city

    restore_city(Config.from_env(), file, replace=replace)


@huong.command()
@click.option("--write", is_flag=True, help="Ghi vào kho mã · Write the files instead of printing the first.")
def compose(write: bool) -> None:
    """Sinh docker-compose.yml · Make docker-compose.yml from the list of processes."""
    from gis_core.runtime.compose import compose_text, write_compose

    if write:
        write_compose()
    else:
        click.echo(compose_text(), nl=False)


def main() -> None:
    """Run a command; what the user can mend ends as one message in both languages and exit code 2."""
    try:
        huong()
    except console.Failure as failure:
        console.complain(failure.text)
    except SettingError as error:
        console.complain(Text(f"Thiết lập không dùng được: {error}", f"A setting cannot be used: {error}"))
    except Problem as problem:
        console.complain(problem.detail)
    except Exception as error:
        reason = connection_failure(error)
        if reason is None:
            raise
        console.complain(
            Text(
                f"Không kết nối được cơ sở dữ liệu: {reason}", "The database cannot be reached; does it run?"
            )
        )
    else:
        return
    sys.exit(2)


def connection_failure(error: BaseException | None) -> str | None:
    """The first line of the psycopg error behind ``error``, if a lost or refused connection is what went wrong."""
    while error is not None:
        if isinstance(error, psycopg.OperationalError) and error.sqlstate in (
            None,
            "28P01",
            "28000",
            "3D000",
        ):
            return str(error).splitlines()[0] if str(error) else type(error).__name__
        error = error.__cause__
    return None


if __name__ == "__main__":
    main()
