"""Expressions of a style in QGIS's language: what Debian's QGIS 3.22 makes of them is what the style means."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from gis_core.styles.evaluation import evaluate
from gis_core.styles.nodes import Expr
from tests.clients.installed_qgis import said_by_qgis
from tests.gis_core.styles import expressions as random
from tests.gis_core.styles.test_evaluation import KINDS, parsed, same
from tests.gis_core.styles.test_folding import curves
from tilesrv.styles.qgis_expression import QgisWriter
from tilesrv.styles.scales import QGIS_SCALE_0

FULL = os.environ.get("HUONG_TEST_FULL") == "1"
ZOOM = 12.5
ANY_OF = {**{kind: strategy for kind, (_, strategy) in KINDS.items()}, "zoomed": curves(random.numbers(2))}


def written(kind: str, expr: Expr) -> str:
    writer = QgisWriter(random.FIELDS, "Polygon")
    if kind == "boolean":
        return writer.sure(expr)
    return writer.colour(expr) if kind == "colour" else writer.value(expr)


def css(value: Any) -> Any:
    """A colour of QGIS, ``r,g,b,a``, as a style writes it."""
    if value is None:
        return None
    red, green, blue, alpha = value.split(",")
    return f"rgba({red},{green},{blue},{int(alpha) / 255:.4f})"


def drawn(kind: str) -> list[tuple[Expr, list[dict[str, Any]]]]:
    """Random expressions with rows, the same in every run."""
    found: list[tuple[Expr, list[dict[str, Any]]]] = []
    count = 1500 if FULL else 120

    @seed(20250701)
    @settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ANY_OF[kind], st.lists(random.rows(), min_size=3, max_size=6))
    def collect(expression: Any, rows: list[dict[str, Any]]) -> None:
        found.append((parsed("number" if kind == "zoomed" else kind, expression), rows))

    collect()
    return found


@pytest.mark.parametrize("kind", ANY_OF)
def test_qgis_computes_what_the_style_means(kind: str) -> None:
    """Fails where a planner's map in QGIS would be classed, sized or named otherwise than the city's."""
    asked = drawn(kind)
    questions = [
        {"text": written(kind, expr), "rows": rows, "scale": QGIS_SCALE_0 / 2**ZOOM} for expr, rows in asked
    ]
    answers = said_by_qgis(
        "same_picture/qgis_evaluate.py",
        typed=json.dumps({"fields": random.FIELDS, "questions": questions}),
        patience_s=600,
    )
    for (expr, rows), question, answer in zip(asked, questions, answers, strict=True):
        assert not answer["error"], f"{answer['error']}: {question['text']}"
        for row, value in zip(rows, answer["values"], strict=True):
            wanted = evaluate(expr, row, zoom=ZOOM)
            if kind == "boolean":
                value, wanted = bool(value), wanted is True
            if kind == "colour":
                value = css(value)
            close = (
                kind == "zoomed"
                and value is not None
                and wanted is not None
                and value == pytest.approx(wanted, rel=1e-6)
            )
            assert close or same("number" if kind == "zoomed" else kind, value, wanted), (
                f"QGIS {value!r}, here {wanted!r}: {question['text']} with {row}"
            )
