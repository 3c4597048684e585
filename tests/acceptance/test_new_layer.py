"""A layer declared in Python is one new package: nothing else is edited, and it is in every protocol.

The checkout is copied, the package added, its migration made by Django's own command, and the city started from there.
Some months later the same package changes, and its table is altered while readers read.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from gis_core.layer import AUDIENCES
from gis_core.runtime.frontend import fingerprint, sources
from tests.acceptance.bench_layer import package
from tests.acceptance.tile_surfaces import tile_at
from tests.city_plugin import OF_RUN, ROOT, clone, huong
from tests.live_city import LiveCity, start, stop
from tests.waiting import wait_until

NOT_COPIED = (
    "var",
    ".venv",
    "node_modules",
    ".git",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    ".schemathesis",
)
LON, LAT = 107.5905, 16.4637
READERS = 4

ADMINISTRATOR = """
import time
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.conf import settings
from importlib import import_module
from gis_core.accounts.models import User
user = User.objects.create_superuser("chief", password=None)
Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[-1]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time()}]
session.save()
print("SESSION " + session.session_key)
"""


def git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout


def write_package(root: Path, state: int, database: str) -> None:
    """Write the package's own files; Django makes the migration."""
    folder = root / "layers" / "benches"
    folder.mkdir(exist_ok=True)
    for name, text in package(state).items():
        (folder / name).write_text(text)
    huong("manage", "makemigrations", "benches", "-v0", database=database, root=root)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout under version control, front end included."""
    root = tmp_path_factory.mktemp("checkout") / "huong"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*NOT_COPIED))
    # The front end is built already; its stamp speaks of the files by their paths.
    (root / "web" / "dist" / ".huong").write_text(fingerprint(sources(root / "web")))
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "as it is")
    return root


@pytest.fixture(scope="module")
def benches(checkout: Path) -> Iterator[LiveCity]:
    """The city with the new package, and with thirty benches."""
    database = f"huong_live_benches{OF_RUN}"
    clone("demo", database)
    write_package(checkout, 1, database)
    city = start("benches", root=checkout)
    try:
        with city.connect() as owner:
            owner.execute(
                "insert into benches_bench (name, seats, keeper_note, geom)"
                " select 'Ghế Kim Long ' || i, i, 'kín ' || i,"
                " st_setsrid(st_makepoint(%s + i * 1e-4, %s), 4326) from generate_series(1, 30) i",
                [LON, LAT],
            )
        yield city
    finally:
        stop(city)


@pytest.mark.timeout(600)
def test_the_package_is_all_there_is(checkout: Path, benches: LiveCity) -> None:
    """The migration was made without a hand, and no file that was there before is another now."""
    changed = git(checkout, "status", "--porcelain").split("\n")
    assert [line for line in changed if line] == ["?? layers/benches/"]
    written = [path.name for path in (checkout / "layers" / "benches" / "migrations").glob("0*.py")]
    assert written == ["0001_initial.py"]


def get(city: LiveCity, path: str, who: str | None = None) -> httpx.Response:
    with city.client(who) as client:
        reply = client.get(path)
    assert reply.status_code == 200, f"{path}: {reply.status_code} {reply.text[:300]}"
    return reply


@pytest.mark.timeout(600)
def test_it_is_in_every_protocol(benches: LiveCity) -> None:
    here, (x, y) = "/ogcapi/collections/benches", tile_at(14, LON, LAT)
    assert "benches" in [c["id"] for c in get(benches, "/ogcapi/collections").json()["collections"]]
    assert get(benches, here).json()["title"] == "Ghế đá"
    first = get(benches, f"{here}/items?sortby=-seats&limit=1").json()
    assert first["numberMatched"] == 30 and first["features"][0]["properties"]["name"] == "Ghế Kim Long 30"
    assert get(benches, f"{here}/items?filter=seats>28").json()["numberReturned"] == 2
    for name in ("queryables", "schema"):
        assert set(get(benches, f"{here}/{name}").json()["properties"]) >= {"name", "seats", "placed_on"}
    assert set(get(benches, f"{here}/sortables").json()["properties"]) == {"name", "seats"}
    tile = get(benches, f"/tiles/benches/14/{x}/{y}.mvt").content
    assert "Ghế Kim Long".encode() in tile and "kín".encode() not in tile
    assert get(benches, f"{here}/tiles/WebMercatorQuad/14/{y}/{x}").content == tile
    assert get(benches, "/tiles/benches.json").json()["vector_layers"][0]["fields"].keys() >= {
        "name",
        "seats",
    }
    assert "Ghế Kim Long 7" in get(benches, "/search?q=ghe+kim+long+7").text
    page = get(benches, "/").text
    assert "Ghế đá" in page and "Benches" in get(benches, "/en/").text
    assert "Ghế Kim Long" in get(benches, f"/list?layers=benches&z=15&lat={LAT}&lon={LON}").text
    here_now = {"inputs": {"lon": LON, "lat": LAT, "distance_m": 2000}}
    with benches.client() as client:
        found = client.post("/ogcapi/processes/what-is-here/execution", json=here_now).json()
    assert "benches" in [each["collection"] for each in found]


@pytest.mark.timeout(600)
def test_its_private_field_is_private_and_its_changes_are_told(benches: LiveCity) -> None:
    item = "/ogcapi/collections/benches/items/1"
    assert "keeper_note" not in get(benches, item).json()["properties"]
    heard: list[str] = []
    listening, over = threading.Event(), threading.Event()

    def listen() -> None:
        with (
            benches.client() as client,
            client.stream("GET", "/events/", timeout=60) as stream,
        ):
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    listening.set()  # by the first beat
                    heard.append(line[6:])
                    if over.is_set():  # at the next beat, after whatever was to be told
                        return

    thread = threading.Thread(target=listen)
    thread.start()
    assert listening.wait(60)
    with benches.client("operations") as editor:
        for name, value in (("keeper_note", "sơn lại"), ("name", "Ghế mới sơn")):
            feature = editor.get(item).json()
            feature["properties"][name] = value
            assert editor.put(item, json=feature).status_code == 204
            assert editor.get(item).json()["properties"][name] == value
    wait_until(lambda: any('"benches"' in each for each in heard), "nothing is told of it")
    over.set()
    thread.join()
    told = [event for event in map(json.loads, heard) if event.get("layer") == "benches"]
    assert [(event["op"], event["n"]) for event in told] == [("U", 1)], "one for the name, none for the note"


@pytest.mark.timeout(600)
def test_it_is_in_the_administration(benches: LiveCity) -> None:
    shell = ("manage", "shell", "-v0", "-c", ADMINISTRATOR)
    out = huong(*shell, database=benches.database, root=benches.config.root)
    key = re.search(r"SESSION (\w+)", out)
    assert key is not None
    with benches.client(cookies={"sessionid": key[1]}) as chief:
        assert "/admin/benches/bench/" in chief.get("/admin/").text
        listed = chief.get("/admin/benches/bench/")
        assert listed.status_code == 200 and "Ghế Kim Long 5" in listed.text


@pytest.mark.timeout(600)
def test_its_table_is_altered_under_load(checkout: Path, benches: LiveCity) -> None:
    """Readers see the layer as it was or as it is, and nothing between; views and grants stand right after."""
    write_package(checkout, 2, benches.database)
    here, (x, y) = "/ogcapi/collections/benches", tile_at(14, LON, LAT)
    paths = [
        *(f"{here}/items{end}" for end in ("?limit=30", "?sortby=seats", "/2")),
        *(f"/tiles/benches/14/{x}/{y}.mvt", f"{here}/tiles/WebMercatorQuad/14/{y}/{x}"),
        f"/list?layers=benches&z=14&lat={LAT}&lon={LON}",
    ]
    over = threading.Event()
    began = threading.Barrier(READERS + 1)

    def hammer(number: int) -> Counter[tuple[str, int]]:
        seen: Counter[tuple[str, int]] = Counter()
        with benches.client("operations" if number % 2 else None) as client:
            began.wait()
            while not over.is_set():
                for path in paths:
                    reply = client.get(path)
                    seen[path, reply.status_code] += 1
                    if reply.status_code == 503:
                        assert "Retry-After" in reply.headers, path
        return seen

    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(hammer, number) for number in range(READERS)]
        began.wait()
        time.sleep(1)
        try:
            huong("migrate", database=benches.database, root=checkout)
            time.sleep(2)
        finally:
            over.set()
        seen = sum((reader.result() for reader in readers), Counter[tuple[str, int]]())
    wrong = {key: count for key, count in seen.items() if key[1] not in (200, 503)}
    assert not wrong and sum(seen.values()) > 50, seen
    busy = sum(count for (_, status), count in seen.items() if status == 503)
    assert busy < sum(seen.values()) / 10, "the city was away rather than busy"
    properties = get(benches, f"{here}/items/2").json()["properties"]
    assert properties["material"] == "gỗ lim"
    rights_are_as_before(benches)


@pytest.mark.timeout(600)
def test_a_process_from_before_does_not_write_past_the_new_rules(benches: LiveCity) -> None:
    """The running city knows the model as it was: what it would write lacks a column and its rules."""
    item = "/ogcapi/collections/benches/items/4"
    with benches.client("operations") as editor:
        feature = editor.get(item).json()
        feature["properties"]["name"] = "Ghế cũ"
        refused = editor.put(item, json=feature)
        assert (refused.status_code, refused.json()["code"]) == (503, "program-out-of-date"), refused.text
        assert editor.get(item).json()["properties"]["name"] != "Ghế cũ"
        made = editor.post("/ogcapi/collections/benches/items", json=feature)
        assert made.status_code == 503, made.text


def rights_are_as_before(city: LiveCity) -> None:
    for audience in AUDIENCES:
        with city.connect(audience) as reader:
            assert reader.execute(f'select count(material) from "{audience}".benches').fetchone() == (30,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("select 1 from benches_bench")
    with city.connect("app") as app:
        app.execute("update benches_bench set seats = 3000000000 where fid = 3")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("delete from history.benches_bench")
    with city.connect() as owner:
        past = owner.execute(
            "select seats from history.benches_bench where fid = 3 order by h_id desc limit 1"
        )
        assert past.fetchone() == (3,)
