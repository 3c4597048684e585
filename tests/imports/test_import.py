"""All or nothing: what an import writes, what it leaves when it does not, and what readers see meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely
from click.testing import CliRunner
from shapely.geometry.base import BaseGeometry

from gis_core.audiences import CITIZEN
from gis_core.config import Config
from gis_core.problems import Problem
from gis_core.registry import Registry
from gis_core.runtime.own_folder import IMPORT, imports_folder, own_folder, sweep_all
from gis_core.styles.nodes import Literal
from gis_core.styles.standard import styles_of
from imports.commands import dataset as dataset_command
from imports.commands import import_file
from imports.destinations import between_readers
from imports.listing import remove_published
from imports.models import ImportRun
from imports.run import run_import
from tests.imports.files import (
    BOW_TIE,
    feature,
    geojson,
    geopackage,
    nothing_of,
    point,
    request,
    rows,
    square,
    tampered,
)
from tests.waiting import wait_until


def seen(config: Config, audience: str, sql: str) -> list[tuple[Any, ...]]:
    """What a reader of ``audience`` finds, by its own role."""
    with psycopg.connect(**config.connection(audience)) as connection:  # type: ignore[arg-type]
        return connection.execute(sql).fetchall()  # type: ignore[arg-type]


def registry() -> Registry:
    return Registry(rows)


def test_dataset_is_served_as_soon_as_it_is_written(tmp_path: Path, city: Config) -> None:
    held = registry()
    assert "cay" not in held.current(fresh=True).layers
    run_import(request(geojson(tmp_path, feature(ten="Cây đa"), name="cay.geojson")))
    published = held.current(fresh=True).get("cay", CITIZEN)
    assert published.dataset
    assert seen(city, "citizen", "select ten, search from citizen.cay") == [("Cây đa", "cay da")]


def test_imported_points_are_seen_and_areas_let_the_map_through(tmp_path: Path, city: Config) -> None:
    """Would fail if points were drawn as areas are, at a third of their strength: by night nobody saw them."""
    run_import(request(geojson(tmp_path, feature(ten="Cây đa"), name="diem.geojson")))
    run_import(request(geojson(tmp_path, feature(square(), ten="Vườn"), name="vung.geojson")))
    layers = registry().current(fresh=True).layers
    (icon,) = (each for each in styles_of(layers["diem"].layer)[0].layers if each.id.endswith("symbol"))
    fill = next(each for each in styles_of(layers["vung"].layer)[0].layers if each.type == "fill")
    assert icon.get("icon-opacity") == Literal(0.9) and fill.get("fill-opacity") == Literal(0.35)


def test_audience_of_a_dataset_is_a_grant(tmp_path: Path, city: Config) -> None:
    file = geojson(tmp_path, feature(ten="riêng"), name="rieng.geojson")
    run_import(request(file, audiences=frozenset({"land"})))
    assert seen(city, "land", "select ten from land.rieng") == [("riêng",)]
    with pytest.raises(psycopg.errors.UndefinedTable):
        seen(city, "citizen", "select ten from citizen.rieng")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        seen(city, "citizen", "select ten from dataset.rieng")


def test_replacing_a_private_dataset_does_not_publish_it(tmp_path: Path, city: Config) -> None:
    kept = frozenset({"land"})
    first = geojson(tmp_path, feature(ten="riêng"), name="kin.geojson")
    run_import(request(first, audiences=kept, title="Kín", title_en="Private", source="Sở A"))
    second = geojson(tmp_path, feature(ten="vẫn riêng", cao=1), name="kin.geojson")
    run_import(request(second, mode="replace"))
    layer = registry().current(fresh=True).layers["kin"].layer
    assert layer.audiences == kept
    assert (layer.title.en, layer.credit and layer.credit.vi) == ("Private", "Sở A")
    with pytest.raises(psycopg.errors.UndefinedTable):
        seen(city, "citizen", "select ten from citizen.kin")


def test_rejected_row_leaves_nothing_and_skipping_writes_the_rest(tmp_path: Path, city: Config) -> None:
    file = geojson(
        tmp_path, feature(ten="a"), feature(BOW_TIE, ten="b", identity="x9"), name="loai_bo.geojson"
    )
    report = run_import(request(file))
    assert not report.carried_out
    assert (report.rejections[0].row, report.rejections[0].id) == (2, "x9")
    assert "tự cắt" in report.rejections[0].words.vi
    assert nothing_of("loai_bo")
    report = run_import(request(file, skip_rejected=True))
    assert (report.carried_out, report.written, report.rejected) == (True, 1, 1)
    assert rows(
        "select rows_written, rows_rejected, actor from imports_importrun where target = 'loai_bo'"
    ) == [(1, 1, "test")]


def test_repair_keeps_the_surface_and_says_so(tmp_path: Path, city: Config) -> None:
    file = geojson(tmp_path, feature(BOW_TIE, ten="nơ"), feature(square(), ten="vuông"), name="sua.geojson")
    report = run_import(request(file, repair=True))
    assert (report.carried_out, report.repaired, [r.row for r in report.repairs]) == (True, 1, [1])
    assert rows("select bool_and(st_isvalid(geom)), min(st_geometrytype(geom)) from dataset.sua") == [
        (True, "ST_MultiPolygon")
    ]
    area = rows("select st_area(geom) from dataset.sua where ten = 'nơ'")[0][0]
    assert area == pytest.approx(0.1 * 0.1 / 2)


def test_dry_run_writes_nothing_and_knows_everything(tmp_path: Path, city: Config) -> None:
    file = geojson(tmp_path, feature(ten="a"), name="thu_truoc.geojson")
    report = run_import(request(file, dry_run=True))
    assert (report.carried_out, report.rejected, report.read) == (False, 0, 1)
    assert nothing_of("thu_truoc")


def test_second_import_needs_a_word(tmp_path: Path, city: Config) -> None:
    file = geojson(tmp_path, feature(ten="a"), name="hai.geojson")
    run_import(request(file))
    with pytest.raises(Problem) as refusal:
        run_import(request(file))
    assert refusal.value.code == "name-is-taken"
    run_import(request(geojson(tmp_path, feature(ten="b"), name="hai.geojson"), mode="append"))
    assert rows("select ten from dataset.hai order by fid") == [("a",), ("b",)]


def test_replacing_keeps_the_old_rows_in_history_and_never_reuses_an_identity(
    tmp_path: Path, city: Config
) -> None:
    run_import(request(geojson(tmp_path, feature(ten="cũ"), feature(ten="cũ nữa"), name="thay.geojson")))
    same = geojson(tmp_path, feature(ten="mới"), name="thay.geojson")
    run_import(request(same, mode="replace"))
    other = geojson(
        tmp_path, feature(ten="khác", cao=2.5), feature(square(), ten="vùng", cao=1.0), name="thay.geojson"
    )
    run_import(request(other, mode="replace"))
    assert rows("select ten, cao from dataset.thay order by fid") == [("khác", 2.5), ("vùng", 1.0)]
    assert seen(city, "citizen", "select ten, cao from citizen.thay order by fid")[0] == ("khác", 2.5)
    gone = rows('select ten, "fid", h_actor from history.dataset_thay order by h_id')
    assert [(name, who) for name, _, who in gone] == [("cũ", "test"), ("cũ nữa", "test"), ("mới", "test")]
    now = {fid for (fid,) in rows('select "fid" from dataset.thay')}
    assert not now & {fid for _, fid, _ in gone}


def test_failed_replacement_leaves_the_old_dataset(tmp_path: Path, city: Config) -> None:
    run_import(request(geojson(tmp_path, feature(ten="cũ"), name="giu.geojson")))
    bad = geojson(tmp_path, feature(ten="mới", cao=1), feature(BOW_TIE), name="giu.geojson")
    assert not run_import(request(bad, mode="replace")).carried_out
    assert rows("select ten from dataset.giu") == [("cũ",)]
    assert rows("select 1 from pg_class where relname = 'giu__new'") == []


def test_replacement_waits_for_no_reader_and_hinders_none(tmp_path: Path, city: Config) -> None:
    """A reader with an open transaction on the old view: the replacement gives way, tries again and gets through."""
    run_import(request(geojson(tmp_path, feature(ten="cũ"), name="doc.geojson")))
    other = geojson(tmp_path, feature(ten="mới", cao=1), name="doc.geojson")
    with psycopg.connect(**city.connection("citizen")) as reader:  # type: ignore[arg-type]
        reader.execute("select * from citizen.doc").fetchall()
        import threading

        threading.Timer(1.0, reader.rollback).start()
        run_import(request(other, mode="replace"))
        assert reader.execute("select ten, cao from citizen.doc").fetchall() == [("mới", 1)]


def test_indexes_of_a_replacement_are_built_before_readers_wait(
    tmp_path: Path, city: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would fail if whoever reads the old dataset waited until the indexes of the new one are built; or if those were
    called otherwise than publishing calls them, and built twice.
    """
    named = "select indexrelid::oid, indexrelid::regclass::text from pg_index where indrelid = %s::regclass order by 1"
    run_import(request(geojson(tmp_path, feature(ten="cũ"), name="chi_muc.geojson")))
    before: list[tuple[Any, ...]] = []

    def waiting(cursor: Any, step: Callable[[Any], None]) -> None:
        cursor.execute(named, ["dataset.chi_muc__new"])
        before.extend(cursor.fetchall())
        between_readers(cursor, step)

    monkeypatch.setattr("imports.destinations.between_readers", waiting)
    other = geojson(tmp_path, feature(ten="mới", cao=1), name="chi_muc.geojson")
    run_import(request(other, mode="replace"))
    after = rows("select indexrelid::oid, indexrelid::regclass::text from pg_index where indrelid ="
                 " 'dataset.chi_muc'::regclass order by 1")  # fmt: skip
    assert [oid for oid, _ in after] == [oid for oid, _ in before] and len(after) > 3
    run_import(request(geojson(tmp_path, feature(ten="mới", cao=1), name="chi_muc_moi.geojson")))
    fresh = rows(
        "select indexrelid::regclass::text from pg_index where indrelid = 'dataset.chi_muc_moi'::regclass"
    )
    called = sorted(name.removeprefix("dataset.") for _, name in after if "_pkey" not in name)
    assert called == sorted(
        name.removeprefix("dataset.").replace("chi_muc_moi", "chi_muc")
        for (name,) in fresh
        if "_pkey" not in name
    )


