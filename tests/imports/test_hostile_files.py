"""Broken and hostile files: refused whole, with words in both languages, no request made and no other file read."""

from __future__ import annotations

import gzip
import http.server
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shapely

from gis_core.config import Config
from gis_core.problems import Problem
from gis_core.reading import registry
from imports.frames import MOST_FIELDS
from imports.listing import remove_published
from imports.run import run_import
from imports.sandbox import MOST_SAID, Limits, Said, run, run_reader
from tests.imports.files import (
    BOW_TIE,
    collection,
    crs_member,
    feature,
    geojson,
    geopackage,
    nothing_of,
    point,
    request,
    tampered,
)

# How JSON, GEOS, SQLite, libosmium, zlib and PostgreSQL speak to programmers.
OF_LIBRARIES = re.compile(
    r"json\.exception|ParseException|malformed|`|IllegalArgument|no such (table|column)|disk image|gzip error|"
    r"parsing error|tables can have|row is too big"
)
SECRET = "mat-khau-cua-thanh-pho"


@pytest.fixture(scope="module")
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server on the loopback whose address the files name; every request it gets is listed."""
    hits: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_HEAD = do_GET

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", hits
    server.shutdown()


def text(name: str, content: str | bytes) -> Callable[[Path, str], Path]:
    def make(folder: Path, address: str) -> Path:
        body = content if isinstance(content, bytes) else content.encode()
        body = body.replace(b"@ADDRESS@", address.encode())
        body = body.replace(b"@FOLDER@", str(folder).encode())
        (folder / name).write_bytes(body)
        return folder / name

    return make


def package(
    name: str, *statements: str, tail: Callable[[bytes], bytes] = bytes
) -> Callable[[Path, str], Path]:
    def make(folder: Path, address: str) -> Path:
        file = geopackage(folder / name, [shapely.Point(107.5, 16.4)], {"ten": ["a"]})
        tampered(file, *(s.replace("@FOLDER@", str(folder)) for s in statements))
        file.write_bytes(tail(file.read_bytes()))
        return file

    return make


def linked(folder: Path, address: str) -> Path:
    (folder / "lien_ket.geojson").symlink_to(folder / "secret.csv")
    return folder / "lien_ket.geojson"


def pipe(folder: Path, address: str) -> Path:
    os.mkfifo(folder / "ong.geojson")
    return folder / "ong.geojson"


def in_use(folder: Path, address: str) -> Path:
    file = geopackage(folder / "dang_mo.gpkg", [shapely.Point(107.5, 16.4)], {"ten": ["a"]})
    (folder / "dang_mo.gpkg-wal").write_bytes(b"x" * 100)
    return file


VRT = """<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>@SOURCE@</SrcDataSource>
<GeometryType>wkbNone</GeometryType></OGRVRTLayer></OGRVRTDataSource>"""
ONE = collection(feature(ten="a"))
DEEP_COLLECTION = '{"type":"GeometryCollection","geometries":[' * 200 + "]}" * 200
LAYER_AS_VIEW = (
    "alter table lop rename to that",
    "create view lop as select fid, geom, load_extension('@FOLDER@/x.so') as ten from that",
)
ENDLESS = "with recursive r(n) as (select 1 union all select n + 1 from r) select"
CONTENTS_AS_VIEW = (
    "alter table gpkg_contents rename to c",
    f"create view gpkg_contents as {ENDLESS} 'lop' as table_name, 'features' as data_type from r",
)
FILE_VRT = VRT.replace("@SOURCE@", "@FOLDER@/secret.csv")
NET_VRT = VRT.replace("@SOURCE@", "/vsicurl/@ADDRESS@/a")
TCVN3 = collection(feature(ten="@")).replace("@", "H\u00f5").encode("latin1")
DEEP_JSON = '{"type":"FeatureCollection","features":[' + "[" * 200_000
LINKED_CRS = {"type": "link", "properties": {"href": "@ADDRESS@"}}
METRES = collection(feature(point(562855.2, 1820978.8)))
BAD_PBF = b"\0\0\0\r\n\tOSMHeader" + b"\xff" * 900
ENTITY = (
    b'<!DOCTYPE osm [<!ENTITY a SYSTEM "file:///etc/passwd">]><osm version="0.6">'
    b'<node id="1" lat="1" lon="1"><tag k="amenity" v="&a;"/></node></osm>'
)
DEEP_PART = '{"type":"GeometryCollection","geometries":[' * 30_000 + "]}" * 30_000
ATTRIBUTES = "update gpkg_contents set data_type = 'attributes'"
NOWHERE_TABLE = "update gpkg_geometry_columns set column_name = 'khac'"
WIDE = {f"cot_{n}": n for n in range(2500)}
CUT_GZIP = gzip.compress(b'<osm version="0.6">' + b" " * 9000)[:-20]


def in_crs(name: str) -> str:
    return collection(feature(), crs=crs_member(name))


def overwritten(body: bytes) -> bytes:
    return body[:200] + b"\xff" * (len(body) - 200)


# name, file, code of the refusal, options of the import
CORPUS = [
    ("empty", text("trong.geojson", ""), "empty-file", {}),
    ("VRT as GeoJSON, a file", text("vrt1.geojson", FILE_VRT), "unknown-format", {}),
    ("VRT as GeoJSON, a server", text("vrt2.geojson", NET_VRT), "unknown-format", {}),
    ("VRT as GeoPackage", text("vrt3.gpkg", FILE_VRT), "unknown-format", {}),
    ("KML", text("k.json", "<kml><NetworkLink><href>@ADDRESS@</href></NetworkLink></kml>"), "unknown-format", {}),
    ("zip", text("z.geojson", b"PK\x03\x04" + b"\0" * 200), "unknown-format", {}),
    ("link to another file", linked, "unknown-format", {}),
    ("pipe", pipe, "not-a-file", {}),
    ("folder", lambda folder, address: folder, "not-a-file", {}),
    ("no file", lambda folder, address: folder / "khong_co.geojson", "no-such-file", {}),
    ("virtual path", lambda folder, address: Path(f"/vsizip/{folder}/z.zip/a.geojson"), "no-such-file", {}),
    ("network path", lambda folder, address: Path(f"/vsicurl/{address}/a.geojson"), "no-such-file", {}),
    ("path with NUL", lambda folder, address: Path(f"{folder}/a\0.geojson"), "no-such-file", {}),
    ("GeoJSON by the name of a GeoPackage", text("a.gpkg", ONE), "content-is-not-what-the-name-says", {}),
    ("blanks", text("b.geojson", " \n\t "), "empty-file", {}),
    ("nothing but zeros", text("0.gpkg", b"\0" * 5000), "empty-file", {}),
    ("UTF-16 without its mark", text("u2.geojson", ONE.encode("utf-16-le")), "not-utf-8", {}),
    ("UTF-32", text("u4.geojson", ONE.encode("utf-32")), "not-utf-8", {}),
    ("UTF-16", text("u.geojson", ONE.encode("utf-16")), "not-utf-8", {}),
    ("TCVN3", text("t.geojson", TCVN3), "not-utf-8", {}),
    ("cut off", text("c.geojson", ONE[:-9]), "broken-file", {}),
    ("NaN", text("n.geojson", ONE.replace("107.59", "NaN")), "broken-file", {}),
    ("Infinity", text("i.geojson", ONE.replace("107.59", "Infinity")), "broken-file", {}),
    ("half a letter", text("w.geojson", ONE.replace('"a"', '"\\ud800"')), "broken-file", {}),
    ("NaN in a property", text("n2.geojson", ONE.replace('"a"', "NaN")), "broken-file", {}),
    ("a line for each", text("l2.geojson", f"{json.dumps(feature())}\n{json.dumps(feature())}\n"), "broken-file", {}),
    ("a number for a type", text("ty.geojson", '{"type": 7, "features": []}'), "broken-file", {}),
    ("features null", text("fn.geojson", '{"type":"FeatureCollection","features":null}'), "not-geojson", {}),
    ("2,500 columns", text("w.geojson", collection(feature(**WIDE))), "too-many-columns", {}),
    ("rows of 12 kB", text("r.geojson", collection(feature(**{k: f"chu {k}" for k in list(WIDE)[:900]}))),
        "rows-too-wide", {}),
    ("two documents", text("2.geojson", ONE + ONE), "broken-file", {}),
    ("deep JSON", text("d.geojson", DEEP_JSON), "nested-too-deeply", {}),
    ("a topology", text("topo.json", '{"type":"Topology","objects":{}}'), "not-geojson", {}),
    ("no GeoJSON", text("g.json", '{"a": 1}'), "not-geojson", {}),
    ("features is no list", text("f.json", '{"type":"FeatureCollection","features":7}'), "broken-file", {}),
    ("no feature", text("0.geojson", collection()), "no-features", {}),
    ("CRS as a link", text("l.geojson", collection(feature(), crs=LINKED_CRS)), "unknown-crs", {}),
    ("CRS as an address", text("h.geojson", in_crs("@ADDRESS@/crs")), "unknown-crs", {}),
    ("CRS as a file", text("p.geojson", in_crs("/etc/passwd")), "unknown-crs", {}),
    ("CRS of another continent", text("o.geojson", in_crs("EPSG:2154")), "unsupported-crs", {}),
    ("--crs as an address", text("q.geojson", ONE), "unsupported-crs", {"crs": "http://127.0.0.1/crs"}),
    ("VN-2000 without its CRS", text("v.geojson", METRES), "coordinates-are-not-degrees", {}),
    ("SQLite, no GeoPackage", package("s.gpkg", "pragma application_id = 0"), "unknown-format", {}),
    ("GeoPackage without contents", package("w.gpkg", "alter table gpkg_contents rename to c"), "not-a-geopackage", {}),
    ("GeoPackage, contents a view", package("cv.gpkg", *CONTENTS_AS_VIEW), "not-a-geopackage", {}),
    ("GeoPackage, layer a view", package("lv.gpkg", *LAYER_AS_VIEW), "not-a-table", {}),
    ("GeoPackage, no such table", package("nt.gpkg", "drop table lop"), "no-such-table", {}),
    ("GeoPackage, another column", package("ac.gpkg", NOWHERE_TABLE), "no-geometry-column", {}),
    ("GeoPackage, no column named", package("cc.gpkg", "delete from gpkg_geometry_columns"), "no-geometry-column", {}),
    ("GeoPackage, attributes", package("at.gpkg", ATTRIBUTES), "no-features", {}),
    ("GeoPackage, no systems", package("ns.gpkg", "drop table gpkg_spatial_ref_sys"), "unknown-crs", {}),
    ("GeoPackage, a text for a system", package("ts.gpkg", "update gpkg_geometry_columns set srs_id = 'abc'"),
        "unknown-crs", {}),
    ("GeoPackage, tables of another make", package("am.gpkg", "drop table gpkg_geometry_columns",
        "create table gpkg_geometry_columns (a)"), "broken-file", {}),
    ("GeoPackage, not the layer", package("nl.gpkg"), "choose-a-source-layer", {"source_layer": "khac"}),
    ("GeoPackage, no CRS", package("nc.gpkg", "update gpkg_geometry_columns set srs_id = -1"), "unknown-crs", {}),
    ("GeoPackage cut off", package("half.gpkg", tail=lambda b: b[: len(b) // 2]), "broken-file", {}),
    ("GeoPackage overwritten", package("bad.gpkg", tail=overwritten), "broken-file", {}),
    ("GeoPackage in use", in_use, "file-in-use", {}),
    ("OSM, no layer named", text("r.osm.pbf", BAD_PBF), "osm-needs-a-layer", {}),
    ("OSM cut off", text("x.osm.pbf", BAD_PBF), "broken-file", {"layer": "roads"}),
    ("OSM, entities", text("e.osm.gz", gzip.compress(ENTITY)), "broken-file", {"layer": "facilities"}),
    ("OSM, cut-off gzip", text("y.osm.gz", CUT_GZIP), "broken-file", {"layer": "roads"}),
    ("gzip, cut at once", text("g0.osm.gz", b"\x1f\x8b\x08\0"), "broken-file", {}),
    ("gzip, no stream", text("g1.osm.gz", b"\x1f\x8b" + b"\xff" * 300), "broken-file", {}),
    ("gzip, a wrong sum", text("g2.osm.gz", CUT_GZIP[:-8] + bytes(8)), "broken-file", {"layer": "roads"}),
    ("gzip, something else", text("g3.geojson", gzip.compress(ONE.encode())), "unknown-format", {}),
    ("a layer that is not there", text("nl.geojson", ONE), "no-such-layer", {"layer": "khong_co"}),
    ("a layer that needs more", text("nm.geojson", ONE), "required-fields-missing", {"layer": "planning_zones"}),
    ("a dataset's name with SQL", text("sql.geojson", ONE), "bad-dataset-name", {"dataset": 'x"; drop table y'}),
    ("a dataset named as a layer", text("roads.geojson", ONE), "name-is-taken", {}),
    ("adding to nothing", text("ap.geojson", ONE), "no-such-dataset", {"mode": "append"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "code", "options"), [case[1:] for case in CORPUS], ids=[c[0] for c in CORPUS]
)
def test_refused_whole(
    make: Callable[[Path, str], Path],
    code: str,
    options: dict[str, str],
    tmp_path: Path,
    canary: tuple[str, list[str]],
    city: Config,
) -> None:
    address, hits = canary
    (tmp_path / "secret.csv").write_text(f"a,b\n{SECRET},1\n")
    with pytest.raises(Problem) as refusal:
        run_import(request(make(tmp_path, address), **options))
    said = refusal.value.detail
    assert refusal.value.code == code, said
    assert said.vi != said.en
    assert not OF_LIBRARIES.search(said.vi + said.en), said
    assert "Traceback" not in said.en
    assert SECRET not in said.en + said.vi
    assert hits == []


def test_nothing_of_all_that_was_written(city: Config) -> None:
    """After the corpus: no dataset, no table, no record."""
    from tests.imports.files import rows

    assert rows("select 1 from huong.published where dataset") == []
    assert rows("select 1 from pg_tables where schemaname = 'dataset'") == []
    assert rows("select 1 from imports_importrun") == []


# What of a row makes the row, and with it the file, unfit: the words that must be said.
ROWS = [
    ("no geometry", '{"type":"Feature","geometry":null,"properties":{}}', "there is no geometry"),
    ("empty", feature({"type": "Polygon", "coordinates": []}), "the geometry is empty"),
    ("bow tie", feature(BOW_TIE), "Self-intersection"),
    ("open ring", feature({"type": "Polygon", "coordinates": [[[107, 16], [108, 16], [108, 17], [7, 7]]]}), "closed"),
    ("words for numbers", feature({"type": "Point", "coordinates": ["107", "16"]}), "cannot be read"),
    ("one number", feature({"type": "Point", "coordinates": [107]}), "cannot be read"),
    ("too large a number", '{"type":"Feature","geometry":{"type":"Point","coordinates":[1e999,1]}}', "cannot be read"),
    ("no coordinates", feature({"type": "Point"}), "“coordinates” is missing"),
    ("null coordinates", feature({"type": "Point", "coordinates": None}), "coordinates are null"),
    ("null among them", feature({"type": "LineString", "coordinates": [[107, 16], None]}), "coordinates are null"),
    ("too deep for a point", feature({"type": "Point", "coordinates": [[107, 16]]}), "deeper than the type allows"),
    ("places for rings", feature({"type": "Polygon", "coordinates": [[107, 16], [108, 17]]}), "lists of numbers"),
    ("an object for places", feature({"type": "Point", "coordinates": {"x": 1}}), "lists of numbers"),
    ("a line of one", feature({"type": "LineString", "coordinates": [[107, 16]]}), "needs at least 2"),
    ("a text for a geometry", feature("POINT(107 16)"), "an object {…} is expected, not text"),
    ("a collection of nothing", feature({"type": "GeometryCollection"}), "“geometries” is missing"),
    ("a part that is none", feature({"type": "GeometryCollection", "geometries": [None]}), "a part is no geometry"),
    ("a broken part", feature({"type": "GeometryCollection", "geometries": [point(), {"type": "Point"}]}),
        "“coordinates” is missing"),
    ("30,000 collections", '{"type":"Feature","properties":{},"geometry":' + DEEP_PART + "}", "nested too deeply"),
    ("30,000 lists in a property", '{"type":"Feature","geometry":null,"properties":{"a":' + "[" * 30_000
        + "]" * 30_000 + "}}", "nested too deeply"),
    ("500 lists for a place", '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":'
        + "[" * 450 + "]" * 450 + "}}", "cannot be read"),
    ("a number of 5,000 digits", '{"type":"Feature","geometry":null,"properties":{"a":' + "9" * 5000 + "}}",
        "too large"),
    ("null for a feature", "null", "an object {…} is expected, not null"),
    ("strange type", feature({"type": "Curve", "coordinates": []}), "unknown geometry type"),
    ("features in features", feature({"type": "FeatureCollection", "features": []}), "unknown geometry type"),
    ("properties a list", '{"type":"Feature","geometry":null,"properties":[1]}', "cannot be read"),
    ("not a feature", '{"type":"Fish","geometry":null,"properties":{}}', "is no Feature"),
    ("the pole", feature(point(107, 89.9)), "out of range"),
    ("swapped axes", feature(point(16.46, 107.59)), "out of range"),
    ("NUL in a text", feature(ten="a\0b"), "invalid character"),
    ("a text without end", feature(ten="x" * 10_000_000), "longer than"),
    ("collections without end", '{"type":"Feature","properties":{},"geometry":' + DEEP_COLLECTION + "}", "nested"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "words"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_one_bad_row_rejects_the_file_and_is_named(
    bad: object, words: str, tmp_path: Path, city: Config
) -> None:
    whole = collection(feature(ten="a"), "@BAD@", feature(ten="b"))
    row = bad if isinstance(bad, str) else json.dumps(bad)
    (tmp_path / "dong.geojson").write_text(whole.replace('"@BAD@"', row))
    report = run_import(request(tmp_path / "dong.geojson"))
    assert (report.carried_out, report.written, report.read, report.rejected) == (False, 0, 3, 1)
    assert report.rejections[0].row == 2
    said = report.rejections[0].words
    assert words in said.en
    assert not OF_LIBRARIES.search(said.vi + said.en) or "Self-intersection" in said.en, said
    assert nothing_of("dong")


def test_a_geopackage_runs_none_of_its_triggers_and_shows_no_computed_column(
    tmp_path: Path, city: Config
) -> None:
    file = geopackage(tmp_path / "bay.gpkg", [shapely.Point(107.5, 16.4)], {"ten": ["a"]})
    tampered(
        file,
        "alter table lop add column tinh text generated always as (upper(ten) || 'x') virtual",
        "create trigger t after insert on lop begin select raise(abort, 'run'); end",
    )
    report = run_import(request(file))
    assert report.carried_out
    assert "tinh" not in report.fields


def test_an_attribute_of_a_geopackage_that_is_not_utf8_is_named(tmp_path: Path, city: Config) -> None:
    file = geopackage(tmp_path / "chu.gpkg", [shapely.Point(107.5, 16.4)] * 2, {"ten": ["a", "b"]})
    tampered(file, "update lop set ten = cast(x'48f5' as text) where fid = 2")
    report = run_import(request(file))
    assert [(r.row, r.words.en) for r in report.rejections] == [(2, "holds text that is not UTF-8")]


def test_original_is_never_touched_and_no_neighbour_is_made(tmp_path: Path, city: Config) -> None:
    file = geopackage(tmp_path / "nguyen.gpkg", [shapely.Point(107.5, 16.4)], {"ten": ["a"]})
    before, listing = file.read_bytes(), sorted(tmp_path.iterdir())
    file.chmod(0o444)
    run_import(request(file))
    assert file.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == listing


def test_a_reader_that_passes_its_limits_ends_in_words(tmp_path: Path) -> None:
    from imports.intake import take_in

    file = geojson(tmp_path, *(feature(ten="x" * 1000) for _ in range(20_000)))
    folder = tmp_path / "rieng"
    folder.mkdir()
    with pytest.raises(Problem) as refusal:
        list(run_reader(take_in(file, folder), {}, Limits(memory_bytes=60 << 20)))
    assert refusal.value.code in ("reader-failed", "too-much-memory")
    assert refusal.value.status == 400


def test_the_log_says_why_a_reader_died(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Would fail if its standard error were a file: it may write none, and a maintainer would see nothing."""
    caplog.set_level("INFO", "imports.sandbox")
    with pytest.raises(Problem):
        list(run("geojson", tmp_path / "mat.geojson", {}))
    assert "Traceback" in caplog.text and "FileNotFoundError" in caplog.text


