"""Adding to what is there: who sees it, what it is called, which column is which, and what is there already."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from gis_core.config import Config
from gis_core.problems import Problem
from imports.request import published_dataset
from imports.run import run_import
from tests.imports.files import feature, geojson, nothing_of, request, rows


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"audiences": frozenset({"officer"})}, "append-keeps-the-audience"),
        ({"title": "Tên khác"}, "append-keeps-the-title"),
        ({"title_en": "Another name"}, "append-keeps-the-title"),
    ],
)
def test_added_rows_are_not_shown_to_others_than_asked(
    options: dict[str, object], code: str, tmp_path: Path, city: Config
) -> None:
    run_import(
        request(geojson(tmp_path, feature(ten="a"), name="them.geojson"), mode="replace", title="Thêm")
    )
    with pytest.raises(Problem) as refusal:
        run_import(
            request(geojson(tmp_path, feature(ten="kín"), name="them.geojson"), mode="append", **options)
        )
    assert refusal.value.code == code
    assert rows("select ten from dataset.them") == [("a",)]


def test_the_same_audience_and_title_may_be_said_again_and_sources_are_added(
    tmp_path: Path, city: Config
) -> None:
    land = frozenset({"land"})
    file = geojson(tmp_path, feature(ten="a"), name="nhu_cu.geojson")
    run_import(request(file, audiences=land, title="Như cũ", source="Sở A"))
    more = geojson(tmp_path, feature(ten="b"), name="nhu_cu.geojson")
    run_import(request(more, mode="append", audiences=land, title="Như cũ", source="Sở B"))
    run_import(request(more, mode="append", source="Sở B"))
    layer = published_dataset("nhu_cu")
    assert layer is not None and layer.credit is not None
    assert (layer.audiences, layer.credit.vi) == (land, "Sở A; Sở B")
    assert rows("select ten from land.nhu_cu order by fid") == [("a",), ("b",), ("b",)]


@pytest.mark.parametrize("options", [{"audiences": frozenset({"land"})}, {"title": "A"}, {"title_en": "A"}])
def test_a_declared_layer_keeps_its_audience_and_title(
    options: dict[str, object], tmp_path: Path, city: Config
) -> None:
    file = geojson(tmp_path, feature(name="a", kind="market"), name="cho.geojson")
    with pytest.raises(Problem) as refusal:
        run_import(request(file, layer="facilities", mode="append", **options))
    assert refusal.value.code == "layer-has-its-own"


def test_the_same_file_again_goes_into_the_same_columns_and_is_noticed(tmp_path: Path, city: Config) -> None:
    """Would fail if a field were found by its key first: "name" of the file is the field ``name_2``."""
    written = {"Name": "N", "name": "n", "Mã số": "M", "ma so": "m", "MA_SO": "MM"}
    file = geojson(tmp_path, feature(**written), name="hai_lan.geojson")
    first = run_import(request(file))
    again = run_import(request(file, mode="append"))
    assert first.fields == again.fields
    columns = "name, name_2, ma_so, ma_so_2, ma_so_3"
    assert rows(f"select {columns} from dataset.hai_lan order by fid") == [("N", "n", "M", "m", "MM")] * 2
    assert not any("twice" in words.en for words in first.warnings)
    assert any("twice" in words.en for words in again.warnings)
    other = geojson(tmp_path, feature(**written, them=1), name="hai_lan.geojson")
    assert not run_import(request(other, mode="append")).warnings


def test_a_file_that_was_replaced_meanwhile_is_not_there_already(tmp_path: Path, city: Config) -> None:
    first = geojson(tmp_path, feature(ten="a"), name="lai.geojson")
    run_import(request(first))
    kept = first.read_text()
    run_import(request(geojson(tmp_path, feature(ten="b"), name="lai.geojson"), mode="replace"))
    first.write_text(kept)
    assert not run_import(request(first, mode="append")).warnings


def extract(file: Path, *names: str) -> Path:
    """Streets of two nodes each, numbered from 1."""
    nodes = "".join(
        f'<node id="{n}{end}" lat="16.4{n}" lon="107.5{end}" version="1"/>'
        for n in range(1, len(names) + 1)
        for end in (1, 2)
    )
    ways = "".join(
        f'<way id="{n}" version="1"><nd ref="{n}1"/><nd ref="{n}2"/>'
        f'<tag k="highway" v="residential"/><tag k="name" v="{name}"/></way>'
        for n, name in enumerate(names, start=1)
    )
    file.write_bytes(gzip.compress(f'<osm version="0.6">{nodes}{ways}</osm>'.encode()))
    return file


def test_an_extract_that_is_there_already_is_not_added_twice(tmp_path: Path, city: Config) -> None:
    """Nor are those of its elements that a neighbouring extract has too."""
    known = extract(tmp_path / "mot.osm.gz", "Lê Lợi", "Hùng Vương")
    assert run_import(request(known, layer="roads", mode="replace")).written == 2
    again = run_import(request(known, layer="roads", mode="append"))
    assert not again.carried_out
    assert [r.words.en for r in again.rejections] == [f"is in the layer already: way/{n}" for n in (1, 2)]
    larger = extract(tmp_path / "hai.osm.gz", "Lê Lợi", "Hùng Vương", "Bến Nghé")
    report = run_import(request(larger, layer="roads", mode="append", skip_rejected=True))
    assert (report.written, report.rejected) == (1, 2)
    assert rows("select osm_id from roads_road order by 1") == [(1,), (2,), (3,)]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("thua.shp", b"\0\0\x27\x0a" + bytes(100), ("Shapefile", "GeoPackage")),
        ("thua.zip", b"PK\x03\x04" + bytes(100), ("ZIP", "Unpack")),
        ("thua.kml", b"<kml/>", ("KML", "QGIS")),
        ("bang.csv", b"a,b\n1,2\n", ("CSV", "Delimited Text")),
        ("bang.xlsx", b"PK\x03\x04" + bytes(100), ("Excel", "Delimited Text")),
        ("ban_ve.dwg", b"AC1027" + bytes(100), ("DWG", "DXF")),
        ("cao.tif", b"II*\0" + bytes(100), ("TIFF", "huong terrain")),
        ("quet.pdf", b"%PDF-1.7", ("PDF", "Digitize")),
        ("khong_duoi", b"fgb\x03fgb\0" + bytes(100), ("FlatGeobuf", "QGIS")),
        ("la.xyz", b"\x01\x02\x03", ("none of the formats", "QGIS")),
    ],
)
def test_a_format_that_is_not_read_is_named_with_what_to_do(
    name: str, body: bytes, said: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(Problem) as refusal:
        run_import(request(tmp_path / name, dataset="khong_doc"))
    assert refusal.value.code == "unknown-format"
    assert all(word in refusal.value.detail.en for word in said), refusal.value.detail.en


def test_a_geodatabase_is_a_folder_and_told_so(tmp_path: Path, city: Config) -> None:
    (tmp_path / "thua.gdb").mkdir()
    with pytest.raises(Problem) as refusal:
        run_import(request(tmp_path / "thua.gdb"))
    assert "QGIS" in refusal.value.detail.vi
    assert nothing_of("thua")
