"""One file with everything that a city knows, and the way back.

A backup is a tar of ``database.dump`` (pg_dump, custom format: data, views, functions, grants), the media folder, the
height model and ``manifest.json`` with the SHA-256 of every file and, of every table, the number of its rows and a hash
of them. The hashes come from the snapshot that was dumped, and restoring ends by comparing them again: a backup that
cannot be read back is found out then, and the restore undone. The instance's secret is not in it: keep ``var/secret``
apart.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from gis_core.config import Config
from gis_core.retention import begin_new_feed
from gis_core.runtime.cluster import newest_version, running_cluster
from gis_core.runtime.console import Failure, step
from gis_core.runtime.database import VN2000_ZONES, prepare_database
from gis_core.runtime.own_folder import BACKUP, HELD_HEIGHTS, RESTORE, own_folder
from gis_core.terrain import FOLDER as TERRAIN
from gis_core.terrain import POINTER, HeightModel, Terrain

FORMAT = 1
DUMP, MANIFEST, MEDIA = "database.dump", "manifest.json", "media"
FOLDERS = (MEDIA, TERRAIN)  # what a city keeps beside its database

# Tables of ours: those of an extension come back with it, but for the rows that a city added to them.
TABLES = """
SELECT n.nspname, c.relname
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(temp|toast)'
  AND NOT EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""
# Generated columns are left out: another version of PROJ computes another last digit, and they are no data.
COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attname
"""
HASHING_SETTINGS = (
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'postgres'",
    "SET bytea_output = 'hex'",
    "SET extra_float_digits = 1",
)
Hashes = dict[str, list[Any]]


def backup_city(config: Config, file: Path) -> None:
    """Write a backup to ``file``; an existing one is replaced only when the new one is complete and on the disk."""
    with (
        reachable(config),
        own_folder(file.absolute().parent, BACKUP) as folder,
        held_terrain(config) as heights,
    ):
        dump, unfinished = folder / DUMP, folder / "backup.tar"
        step("Đọc cơ sở dữ liệu", "Dumping the database")
        hashes = dump_database(config, dump)
        members = {DUMP: dump} | dict(media_files(config)) | heights
        manifest = {
            "format": FORMAT,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "role_prefix": config.role_prefix,
            "secret": config.derive("backup"),
            "files": {name: file_hash(path) for name, path in members.items()},
            "terrain": bool(heights),
            "tables": hashes,
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
        with tarfile.open(unfinished, "w") as tar:
            tar.add(folder / MANIFEST, MANIFEST)
            for name, path in members.items():
                tar.add(path, name)
        with unfinished.open("rb+") as written:
            os.fsync(written.fileno())
        unfinished.chmod(0o600)
        unfinished.replace(file)
    rows = sum(count for count, _ in hashes.values())
    step(
        f"Đã sao lưu {rows} dòng vào {file}",
        f"{rows} rows of {len(hashes)} tables, {len(members) - 1 - len(heights)} media files"
        + (", the height model" if heights else ""),
    )


def restore_city(config: Config, file: Path, *, replace: bool = False) -> None:
    """Bring back a backup into an empty database and empty `FOLDERS`, all or nothing.

    With ``replace`` the database and folders of today are first put aside under another name (private cluster only). A
    backup from before they held the height model leaves that of today as it is.
    Failure if the file is damaged, made for other roles, or the target is not empty.
    """
    with (
        own_folder(config.var, RESTORE) as folder,
        reachable(config) as superuser,
    ):
        manifest = unpack(config, file, folder)
        name = target_database(config)
        if superuser:
            prepare_database(superuser, config, name)
        folders = FOLDERS if "terrain" in manifest else (MEDIA,)
        aside = put_aside(config, superuser, name, folders) if replace else None
        try:
            if superuser:
                prepare_database(superuser, config, name)
            check_empty(config, folders)
            step("Khôi phục cơ sở dữ liệu", "Restoring the database")
            load_database(config, superuser, folder / DUMP)
            compare(manifest["tables"], row_hashes(config))
            with psycopg.connect(make_conninfo(**config.connection())) as owner, owner.cursor() as cursor:
                begin_new_feed(cursor)
        except BaseException:
            if aside and superuser:
                bring_back(config, superuser, name, aside)
            raise
        for each in folders:
            place_folder(config, folder / each)
    step("Đã khôi phục; mọi bảng khớp với bản sao lưu", "Restored; every table equals the backup")
    if aside:
        step(f"Dữ liệu trước đó: cơ sở dữ liệu {aside}", f"What was there before is in the database {aside}")


@contextmanager
def reachable(config: Config) -> Iterator[str]:
    """The superuser's conninfo of the running private cluster; empty where the database is the city's own."""
    if config.database_url:
        yield ""
    else:
        config.var.mkdir(parents=True, exist_ok=True)
        with running_cluster(config) as superuser:
            yield superuser


def target_database(config: Config) -> str:
    return config.connection()["dbname"]


def connected(config: Config) -> psycopg.Connection:
    """A connection as the owner."""
    return psycopg.connect(make_conninfo("", **config.connection()))


def dump_database(config: Config, file: Path) -> Hashes:
    """pg_dump into ``file``; the row hashes of the same snapshot."""
    with connected(config) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        options = ("--format=custom", "--compress=6", f"--snapshot={snapshot[0]}", f"--file={file}")
        run_tool(config, "pg_dump", *options, "--dbname", passwordless(config))
        return hashes_in(connection)


def row_hashes(config: Config) -> Hashes:
    """Rows and hash of every table as it is now."""
    with connected(config) as connection:
        return hashes_in(connection)


def hashes_in(connection: psycopg.Connection) -> Hashes:
    """``schema.table`` -> [rows, hash], whatever order the rows come in: the sum of two 64-bit hashes of each."""
    for setting in HASHING_SETTINGS:
        connection.execute(setting)
    found: Hashes = {}
    for schema, table in connection.execute(TABLES).fetchall():
        name = sql.Identifier(schema, table)
        columns = connection.execute(COLUMNS, [name.as_string(connection)]).fetchall()
        row = sql.SQL("ROW({})::text").format(
            sql.SQL(", ").join(sql.Identifier(column) for (column,) in columns)
        )
        query = sql.SQL(
            "SELECT count(*), concat_ws(':', sum(hashtextextended({row}, 0)), sum(hashtextextended({row}, 1)))"
            " FROM ONLY {name}"
        ).format(row=row, name=name)
        found[f"{schema}.{table}"] = list(connection.execute(query).fetchone() or ())
    return found


def compare(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Failure that names the tables in which two sets of row hashes differ."""
    differ = sorted(
        name
        for name in wanted.keys() | found.keys()
        if list(wanted.get(name, ())) != list(found.get(name, ()))
    )
    if differ:
        names = ", ".join(differ)
        raise Failure(
            f"Bản khôi phục khác bản sao lưu ở: {names}.", f"What was restored differs in: {names}."
        )


