"""Classes of features are all features, each in one, and what is drawn of a class is drawn of each of its features."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gis_core.styles import parse_layers
from gis_core.styles.evaluation import evaluate
from gis_core.styles.nodes import Compare, Expr
from gis_core.words import Text
from tests.gis_core.styles import expressions as random
from tilesrv.styles.classes import Cell, Class
from tilesrv.styles.looks import Looks


def style_layer(colour: Any, width: Any, test: Any) -> Any:
    """A line in colours that are chosen, not mixed, since a curve becomes steps."""
    given = {"id": "x", "type": "line", "filter": test, "paint": {"line-color": colour, "line-width": width}}
    (layer,) = parse_layers([given], id="test", title=Text("x", "x"), collection="p").layers
    return layer


def lies_in(value: Any, cell: Cell) -> bool:
    match cell.kind:
        case "null":
            return value is None
        case "value":
            return type(value) is type(cell.value) and bool(value == cell.value)
        case "between":
            if value is None:
                return False
            above = cell.low is None or (value > cell.low if cell.after else value >= cell.low)
            return above and (cell.high is None or value < cell.high)
    return value is not None


def belongs(row: dict[str, Any], each: Class) -> bool:
    return all(
        any(lies_in(asked(part.input, row), cell) for cell in part.cells)
        and not any(
            lies_in(asked(part.input, row), cell) for cell in part.absent if cell.kind in ("value", "null")
        )
        for part in each.where
    )


def asked(expr: Expr, row: dict[str, Any]) -> Any:
    value = evaluate(expr, row)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


CHOSEN = st.sampled_from(("#cc2222", "#2255cc", "#00ff00"))
COLOURS = (
    random.matches(CHOSEN)
    | random.steps(CHOSEN)
    | st.tuples(st.just("case"), random.conditions(1), CHOSEN, CHOSEN).map(list)
)
WIDTHS = random.matches(st.sampled_from((1, 2, 3))) | st.just(2)


@settings(max_examples=300, deadline=None)
@given(COLOURS, WIDTHS, random.conditions(1), random.rows())
def test_each_feature_is_in_one_class_and_looks_like_it(
    colour: Any, width: Any, test: Any, row: dict[str, Any]
) -> None:
    layer = style_layer(colour, width, test)
    found = Looks(layer, 15, random.FIELDS, "LineString").classes()
    own = [each for each in found if belongs(row, each)]
    assert len(own) == 1, f"{row} is in {len(own)} of {len(found)} classes"
    if evaluate(layer.filter, row) is not True:
        assert own[0].look is None
        return
    look = dict(own[0].look)  # type: ignore[call-overload]
    wanted = evaluate(layer.get("line-color"), row)
    assert look["line-color"] == ("#000000" if wanted is None else wanted)
    width_wanted = evaluate(layer.get("line-width"), row)
    assert look["line-width"] == (1.0 if width_wanted is None else width_wanted)


def test_what_looks_alike_is_one_class() -> None:
    layer = style_layer(
        ["match", ["get", "kind"], "a", "#cc2222", "b", "#cc2222", "#000000"], 2, ["has", "n"]
    )
    found = Looks(layer, 15, random.FIELDS, "LineString").classes()
    drawn = [each for each in found if each.look is not None]
    assert len(drawn) == 2
    named = {
        cell.value for each in drawn for part in each.where for cell in part.cells if cell.kind == "value"
    }
    assert {"a", "b"} <= named
    assert not any(isinstance(part.input, Compare) for each in drawn for part in each.where)