def test_layer_with_features_needs_a_word_and_append_keeps_them(tmp_path: Path, city: Config) -> None:
    one = geojson(tmp_path, feature(**{"Tên": "Chợ Đông Ba", "Loại": "Chợ"}), name="cho.geojson")
    report = run_import(request(one, layer="facilities", source="Sở Công Thương"))
    assert (report.carried_out, report.fields) == (True, {"Tên": "name", "Loại": "kind"})
    assert rows("select name, kind, source from facilities_facility") == [
        ("Chợ Đông Ba", "market", "Sở Công Thương")
    ]
    with pytest.raises(Problem) as refusal:
        run_import(request(one, layer="facilities"))
    assert refusal.value.code == "layer-holds-features"
    run_import(request(one, layer="facilities", mode="append"))
    assert rows("select count(*) from facilities_facility") == [(2,)]
    run_import(request(one, layer="facilities", mode="replace"))
    assert rows("select count(*) from facilities_facility") == [(1,)]


def test_value_outside_a_code_list_rejects_its_row_alone(tmp_path: Path, city: Config) -> None:
    file = geojson(tmp_path, feature(name="a", kind="market"), feature(name="b", kind="casino"))
    report = run_import(request(file, layer="facilities", mode="append"))
    assert not report.carried_out
    assert [(r.row, r.words.en) for r in report.rejections] == [
        (2, "“kind”: the value “casino” is not in the code list.")
    ]