def load_database(config: Config, superuser: str, dump: Path) -> None:
    """pg_restore in one transaction, as the owner; rows that the city added to PostGIS's own table as superuser."""
    listing = run_tool(config, "pg_restore", "--list", str(dump))
    kept = [line for line in listing.splitlines() if not _comes_with_extension(line)]
    chosen = dump.with_suffix(".list")
    chosen.write_text("\n".join(kept))
    options = ("--single-transaction", "--exit-on-error", f"--use-list={chosen}")
    run_tool(config, "pg_restore", *options, "--dbname", passwordless(config), str(dump))
    if superuser:
        dbname = target_database(config)
        with psycopg.connect(make_conninfo(superuser, dbname=dbname)) as connection:
            zones = [VN2000_ZONES.start, VN2000_ZONES.stop - 1]
            connection.execute("DELETE FROM spatial_ref_sys WHERE srid BETWEEN %s AND %s", zones)
        as_superuser = make_conninfo(superuser, dbname=dbname)
        rows = ("--data-only", "--table=spatial_ref_sys", "--single-transaction", "--exit-on-error")
        run_tool(config, "pg_restore", *rows, "--dbname", as_superuser, str(dump))
        prepare_database(superuser, config, dbname)


def _comes_with_extension(line: str) -> bool:
    """Whether a line of pg_restore's table of contents is what preparing the database has made already."""
    words = line.split()[3:]
    return (
        words[:1] == ["EXTENSION"]
        or words[:3] == ["COMMENT", "-", "EXTENSION"]
        or words[:4] == ["TABLE", "DATA", "public", "spatial_ref_sys"]
    )


def check_empty(config: Config, folders: Sequence[str]) -> None:
    """Failure unless neither the database nor any of ``folders`` holds anything."""
    with connected(config) as connection:
        tables = connection.execute(TABLES).fetchall()
    if tables or any(each.is_file() for name in folders for each in (config.var / name).rglob("*")):
        raise Failure(
            "Nơi khôi phục không trống. Thêm --replace để giữ dữ liệu hiện có sang một bên.",
            "The place to restore into is not empty. Add --replace to put what is there aside.",
        )


def put_aside(config: Config, superuser: str, name: str, folders: Sequence[str]) -> str:
    """Rename database and ``folders`` of today; the new name. Failure while anyone is connected."""
    if not superuser:
        raise Failure(
            "--replace chỉ dùng được với cụm riêng; hãy nhờ quản trị viên tạo cơ sở dữ liệu trống.",
            "--replace is for the private cluster; have the administrator make an empty database.",
        )
    aside = f"{name}_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    try:
        _rename(superuser, name, aside)
    except psycopg.errors.ObjectInUse as error:
        raise Failure(
            "Thành phố đang chạy; hãy dừng nó (Ctrl-C hoặc `huong stop`) rồi khôi phục.",
            "The city is running; stop it (Ctrl-C or `huong stop`) before restoring.",
        ) from error
    for each in folders:
        if (config.var / each).exists():
            (config.var / each).rename(config.var / f"{each}.{aside}")
    return aside


