"""Folding to a zoom: what is left means the same, and no zoom is left in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_core.styles.evaluation import evaluate
from gis_core.styles.folding import METRES_PER_PX_AT_0, fold, is_constant, settle, zoom_of
from gis_core.styles.nodes import Case, Compare, Get, Literal, Zoom, walk
from gis_core.styles.properties import Property
from gis_core.styles.reader import read_property
from tests.gis_core.styles import expressions as random
from tests.gis_core.styles.test_evaluation import same

NUMBER = Property(group="paint", kind="number", default=1.0, feature=True, low=-1e9, high=1e9)
ZOOMS = st.floats(0, 22, allow_nan=False) | st.sampled_from((0.0, 9.0, 12.0, 14.0, 22.0))


def curves(outputs: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Curves and steps over the zoom."""
    at = st.lists(st.sampled_from((4, 9, 12, 14, 18)), min_size=2, max_size=4, unique=True).map(sorted)
    four = st.lists(outputs, min_size=4, max_size=4)
    stops = st.tuples(at, four).map(lambda both: [part for pair in zip(*both, strict=False) for part in pair])
    way = st.sampled_from((["linear"], ["exponential", 1.6]))
    step = st.builds(lambda first, rest: ["step", ["zoom"], first, *rest], outputs, stops)
    return step | st.builds(lambda how, rest: ["interpolate", how, ["zoom"], *rest], way, stops)


@settings(max_examples=300, deadline=None)
@given(curves(random.numbers(2)), random.rows(), ZOOMS)
def test_folding_changes_no_value(expression: Any, row: dict[str, Any], zoom: float) -> None:
    expr = read_property(expression, NUMBER, "test")
    folded = fold(expr, zoom)
    assert not any(isinstance(node, Zoom) for node in walk(folded))
    assert same("number", evaluate(folded, row), evaluate(expr, row, zoom=zoom))


@settings(max_examples=300, deadline=None)
@given(random.numbers(3), random.rows())
def test_settling_changes_no_value(expression: Any, row: dict[str, Any]) -> None:
    expr = read_property(expression, NUMBER, "test")
    settled = settle(expr)
    assert same("number", evaluate(settled, row), evaluate(expr, row))
    assert is_constant(settled) == isinstance(settled, Literal)


def test_what_no_feature_changes_is_a_literal() -> None:
    expr = read_property(["interpolate", ["linear"], ["zoom"], 10, 2, 14, ["+", 2, 4]], NUMBER, "test")
    assert fold(expr, 12) == Literal(4.0)


def test_what_was_not_chosen_is_gone() -> None:
    """A reader without a field must not be told what it is compared with."""
    hidden = Compare("==", Literal(None), Literal("secret"))
    expr = Case(((hidden, Literal(1.0)),), Get("n"))
    assert settle(expr) == Get("n")


@pytest.mark.parametrize("zoom", [0.0, 7.5, 22.0])
def test_zooms_and_metres(zoom: float) -> None:
    assert zoom_of(METRES_PER_PX_AT_0 / 2**zoom) == pytest.approx(zoom)
