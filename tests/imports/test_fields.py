"""What becomes of a file's fields: keys, types, label, search; and of its values in a declared layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis_core.config import Config
from gis_core.layer import NAME, RESERVED, Code, Field
from gis_core.problems import Problem
from gis_core.words import Text
from imports.filling import converter, fill
from imports.frames import Rows
from imports.naming import field_keys, key_of
from imports.profile import FieldProfile
from imports.run import run_import
from tests.imports.files import feature, geojson, request, rows


def test_keys_are_ascii_and_unlike_each_other() -> None:
    names = ["Tên đường", "TEN_DUONG", "fid", "geom", "2025", "", "Đ/c", "limit"]
    assert list(field_keys(names).values()) == [
        "ten_duong", "ten_duong_2", "fid_2", "geom_2", "field_2025", "field", "d_c", "limit_2",
    ]  # fmt: skip


@given(st.lists(st.text(max_size=80), unique=True, max_size=30))
def test_every_name_gets_a_key_of_its_own(names: list[str]) -> None:
    keys = list(field_keys(names).values())
    assert len(set(keys)) == len(names)
    assert all(NAME.fullmatch(key) and key not in RESERVED for key in keys)


def test_decomposed_letters_name_the_same_key() -> None:
    assert key_of("Hue\u0302\u0301", "x") == key_of("Huế", "x") == "hue"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, None], "integer"),
        ([1, 2.5], "number"),
        ([2**53, 2.5], "number"),
        ([2**53 + 1, 2.5], "text"),
        ([2.5, -(2**63)], "number"),
        ([2.5, 2**63 - 1], "text"),
        ([True, None], "boolean"),
        ([True, 1], "text"),
        (["00123", "00124"], "text"),
        (["2025-07-01", None, ""], "date"),
        (["2025-07-01", "2025-13-01"], "text"),
        (["2025-07-01T08:00:00Z", "2025-07-01 08:00:00.5+07:00"], "datetime"),
        (["2025-07-01T08:00:00"], "text"),
        ([1, "a"], "text"),
        ([None], "text"),
        ([""], "text"),
        ([2**63 - 1], "integer"),
    ],
)
def test_type_is_the_narrowest_that_holds_every_value(values: list[Any], kind: str) -> None:
    profile = FieldProfile()
    for value in values:
        profile.see(value)
    assert profile.type == kind


def test_a_moment_without_an_offset_is_the_citys() -> None:
    """As in the API (`tests/acceptance/test_editing.py`): seven hours make another day."""
    at = Field(name="at", label=Text("Lúc", "At"), type="datetime")
    read = converter(at)("2025-07-01 08:00:00")
    assert read.isoformat() == "2025-07-01T01:00:00+00:00"


KIND = Field(
    name="kind",
    label=Text("Loại", "Kind"),
    type="text",
    codes=(Code(value="school", label=Text("Trường học", "School")),),
)


@pytest.mark.parametrize("written", ["school", "Trường học", "TRUONG HOC", "School"])
def test_code_is_taken_by_value_or_label(written: str) -> None:
    assert converter(KIND)(written) == "school"


@pytest.mark.parametrize(
    ("kind", "value", "fitted"),
    [
        ("integer", "12", 12),
        ("integer", 12.0, 12),
        ("number", "7.5", 7.5),
        ("text", 12, "12"),
        ("text", True, "true"),
        ("boolean", 1, True),
        ("boolean", "Có", True),
        ("integer", "", None),
    ],
)
def test_values_that_are_only_spelled_otherwise_fit(kind: Any, value: Any, fitted: Any) -> None:
    assert converter(Field(name="a", label=Text("A", "A"), type=kind))(value) == fitted


def test_a_column_converts_as_its_values_do_one_by_one() -> None:
    """Would fail if a look at the whole column let something through that a look at the value does not."""
    values = [
        "a",
        "",
        None,
        "Hue\u0302\u0301",
        "b\0",
        "x" * 20_000,
        1,
        1.5,
        2**60,
        True,
        "7",
        "2025-07-01",
        "co",
        "\ud800",
    ]
    kinds = ("text", "integer", "number", "boolean", "date", "datetime")
    for kind in kinds:
        for required in (False, True):
            field = Field(name="a", label=Text("A", "A"), type=kind, required=required)  # type: ignore[arg-type]
            (filling,) = fill([field], {"a": "A"})
            for chosen in ([v] for v in values):
                for column in (
                    chosen,
                    chosen * 3,
                    [*chosen, "a"],
                    [*chosen, None],
                    [*chosen, 5],
                    [*chosen, 2.5],
                ):
                    read, faults = filling.column(rows_of(column))
                    for index, value in enumerate(column):
                        alone = one_value(field, value)
                        assert faults.get(index, (read[index], type(read[index]))) == alone, (kind, column)


def rows_of(values: list[Any]) -> Rows:
    count = len(values)
    return Rows(list(range(1, count + 1)), [None] * count, [None] * count, {"A": values})


def one_value(field: Field, value: Any) -> Any:
    """The value that ``field`` gets, with its type; where it refuses it, its words."""
    try:
        fitted = converter(field)(value)
    except Problem as problem:
        return problem.detail
    return fitted, type(fitted)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("number", 2**53 + 1), ("number", "9007199254740993"), ("integer", "7,5"), ("integer", 7.5), ("number", "1e9999"),
     ("boolean", "maybe"), ("date", "01/07/2025"), ("text", "a\0"), ("integer", 2**70)],
)  # fmt: skip
def test_values_that_would_be_guessed_are_refused(kind: Any, value: Any) -> None:
    with pytest.raises(Problem) as refusal:
        converter(Field(name="a", label=Text("A", "A"), type=kind))(value)
    assert refusal.value.parameter == "a"


def test_large_whole_numbers_beside_fractions_keep_every_digit(tmp_path: Path, city: Config) -> None:
    file = geojson(
        tmp_path, feature(so=9007199254740993), feature(so=2.5), feature(so=-7), name="lon.geojson"
    )
    report = run_import(request(file))
    assert rows("select so from dataset.lon order by fid") == [("9007199254740993",), ("2.5",), ("-7",)]
    assert any("no digit is lost" in words.en and "so" in words.en for words in report.notes)


def test_dataset_has_typed_columns_a_label_and_its_source_ids(tmp_path: Path, city: Config) -> None:
    file = geojson(
        tmp_path,
        feature(
            identity=7,
            **{"Tên": "Hue\u0302\u0301", "Số": 1, "Ngày": "2025-07-01", "Mở": True, "Thêm": {"a": [1]}},
        ),
        feature(identity=9, **{"Tên": None, "Số": 9007199254740993, "Ngày": None, "Mở": None, "Cao": 2.5}),
        name="kieu.geojson",
    )
    report = run_import(request(file, title="Kiểu", source="Sở Xây dựng"))
    assert report.carried_out
    found = rows("select ten, so, ngay::text, mo, them, cao, source_id from dataset.kieu order by fid")
    assert found == [
        ("Huế", 1, "2025-07-01", True, '{"a":[1]}', None, 7),
        (None, 9007199254740993, None, None, None, 2.5, 9),
    ]
    from imports.request import published_dataset

    layer = published_dataset("kieu")
    assert layer is not None
    assert (layer.label, layer.title.vi, layer.credit) == ("ten", "Kiểu", Text("Sở Xây dựng", "Sở Xây dựng"))
    assert [f.name for f in layer.fields if f.searchable] == ["ten"]
    assert layer.field("ten").label.vi == "Tên"


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        ([shapely.Point(107, 16)], "Point"),
        ([shapely.Point(107, 16), shapely.MultiPoint([(107, 16)])], "MultiPoint"),
        ([shapely.LineString([(107, 16), (108, 16)])], "LineString"),
        (
            [shapely.box(107, 16, 107.1, 16.1), shapely.MultiPolygon([shapely.box(107, 16, 107.1, 16.1)])],
            "MultiPolygon",
        ),
        ([shapely.Point(107, 16), shapely.LineString([(107, 16), (108, 16)])], "Geometry"),
        ([shapely.Point(107, 16, 5)], "Point"),
    ],
)
def test_geometry_type_is_the_narrowest_that_holds_all(
    shapes: list[Any], kind: str, tmp_path: Path, city: Config
) -> None:
    import json

    file = geojson(
        tmp_path, *(feature(json.loads(shapely.to_geojson(s))) for s in shapes), name="loai.geojson"
    )
    report = run_import(request(file, mode="new" if not _there("loai") else "replace"))
    assert report.carried_out
    assert rows("select type from geometry_columns where f_table_schema = 'dataset' and f_table_name = 'loai'"
                " and f_geometry_column = 'geom'") == [(kind.upper(),)]  # fmt: skip
    dropped = [note for note in report.notes if "Heights" in note.en]
    assert bool(dropped) == any(s.has_z for s in shapes)


def _there(name: str) -> bool:
    return bool(rows(f"select 1 from huong.published where layer = '{name}'"))