def bring_back(config: Config, superuser: str, name: str, aside: str) -> None:
    """Undo `put_aside` after a restore that failed."""
    with psycopg.connect(superuser, autocommit=True) as cluster:
        cluster.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    _rename(superuser, aside, name)
    for each in FOLDERS:
        if (put := config.var / f"{each}.{aside}").exists():
            put.rename(config.var / each)


def _rename(superuser: str, old: str, new: str) -> None:
    with psycopg.connect(superuser, autocommit=True) as cluster:
        cluster.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
        )


def media_files(config: Config) -> Iterator[tuple[str, Path]]:
    """Name in the archive and path of each media file."""
    folder = config.var / MEDIA
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"{MEDIA}/{path.relative_to(folder)}", path


@contextmanager
def held_terrain(config: Config) -> Iterator[dict[str, Path]]:
    """Name in the archive and path of the files of the height model, which stay even if another is imported meanwhile.

    Nothing without one. The raster, which may be large, is not copied but has a second name for so long.
    """
    terrain = Terrain(config.var)
    if terrain.now() is None:
        yield {}
        return
    with own_folder(terrain.folder, HELD_HEIGHTS) as folder:
        model = hold(terrain, folder)
        names = (POINTER, model.file) if model else ()
        yield {f"{TERRAIN}/{name}": folder / name for name in names}


def hold(terrain: Terrain, folder: Path) -> HeightModel | None:
    """Put the files of the model that counts into ``folder``; None where it is gone with its raster."""
    before = None
    while (model := terrain.now()) not in (None, before):
        assert model is not None
        with suppress(FileNotFoundError):  # another one has just taken its place
            link(terrain.raster(model), folder / model.file)
            (folder / POINTER).write_bytes(msgspec.json.encode(model))
            return model
        before = model
    return None


def link(file: Path, name: Path) -> None:
    """Another name for ``file``, or a copy where a file can have but one."""
    try:
        os.link(file, name)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(file, name)


def place_folder(config: Config, restored: Path) -> None:
    """Move a restored folder to its place."""
    target = config.var / restored.name
    if restored.exists():
        if target.exists():
            shutil.rmtree(target)  # nothing but empty folders: `check_empty`
        shutil.move(restored, target)


def unpack(config: Config, file: Path, folder: Path) -> dict[str, Any]:
    """Unpack into ``folder`` and return the manifest; Failure unless every file is there and whole."""
    try:
        with tarfile.open(file) as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        damaged = [name for name, digest in manifest["files"].items() if file_hash(folder / name) != digest]
    except (tarfile.TarError, OSError, ValueError, KeyError) as error:
        raise Failure(
            f"{file} không phải bản sao lưu lành lặn: {error}", f"{file} is no intact backup"
        ) from error
    if damaged:
        raise Failure(f"Bản sao lưu bị hỏng ở: {damaged[0]}", f"The backup is damaged in: {damaged[0]}")
    if manifest["format"] != FORMAT or manifest["role_prefix"] != config.role_prefix:
        prefix = manifest["role_prefix"]
        raise Failure(
            f"Bản sao lưu dùng HUONG_ROLE_PREFIX={prefix}; hãy đặt như vậy rồi khôi phục.",
            f"The backup was made with HUONG_ROLE_PREFIX={prefix}; set it so before restoring.",
        )
    if manifest["secret"] != config.derive("backup"):
        step(
            "Khoá bí mật khác lúc sao lưu: mọi người phải đăng nhập lại, dữ liệu mã hoá cần khoá cũ",
            "The secret is not the one of the backup: logins end, and what is encrypted needs the old var/secret",
        )
    return manifest


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def passwordless(config: Config) -> str:
    """The owner's conninfo without its password, which would show in the list of processes."""
    return make_conninfo(
        "", **{key: value for key, value in config.connection().items() if key != "password"}
    )


def run_tool(config: Config, tool: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs as the owner and return its output; Failure with its complaint."""
    environment = os.environ | {"PGPASSWORD": config.connection().get("password", "")}
    done = subprocess.run(
        [tool_path(tool), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise Failure(f"{tool} không chạy được: {done.stderr.strip()}", f"{tool} failed, see above")
    return done.stdout


def tool_path(tool: str) -> str:
    """The cluster's own version of a program (a dump cannot be read by an older one), else what the machine has."""
    try:
        return str(Path("/usr/lib/postgresql") / newest_version() / "bin" / tool)
    except Failure:
        found = shutil.which(tool)
        if found is None:
            raise
        return found
