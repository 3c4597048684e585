"""Legends: a line for what the map shows, in the words of the code lists, for its reader only."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from gis_core.audiences import CITIZEN, Caller
from gis_core.layer import Code, DeclaredStyle, Field, Geometry, Layer
from gis_core.registry import Catalogue, Published
from gis_core.styles.colours import Colour
from gis_core.words import Text
from tests.tilesrv.styles.declared import catalogue, named
from tilesrv.styles.forms import Asked, Form, make

RED, BLUE, GREY = "#cc2222", "#2255cc", "#999999"
CODES = (
    Code(value="a", label=Text("Nhà ở", "Housing")),
    Code(value="b", label=Text("Chợ", "Market")),
    Code(value="c", label=Text("Kho", "Store")),
)


def layer_with(*layers: dict[str, Any], **changes: Any) -> Catalogue:
    layer = Layer(
        id="things",
        title=Text("Công trình", "Things"),
        description=Text("Thử", "Test"),
        geometry=Geometry(type="Polygon"),
        table="public.things",
        fields=(
            Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=CODES),
            Field(name="rough", label=Text("Gần đúng", "Approximate"), type="boolean"),
            Field(name="n", label=Text("Số", "Number"), type="number", unit="km"),
            Field(name="holder", label=Text("Chủ", "Holder"), type="text", audiences=frozenset({"land"})),
        ),
        styles=(DeclaredStyle(id="default", title=Text("Chính", "Main"), layers=layers),),
    )
    return Catalogue(1, {"things": Published(replace(layer, **changes), 1, False, 1)})


def fill(colour: Any, **more: Any) -> dict[str, Any]:
    return {"id": "fill", "type": "fill", "paint": {"fill-color": colour}, **more}


def form(found: Catalogue, form: Form, caller: Caller = CITIZEN, **asked: Any) -> bytes:
    return make(
        found, caller, Asked("things", form, asked.pop("mode", "day"), asked.pop("language", "vi"), **asked)
    )


def entries(found: Catalogue, caller: Caller = CITIZEN, language: str = "vi") -> list[tuple[str, list[str]]]:
    document = json.loads(form(found, "legend.json", caller, language=language))
    return [
        (each["label"], each["colours"]) for section in document["sections"] for each in section["entries"]
    ]


BY_KIND = ["match", ["get", "kind"], "a", RED, "b", BLUE, GREY]


def test_codes_are_called_by_their_labels_in_both_languages() -> None:
    found = layer_with(fill(BY_KIND))
    assert entries(found) == [("Nhà ở", [RED]), ("Chợ", [BLUE]), ("Kho", [GREY])]
    assert [label for label, _ in entries(found, language="en")] == ["Housing", "Market", "Store"]


def test_what_looks_alike_is_one_line() -> None:
    found = layer_with(fill(["match", ["get", "kind"], ["a", "c"], RED, "b", BLUE, GREY]))
    assert ("Nhà ở, Kho", [RED]) in entries(found)


def test_of_many_that_look_alike_the_first_are_named_and_the_others_counted() -> None:
    """ "Other" is what is in no list: three lines of that name told nothing."""
    codes = tuple(Code(value=f"c{n}", label=Text(f"Loại {n}", f"Kind {n}")) for n in range(9))
    field = Field(name="kind", label=Text("Loại", "Kind"), type="text", codes=codes)
    found = layer_with(
        fill(["match", ["get", "kind"], [f"c{n}" for n in range(6)], RED, ["c6"], BLUE, GREY]),
        fields=(field,),
    )
    assert entries(found)[0] == ("Loại 0, Loại 1, Loại 2 và 3 loại nữa", [RED])
    assert entries(found, language="en")[0] == ("Kind 0, Kind 1, Kind 2 and 3 more", [RED])


def test_numbers_are_ranges_with_their_unit() -> None:
    found = layer_with(fill(["step", ["get", "n"], RED, 10, BLUE, 20.5, GREY]))
    assert entries(found)[:3] == [("< 10 km", [RED]), ("10 – 20,5 km", [BLUE]), ("≥ 20,5 km", [GREY])]
    assert entries(found, language="en")[1][0] == "10 – 20.5 km"
    assert entries(found)[3] == ("Không có số liệu", ["#000000"])


def test_a_truth_value_is_a_line_of_its_own() -> None:
    edge = {"id": "edge", "type": "line", "paint": {"line-color": RED, "line-dasharray": [2, 1]}}
    found = layer_with(fill(BLUE), edge | {"filter": ["==", ["get", "rough"], True]})
    assert entries(found) == [("Công trình", [BLUE]), ("Gần đúng", [BLUE, RED])]


def test_nobody_reads_of_a_field_that_is_not_his() -> None:
    found = layer_with(fill(["match", ["get", "holder"], "Nguyễn Văn A", RED, BLUE]))
    assert ("Nguyễn Văn A", [RED]) in entries(found, Caller("land"))
    for each in ("legend.json", "legend.svg", "json", "sld", "qml"):
        assert "Nguyễn".encode() not in form(found, each).replace(b"\\u1ec5", "ễ".encode())  # type: ignore[arg-type]
    assert entries(found) == [("Công trình", [BLUE])]


def test_colours_of_the_mode() -> None:
    found = layer_with(fill("@map-water"))
    day, night = (json.loads(form(found, "legend.json", mode=mode)) for mode in ("day", "night"))
    assert day["sections"][0]["entries"][0]["colours"] != night["sections"][0]["entries"][0]["colours"]


def pixels(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body)).convert("RGB")


@pytest.mark.parametrize("density", [1.0, 2.0])
def test_the_swatch_in_the_picture_has_the_colour(density: float) -> None:
    """The middle of the first swatch: 8 px from the edge, 26 below it, a heading above."""
    found = layer_with(fill(BY_KIND))
    picture = pixels(form(found, "legend.png", density=density))
    x, y = round((8 + 15) * density), round((8 + 26 + 12) * density)
    assert picture.getpixel((x, y)) == tuple(Colour.parse(RED)[:3])
    assert picture.getpixel((x, round((8 + 26 + 24 + 12) * density))) == tuple(Colour.parse(BLUE)[:3])


def test_dense_screens_get_more_pixels() -> None:
    found = layer_with(fill(BY_KIND))
    one, two = (pixels(form(found, "legend.png", density=each)).size for each in (1.0, 2.0))
    assert two == (2 * one[0], 2 * one[1])


def test_dashes_have_gaps() -> None:
    edge = {
        "id": "e",
        "type": "line",
        "paint": {"line-color": RED, "line-width": 4, "line-dasharray": [1.5, 1.5]},
    }
    found = layer_with(edge)
    picture = pixels(form(found, "legend.png", density=2.0))
    row = [picture.getpixel((x, 2 * (8 + 2 + 3))) for x in range(2 * 12, 2 * 34)]
    red = [pixel == tuple(Colour.parse(RED)[:3]) for pixel in row]
    assert 0.2 < sum(red) / len(red) < 0.8


@pytest.mark.parametrize(("name", "caller"), sorted(set(named()), key=str))
def test_every_legend_can_be_drawn(name: str, caller: Caller) -> None:
    """Each declared style, for each audience: text in both languages, a well-formed SVG with every swatch."""
    asked = Asked(name, "legend.json", "night", "en", "")
    document = json.loads(make(catalogue(), caller, asked))
    lines = [each for section in document["sections"] for each in section["entries"]]
    assert lines and all(each["labels"]["vi"] and each["labels"]["en"] and each["colours"] for each in lines)
    root = ET.fromstring(make(catalogue(), caller, replace(asked, form="legend.svg")))
    groups = [each for each in root if each.tag.endswith("}g")]
    assert len(groups) == len(lines) and all(len(group) for group in groups)