def test_a_reader_that_complains_at_length_is_heard_to_the_end() -> None:
    """Would fail if nobody emptied the pipe, or if all of it were kept."""
    complaining = "import sys; sys.stderr.write('x' * 3_000_000 + 'last words'); print('done')"
    with subprocess.Popen(
        [sys.executable, "-c", complaining], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        said = Said(process.stderr)
        assert process.stdout.read() == b"done\n"
        words = said.words()
    assert words.endswith("xlast words") and len(words) <= MOST_SAID


def test_a_reader_can_write_no_file_and_gets_none_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limits that the process sets itself, seen from inside."""
    probe = (
        "import resource, json; from imports.readers.__main__ import limit; limit(4 << 30, 5);"
        "print(json.dumps([resource.getrlimit(n)[0] for n in"
        " (resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE, resource.RLIMIT_CPU)]))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", probe], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [0, 64, 0, 5]


def test_sqlite_connection_denies_everything_but_reading(tmp_path: Path) -> None:
    from imports.readers.geopackage import connect

    file = geopackage(tmp_path / "a.gpkg", [shapely.Point(107.5, 16.4)], {"ten": ["a"]})
    connection = connect(file)
    assert connection.execute("select ten from lop").fetchall() == [("a",)]
    for hostile in (
        "select upper(ten) from lop",
        "select load_extension('x')",
        f"attach '{tmp_path}/b.db' as b",
        "update lop set ten = 'b'",
        f"{ENDLESS} n from r",
        "pragma trusted_schema = on",
        f"vacuum into '{tmp_path}/c.db'",
    ):
        with pytest.raises(sqlite3.DatabaseError):
            connection.execute(hostile)


def test_what_is_nested_beside_the_features_spoils_nothing(tmp_path: Path, city: Config) -> None:
    """Would fail if a member that nobody reads made the file unreadable."""
    deep = "[" * 30_000 + "]" * 30_000
    (tmp_path / "ngoai.geojson").write_text(f'{{"x": {deep}, {collection(feature(ten="a"))[1:]}')
    assert run_import(request(tmp_path / "ngoai.geojson", dry_run=True)).read == 1


def test_text_that_looks_like_nesting_is_text() -> None:
    from imports.readers.json_depth import ASIDE, shortened

    brackets = json.dumps({"type": "FeatureCollection", "features": [{"a": '[{"\\' * 5000}, [[1]]]}).encode()
    assert shortened(brackets) == brackets
    deep = b"[" * 200 + b"]" * 200
    assert shortened(b'{"a":[1,' + deep + b',"]"],"b":' + deep + b"}") == (
        b'{"a":[1,' + ASIDE + b',"]"],"b":[' + ASIDE + b"]}"
    )
    assert shortened(b'{"a":[' + deep[:250]) is None


def test_as_many_columns_as_are_taken_are_served(tmp_path: Path, city: Config) -> None:
    """Would fail if the bound were what a table holds, and not what every surface can say of it."""
    from tests.acceptance.asking import citizen

    many = [feature(**{f"cot_{n}": n for n in range(start, MOST_FIELDS, 10)}) for start in range(10)]
    file = geojson(tmp_path, *many, name="rong.geojson")
    assert run_import(request(file)).written == 10
    registry().current(fresh=True)
    items = "/ogcapi/collections/rong/items"
    wfs = "/wfs?service=WFS&version=2.0.0&request="
    for path in (
        *(f"{items}?f={form}" for form in ("json", "html", "csv", "fgb")),
        *(f"/ogcapi/collections/rong/{part}" for part in ("schema", "queryables")),
        f"{wfs}GetFeature&typenames=rong",
        f"{wfs}DescribeFeatureType&typenames=rong",
        "/?z=15&lat=16.46&lon=107.59&layers=rong",
        "/feature/rong/1",
    ):
        assert citizen().get(path).status == 200, path
    assert len(citizen().get(f"{items}/1").json["properties"]) >= MOST_FIELDS
    remove_published("rong", "test")