def test_parcels_keep_what_was_surveyed(tmp_path: Path, city: Config) -> None:
    shape = shapely.box(562800, 1820900, 562820, 1820930)
    file = geopackage(
        tmp_path / "thua.gpkg",
        [shape],
        {"sheet": [12], "number": [345], "land_use": ["ODT"]},
        crs="EPSG:9214",
    )
    report = run_import(request(file, layer="parcels"))
    assert report.carried_out, report.rejections
    kept = rows(
        "select st_astext(geom_original), area_m2::float, st_srid(geom_original), designation from parcels_parcel"
    )
    assert shapely.from_wkt(kept[0][0]).equals(shape)
    assert kept[0][1:] == (600.0, 9214, "12/345")
    again = run_import(request(file, layer="parcels", mode="append"))
    assert not again.carried_out
    assert "there is a feature with national_id = w6" in again.rejections[0].words.en


def test_record_says_what_came_from_where(tmp_path: Path, city: Config) -> None:
    import hashlib

    file = geojson(tmp_path, feature(ten="a"), name="nguon_goc.geojson")
    run_import(request(file, source="Sở Tài nguyên"))
    run = ImportRun.objects.get(target="nguon_goc")
    assert (run.file_name, run.sha256, run.file_size) == (
        "nguon_goc.geojson",
        hashlib.sha256(file.read_bytes()).hexdigest(),
        file.stat().st_size,
    )
    assert (run.source, run.rows_read, run.rows_written, run.crs) == ("Sở Tài nguyên", 1, 1, "EPSG:4326")


