"""What a style may not say is refused, with the place of the fault: nothing that a renderer would draw otherwise."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_core.styles import StyleError, parse_layers, parse_text
from gis_core.styles.maplibre import layers_json
from gis_core.styles.model import MOST_BYTES, MOST_LAYERS
from gis_core.styles.properties import PROPERTIES
from gis_core.styles.reader import DEEPEST, MOST_NODES
from gis_core.words import Text
from tests.gis_core.styles import expressions as random
from tests.waiting import at_most_cpu

TITLE = Text("Thử", "Test")


def layer(type: str = "fill", **members: Any) -> dict[str, Any]:
    return {"id": "one", "type": type, **members}


def fill(value: Any) -> dict[str, Any]:
    return layer(paint={"fill-color": value})


def symbol(**layout: Any) -> dict[str, Any]:
    return layer("symbol", layout={name.replace("_", "-"): value for name, value in layout.items()})


def refused(given: Any, collection: str | None = "plots") -> StyleError:
    layers = given if isinstance(given, list) else [given]
    with pytest.raises(StyleError) as caught:
        parse_layers(layers, id="test", title=TITLE, collection=collection)
    error = caught.value
    assert error.text.vi and error.text.en and error.text.vi != error.text.en
    return error


COLOUR = "layers[0].paint.fill-color"
GET = ["get", "kind"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        # Types, keys and properties outside the subset.
        (layer("heatmap"), "layers[0].type"),
        (layer("custom"), "layers[0].type"),
        (layer("constructor"), "layers[0].type"),
        (layer(source="elsewhere"), "layers[0].source"),
        (layer(ref="other"), "layers[0].ref"),
        (layer(metadata={"a": 1}), "layers[0].metadata"),
        (layer(paint={"fill-sort-key": 1}), "layers[0].paint.fill-sort-key"),
        (layer(paint={"line-color": "#000000"}), "layers[0].paint.line-color"),
        (layer(layout={"fill-color": "#000000"}), "layers[0].layout.fill-color"),
        (layer(paint={"fill-color-transition": {}}), "layers[0].paint.fill-color-transition"),
        (layer(paint=["fill-color"]), "layers[0].paint"),
        ("fill", "layers[0]"),
        ({"type": "fill"}, "layers[0].id"),
        (layer(id="../../etc"), "layers[0].id"),
        (layer(minzoom=9, maxzoom=9), "layers[0].maxzoom"),
        (layer(minzoom=-1), "layers[0].minzoom"),
        (layer(maxzoom="9"), "layers[0].maxzoom"),
        (layer(**{"source-layer": "parcels"}), "layers[0].source-layer"),
        ([layer(), layer()], "layers[1].id"),
        # Values of another kind or beyond their bounds.
        (fill("red"), COLOUR),
        (fill("#12345"), COLOUR),
        (fill("rgb(300,0,0)"), COLOUR),
        (fill("@no-such-name"), COLOUR),
        (fill(7), COLOUR),
        (layer(paint={"fill-opacity": 1.1}), "layers[0].paint.fill-opacity"),
        (layer(paint={"fill-opacity": True}), "layers[0].paint.fill-opacity"),
        (layer(paint={"fill-opacity": "0.5"}), "layers[0].paint.fill-opacity"),
        (layer("line", paint={"line-width": 1e9}), "layers[0].paint.line-width"),
        (layer("line", paint={"line-dasharray": [1] * 9}), "layers[0].paint.line-dasharray"),
        (layer("line", paint={"line-dasharray": [1, -1]}), "layers[0].paint.line-dasharray[1]"),
        (layer("line", layout={"line-cap": "triangle"}), "layers[0].layout.line-cap"),
        (symbol(text_offset=[1]), "layers[0].layout.text-offset"),
        (symbol(text_font=["../fonts/a.ttf"]), "layers[0].layout.text-font[0]"),
        # Files, addresses and templates in names.
        (symbol(icon_image="file:///etc/passwd"), "layers[0].layout.icon-image"),
        (symbol(icon_image="http://127.0.0.1/x.svg"), "layers[0].layout.icon-image"),
        (symbol(icon_image="../icons/circle"), "layers[0].layout.icon-image"),
        (symbol(icon_image="[name]"), "layers[0].layout.icon-image"),
        (symbol(icon_image=["match", GET, "a", "/etc/passwd", "circle"]), "layers[0].layout.icon-image[3]"),
        (layer(paint={"fill-pattern": "//host/x"}), "layers[0].paint.fill-pattern"),
        (layer(paint={"fill-pattern": GET}), "layers[0].paint.fill-pattern"),
        (symbol(text_field="{name}"), "layers[0].layout.text-field"),
        (symbol(text_field=["concat", "a\x00"]), "layers[0].layout.text-field[1]"),
        # Functions and filters of the old forms.
        (fill({"stops": [[0, "#000000"]]}), COLOUR),
        (fill({"property": "kind", "type": "identity"}), COLOUR),
        (layer(filter=["==", "kind", "a"]), "layers[0].filter"),
        (layer(filter=["all", ["has", "n"], ["!=", "kind", "a"]]), "layers[0].filter[2]"),
        (layer(filter=["in", "kind", "a", "b"]), "layers[0].filter"),
        (layer(filter=["none", ["has", "kind"]]), "layers[0].filter"),
        (layer(filter=["!in", "kind", "a"]), "layers[0].filter"),
        (layer(filter=["!has", "kind"]), "layers[0].filter"),
        (layer(filter=GET), "layers[0].filter"),
        (layer(filter="true"), "layers[0].filter"),
        (layer(filter={}), "layers[0].filter"),
        # Operators outside the subset.
        (fill(["rgb", 1, 2, 3]), COLOUR),
        (fill(["var", "x"]), COLOUR),
        (fill(["let", "x", 1, "#000000"]), COLOUR),
        (fill(["image", "circle"]), COLOUR),
        (fill(["feature-state", "hover"]), COLOUR),
        (fill(["constructor"]), COLOUR),
        (fill([]), COLOUR),
        (fill([["get", "a"]]), COLOUR),
        (fill(["get"]), COLOUR),
        (fill(["get", "kind", ["properties"]]), COLOUR),
        (fill(["get", "Kind"]), f"{COLOUR}[1]"),
        (fill(["get", 'kind" from secrets --']), f"{COLOUR}[1]"),
        (fill(["get", ["get", "kind"]]), f"{COLOUR}[1]"),
        (fill(["match", GET, "a", "#000000"]), COLOUR),
        (fill(["match", GET, "a", "#000000", 1, "#111111", "#222222"]), COLOUR),
        (fill(["match", GET, "a", "#000000", "a", "#111111", "#222222"]), COLOUR),
        (fill(["match", GET, [], "#000000", "#222222"]), COLOUR),
        (fill(["match", GET, True, "#000000", "#222222"]), f"{COLOUR}[2]"),
        (fill(["match", GET, "a", "reddish", "#222222"]), f"{COLOUR}[3]"),
        (fill(["case", ["has", "a"], "#000000"]), COLOUR),
        (
            fill(["case", ["has", "a"], ["case", ["has", "b"], "bad", "#000000"], "#111111"]),
            f"{COLOUR}[2][2]",
        ),
        (fill(["step", ["get", "n"], "#000000", 5, "#111111", 5, "#222222"]), f"{COLOUR}[5]"),
        (fill(["step", ["get", "n"], "#000000", "5", "#111111"]), f"{COLOUR}[3]"),
        (
            fill(["interpolate", ["cubic-bezier", 0, 0, 1, 1], ["get", "n"], 0, "#000000", 1, "#111111"]),
            f"{COLOUR}[1]",
        ),
        (
            fill(["interpolate", ["exponential", 1e9], ["get", "n"], 0, "#000000", 1, "#111111"]),
            f"{COLOUR}[1]",
        ),
        (fill(["interpolate", ["linear"], ["get", "n"], 0, ["get", "colour"], 1, "#111111"]), COLOUR),
        (
            symbol(text_field=["interpolate", ["linear"], ["zoom"], 0, "a", 1, "b"]),
            "layers[0].layout.text-field",
        ),
        (
            layer(filter=["==", ["interpolate", ["linear"], ["get", "n"], 0, "a", 1, "b"], "a"]),
            "layers[0].filter[1]",
        ),
        # Zoom and features where they cannot be.
        (fill(["case", [">", ["zoom"], 4], "#000000", "#111111"]), COLOUR),
        (fill(["case", ["has", "a"], ["step", ["zoom"], "#000000", 4, "#111111"], "#222222"]), COLOUR),
        (layer(filter=[">", ["zoom"], 4]), "layers[0].filter"),
        (
            layer(layout={"visibility": ["step", ["zoom"], "none", 4, "visible"]}),
            "layers[0].layout.visibility",
        ),
        (layer("line", layout={"line-cap": GET}), "layers[0].layout.line-cap"),
    ],
)
def test_the_fault_is_named_by_its_place(given: Any, path: str) -> None:
    assert refused(given).path == path


def test_what_draws_no_features_names_no_collection() -> None:
    assert refused(layer("background", **{"source-layer": "plots"})).path == "layers[0].source-layer"
    assert refused(layer("line"), collection=None).path == "layers[0].source-layer"


# Size -------------------------------------------------------------------------------------------------------------


def nested(depth: int) -> Any:
    value: Any = "#000000"
    for _ in range(depth):
        value = ["case", ["has", "kind"], value, "#111111"]
    return value


def test_deep_nesting_is_refused_and_fast() -> None:
    """A style that loops by depth must end neither the process nor the day."""
    parse_layers([fill(nested(DEEPEST - 1))], id="test", title=TITLE, collection="plots")
    deep = '[{"id":"a","type":"fill","paint":{"fill-color":' + "[" * 100_000 + "]" * 100_000 + "}}]"
    with at_most_cpu(2):
        assert refused(fill(nested(DEEPEST + 1))).path.startswith(COLOUR)
        assert refused(fill(nested(400))).path.startswith(COLOUR)
        with pytest.raises(StyleError):
            parse_text(deep, id="test", title=TITLE, collection="plots")


def test_a_style_of_ten_megabytes_is_refused_unread() -> None:
    body = json.dumps([fill("#000000") | {"id": f"l{at}"} for at in range(160_000)])
    assert len(body) > 10_000_000
    with at_most_cpu(0.2), pytest.raises(StyleError) as caught:
        parse_text(body, id="test", title=TITLE, collection="plots")
    assert str(MOST_BYTES // 1024) in caught.value.text.vi


def test_bounds_on_numbers_of_parts() -> None:
    pairs = [part for at in range(MOST_NODES) for part in (f"k{at}", "#000000")]
    assert refused(fill(["match", GET, *pairs, "#000000"])).path == COLOUR
    assert refused([fill("#000000") | {"id": f"l{at}"} for at in range(MOST_LAYERS + 1)]).path == "layers"
    assert refused([]).path == "layers"
    assert refused(symbol(text_field="a" * 501)).path == "layers[0].layout.text-field"


@pytest.mark.parametrize(
    "text", ["", "{", "null", "7", '"fill"', '{"layers": 7}', '{"version": 8}', "NaN", b"\xff\xfe"]
)
def test_what_is_no_style_is_refused(text: str | bytes) -> None:
    with pytest.raises(StyleError):
        parse_text(text, id="test", title=TITLE, collection="plots")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["get", "zoom", "match", "step", "interpolate", "case", "literal", "kind", "#000000"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(ANYTHING, st.sampled_from([(t, name) for t, named in PROPERTIES.items() for name in named]))
def test_whatever_is_sent_is_taken_or_refused(value: Any, where: tuple[Any, str]) -> None:
    """Never another exception: that would be a fault of ours in the face of whoever saves a style."""
    type, name = where
    group = PROPERTIES[type][name].group
    for members in ({"filter": value}, {group: {name: value}}):
        with suppress(StyleError):
            parse_layers([layer(type, **members)], id="test", title=TITLE, collection="plots")


@settings(max_examples=200, deadline=None)
@given(random.colours(), random.conditions(2))
def test_a_style_survives_being_written_and_read(colour: Any, condition: Any) -> None:
    """What the style document says is again of the subset, and paints the same."""
    written = written_layers([layer(filter=condition, paint={"fill-color": colour})])
    again = written_layers(
        [{key: value for key, value in each.items() if key != "source"} for each in written]
    )
    assert again[0]["paint"] == written[0]["paint"]


def written_layers(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return layers_json(parse_layers(layers, id="test", title=TITLE, collection="plots"), {"plots": "plots"})
