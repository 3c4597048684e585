"""A disk that is really full: a whole city, its database and its files, on a small file system of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.live_city import MAKE_STAFF, UNITS
from tests.runtime.test_city import HUONG, City, environment, free_port
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("HUONG_TEST_FULL"),
        reason="a city is made on a disk of its own: script/test --full",
    ),
    pytest.mark.timeout(900),
]
DISK = "1500M"
REPORTS = "/ogcapi/collections/reports/items"
FRAME = "CRS=EPSG:4326&BBOX=16.4,107.5,16.5,107.6&WIDTH=300&HEIGHT=300"
READ = (
    "/", "/search?q=hue", "/map-style.json", "/accounts/login/", "/print", "/ogcapi/collections",
    "/ogcapi/collections/roads/items?limit=3", "/ogcapi/collections/roads/items?f=csv",
    "/wfs?service=WFS&version=2.0.0&request=GetFeature&typenames=roads&count=3",
    "/tiles/roads/13/6543/3717.mvt", "/tiles/roads/13/6543/3717.png", "/qgis/huong.qgz",
    f"/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=roads&STYLES=&{FRAME}&FORMAT=image/png",
)  # fmt: skip
# Writes ahead of the tables: a log message takes room in that log alone.
FILL_LOG = (
    "do $$ begin for i in 1..2000 loop"
    " perform pg_logical_emit_message(false, 'x', repeat('x', 1000000)); end loop; end $$"
)


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A file system of `DISK`, mounted where PostgreSQL's user can enter."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    folder = Path(tempfile.mkdtemp(prefix="huong-disk-", dir="/tmp"))
    folder.chmod(0o755)
    image, place = folder / "image", folder / "disk"
    place.mkdir()
    try:
        for command in (
            ["truncate", "-s", DISK, image],
            ["mkfs.ext4", "-q", "-F", "-m", "0", image],
            ["mount", "-o", "loop", image, place],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                pytest.skip(f"no file system can be made and mounted here: {done.stderr.strip()}")
        place.chmod(0o755)
        yield place
    finally:
        subprocess.run(["umount", place], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def city(disk: Path) -> Iterator[City]:
    settings = {"HUONG_VAR": str(disk / "var"), "HUONG_PORT": str(free_port()), "HUONG_ROLE_PREFIX": "full"}
    output = disk.parent / "output"
    with output.open("wb") as file:
        process = subprocess.Popen([HUONG, "server"], env=environment(**settings), stdout=file, stderr=file)
    found = City(disk / "var", settings, process, output)
    try:
        wait_until(lambda: found.is_ready() or process.poll() is not None, "it does not come up", 300)
        assert process.poll() is None, output.read_text()
        yield found
    finally:
        process.terminate()
        process.wait(90)


@pytest.fixture(scope="module")
def officer(city: City) -> Iterator[httpx.Client]:
    script = MAKE_STAFF % {"audiences": ["officer"], "units": list(UNITS)}
    out = huong(city, "manage", "shell", "-v0", "-c", script).stdout
    token = re.search(r'"officer": "([^"]+)"', out)
    assert token is not None, out
    headers = {"Authorization": f"Bearer {token[1]}"}
    with httpx.Client(
        base_url=f"http://127.0.0.1:{city.settings['HUONG_PORT']}", headers=headers, timeout=60
    ) as client:
        yield client


def huong(city: City, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HUONG, *arguments], env=environment(**city.settings), capture_output=True, text=True, check=False
    )


def free(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


@contextmanager
def no_room(disk: Path) -> Iterator[None]:
    """Not a block is free."""
    filler = disk / "filler"
    filler.mkdir()
    size = 1 << 28
    try:
        while size >= 4096:
            name = filler / str(len(list(filler.iterdir())))
            done = subprocess.run(["fallocate", "-l", str(size), name], capture_output=True, check=False)
            if done.returncode != 0:
                name.unlink(missing_ok=True)
                size //= 2
        yield
    finally:
        shutil.rmtree(filler)


def reads(city: City) -> dict[str, int]:
    """The answers that are no 200."""
    found = {path: city.get(path).status_code for path in READ}
    return {path: status for path, status in found.items() if status != 200}


def report(officer: httpx.Client, words: str) -> httpx.Response:
    """A report of a kilobyte that no compression makes smaller."""
    point = {"type": "Point", "coordinates": [107.5786, 16.4703]}
    properties = {"category": "environment", "description": f"{words} {os.urandom(500).hex()}"}
    return officer.post(REPORTS, json={"type": "Feature", "geometry": point, "properties": properties})


def described(city: City, words: str) -> int:
    with city.connect("owner") as owner:
        row = owner.execute(
            "select count(*) from reports_report where description like %s", [f"{words} %"]
        ).fetchone()
    assert row is not None
    return int(row[0])


def soon(done: Callable[[], bool]) -> None:
    wait_until(done, "it does not recover when there is room again", 180)


def test_without_room_is_read_and_not_written(
    city: City, officer: httpx.Client, disk: Path, tmp_path: Path
) -> None:
    """Would fail if a full disk were a fault, took reading with it, half wrote anything, or did not end."""
    file = tmp_path / "cay.geojson"
    tree = (
        '{"type":"Feature","geometry":{"type":"Point","coordinates":[107.5,16.4]},"properties":{"ten":"%s"}}'
    )
    trees = ",".join(tree % os.urandom(60).hex() for _ in range(20_000))
    file.write_text(f'{{"type":"FeatureCollection","features":[{trees}]}}')
    assert reads(city) == {} and report(officer, "Trước").status_code == 201
    with no_room(disk):
        assert reads(city) == {}
        ready = city.get("/readyz", **{"Accept-Language": "en"})
        assert (ready.status_code, ready.json()["code"]) == (503, "disk-full")
        answers = [report(officer, "Đầy") for _ in range(60)]
        refused = [answer for answer in answers if answer.status_code != 201]
        assert refused, "there was room after all"
        for answer in refused:
            assert (answer.status_code, answer.json()["code"]) == (503, "disk-full"), answer.text
            assert int(answer.headers["Retry-After"]) > 0
        done = huong(city, "import", str(file))
        assert done.returncode != 0 and "disk is full" in done.stderr and "Traceback" not in done.stderr, (
            done.stderr
        )
        assert reads(city) == {}
    soon(lambda: report(officer, "Sau").status_code == 201)
    soon(city.is_ready)
    assert reads(city) == {}
    assert described(city, "Đầy") == len(answers) - len(refused), "an answer and the database differ"
    assert described(city, "Trước") == described(city, "Sau") == 1
    assert city.get("/ogcapi/collections/cay").status_code == 404, "half an import"
    assert huong(city, "import", str(file)).returncode == 0
    assert "Traceback" not in city.output.read_text()


def test_a_database_that_ended_for_want_of_room_comes_back(
    city: City, officer: httpx.Client, disk: Path
) -> None:
    """Without room for its log PostgreSQL ends: 503 while it is away, and what was told done is kept."""
    made = report(officer, "Nhật ký")
    assert made.status_code == 201
    (socket,) = (
        path for path in (city.var / "postgres").iterdir() if re.fullmatch(r"\.s\.PGSQL\.\d+", path.name)
    )
    psql = [
        "psql",
        "-h",
        str(socket.parent),
        "-p",
        socket.suffix[1:],
        "-U",
        "postgres",
        "-d",
        "full",
        "-c",
        FILL_LOG,
    ]
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    with no_room(disk):
        done = subprocess.run([*as_postgres, *psql], capture_output=True, text=True, cwd="/", check=False)
        assert "server closed the connection" in done.stderr, done.stderr
        # It is started again and again; what it finds to clear away may be room enough for a while.
        answers = [report(officer, "Lúc đó") for _ in range(10)]
        assert set(reads(city).values()) <= {503}
    for answer in answers:
        assert answer.status_code in (201, 503), answer.text
    soon(lambda: reads(city) == {} and city.is_ready())
    assert officer.get(made.headers["Location"]).status_code == 200
    assert report(officer, "Nhật ký").status_code == 201
    assert described(city, "Nhật ký") == 2
    assert described(city, "Lúc đó") >= sum(answer.status_code == 201 for answer in answers)