def test_command_reports_in_both_languages_and_by_exit_code(tmp_path: Path, city: Config) -> None:
    file = geojson(tmp_path, feature(ten="a"), feature(BOW_TIE, ten="b"), name="lenh.geojson")
    arguments = [str(file), "--report", str(tmp_path / "bao_cao.json")]
    refused = CliRunner().invoke(import_file, arguments)
    assert refused.exit_code == 2
    assert "Chưa ghi gì" in refused.output
    assert "Nothing was written" in refused.output
    document = json.loads((tmp_path / "bao_cao.json").read_text())
    assert document["rejections"][0]["row"] == 2
    assert (document["written"], document["carried_out"]) == (0, False)
    done = CliRunner().invoke(import_file, [*arguments, "--repair"])
    assert done.exit_code == 0, done.output
    assert "Đã ghi 2 đối tượng" in done.output
    listed = CliRunner().invoke(dataset_command, ["list"])
    assert "lenh.geojson" in listed.output
    assert CliRunner().invoke(dataset_command, ["remove", "lenh", "--yes"]).exit_code == 0
    assert rows("select 1 from huong.published where layer = 'lenh'") == []
    assert rows("select count(*) from history.dataset_lenh") == [(2,)]


def test_ctrl_c_in_the_middle_of_writing_leaves_nothing(tmp_path: Path, city: Config) -> None:
    squares = (
        feature(square(107 + i % 300 / 500, 16 + i // 300 / 500), ten=f"ô {i}") for i in range(100_000)
    )
    file = geojson(tmp_path, *squares, name="dung.geojson")
    process = subprocess.Popen(
        [sys.executable, "-m", "gis_core.cli", "import", str(file)],
        env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    writing = (
        "select 1 from pg_stat_activity where datname = current_database() and state = 'active'"
        " and query ilike 'copy dataset.dung%'"
    )
    deadline = time.monotonic() + 60
    while not rows(writing):
        assert process.poll() is None, "the import was over before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "Stopped; nothing was written" in output
    assert "Traceback" not in output
    assert nothing_of("dung")


@pytest.fixture
def killed(tmp_path: Path, city: Config) -> Iterator[Callable[[bool], Path]]:
    """An import that is killed while it reads: its folder. With its second process, too, which would clear away after
    it. Its reader ends with it.
    """
    squares = (feature(square(107 + i % 300 / 500, 16 + i // 300 / 500), ten=f"ô {i}") for i in range(50_000))
    file = geojson(tmp_path, *squares, name="giet.geojson")

    def killed(with_its_second: bool) -> Path:
        process = subprocess.Popen(
            [sys.executable, "-m", "gis_core.cli", "import", str(file)],
            env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        wait_until(lambda: len(children.read_text().split()) == 2, "its two children")
        second, reader = map(int, children.read_text().split())
        cwd = Path(f"/proc/{reader}/cwd")
        wait_until(lambda: cwd.readlink().parent == imports_folder(city), "the reader in its folder")
        folder = cwd.readlink()
        assert (folder / "input.geojson").exists()
        if with_its_second:
            os.kill(second, signal.SIGKILL)
        process.kill()
        process.wait()
        wait_until(lambda: not Path(f"/proc/{reader}").exists(), "an end of the reader")
        return folder

    yield killed
    assert nothing_of("giet")


def test_a_killed_import_leaves_nothing_behind(killed: Callable[[bool], Path]) -> None:
    """Would fail if the process itself had to clear away, SIGKILL gives it no time; or if its reader read on."""
    folder = killed(False)
    wait_until(lambda: not folder.exists(), "an end of its folder")


def test_what_is_left_where_everything_was_killed_is_gone_with_the_next_import(
    killed: Callable[[bool], Path], tmp_path: Path, city: Config
) -> None:
    """Would fail if copies of files stayed for ever after the end of a container or a machine; or if a folder were
    taken away from an import that is still under way.
    """
    folder = killed(True)
    elsewhere = tmp_path / "elsewhere" / f"{IMPORT}left"
    elsewhere.mkdir(parents=True)
    with own_folder(imports_folder(city), IMPORT) as another:
        assert elsewhere.exists()
        assert not folder.exists()
        run_import(request(geojson(tmp_path, feature(point(107.5, 16.4)), name="sau.geojson")))
        folder = killed(True)
        sweep_all(city)
        assert another.exists() and not folder.exists()
    assert not another.exists()


def test_a_longitude_a_rounding_error_beyond_the_edge_is_the_edge(tmp_path: Path, city: Config) -> None:
    file = geojson(
        tmp_path,
        feature(point(180.00000000000006, 16)),
        feature(point(-180.00000000000003, 16)),
        name="bien.geojson",
    )
    assert run_import(request(file)).carried_out
    assert rows("select st_x(geom) from dataset.bien order by fid") == [(180.0,), (-180.0,)]
    refused = run_import(request(geojson(tmp_path, feature(point(180.001, 16)), name="ngoai.geojson")))
    assert "out of range" in refused.rejections[0].words.en


def test_point_far_from_everything_is_still_a_point(tmp_path: Path, city: Config) -> None:
    report = run_import(request(geojson(tmp_path, feature(point(-81.8, 35.3)), name="xa.geojson")))
    assert report.carried_out
    assert "outside Vietnam" in report.warnings[0].en


def test_words_in_no_utf8_refuse_their_row_alone(tmp_path: Path, city: Config) -> None:
    """Would fail if a text that SQLite cannot decode ended the reading, or rows before or after it were lost or came
    twice: texts are decoded in bulk, and one by one from the first batch that has such a one.
    """
    count, bad = 2500, 1700
    file = geopackage(
        tmp_path / "cu.gpkg",
        [shapely.Point(107.5, 16.4)] * count,
        {"ten": [f"Điểm {n}" for n in range(count)]},
    )
    tampered(file, f"update lop set ten = cast(x'c3' as text) where fid = {bad}")
    report = run_import(request(file, dataset="cu", skip_rejected=True))
    assert [(note.row, note.id) for note in report.rejections] == [(bad, bad)]
    assert rows("select count(distinct source_id), count(*), max(ten) from dataset.cu") == [
        (count - 1, count - 1, "Điểm 999")
    ]
    remove_published("cu", "test")


def test_what_is_made_fit_while_it_is_read_is_stored_as_it_was(tmp_path: Path, city: Config) -> None:
    """Would fail if a batch that is packed while it is read were stored in another place, type or time than one that
    is checked row by row: the same shapes, once alone and once beside one that keeps its batch from being packed.
    """
    shapes: list[BaseGeometry] = [
        shapely.box(561000 + 9 * n, 1821000, 561008 + 9 * n, 1821007) for n in range(5)
    ]
    columns = {
        "ngay": ["2025-07-01", "0001-01-01", "9999-12-31", "1999-12-31", None],
        "luc": [
            "2025-07-01T08:00:00.000001+07:00",
            "0001-01-02T00:00:00Z",
            "9999-12-31T23:59:59.999999Z",
            "1999-12-31T23:59:59+00:00",
            None,
        ],
    }
    crossing = shapely.Polygon([(561000, 1821000), (561009, 1821009), (561009, 1821000), (561000, 1821009)])
    beside = {name: [*values, None] for name, values in columns.items()}
    told = "md5(string_agg(st_asewkb(geom)::text || st_asewkb(geom3857)::text, '' order by fid)), array_agg(ngay::text"
    told += " order by fid), array_agg(extract(epoch from luc) order by fid), min(st_srid(geom))"
    found = []
    for name, some, values in (("goi", shapes, columns), ("roi", [*shapes, crossing], beside)):
        file = geopackage(tmp_path / f"{name}.gpkg", some, values, crs="EPSG:9214")
        assert run_import(request(file, dataset=name, skip_rejected=True)).written == 5
        found.append(rows(f"select {told} from dataset.{name}"))
        remove_published(name, "test")
    assert found[0] == found[1]
    assert found[0][0][1] == ["2025-07-01", "0001-01-01", "9999-12-31", "1999-12-31", None]
