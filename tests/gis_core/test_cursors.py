"""Cursors come back from outside: whatever they hold ends as a refusal."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from gis_core.layer import Field
from gis_core.problems import Problem
from gis_core.query import Position, Sort
from gis_core.words import Text

STATE = Sort(Field(name="state", label=Text("Trạng thái", "State"), type="text", sortable=True))


def token_of(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("value", ["Huế", "", None, "😀", "'; drop table x; --"])
def test_a_cursor_that_we_made_is_taken(value: str | None) -> None:
    position = Position(7, value)
    assert Position.from_token(position.token(STATE), STATE) == position


@pytest.mark.parametrize(
    "forged",
    [[1, "\ud800", "state"], [1, "a\udfffb", "state"], [1, "\x00", "state"], [-1, "a", "state"], [2**63, "a", "state"],
     [True, "a", "state"], [1, 5, "state"], [1, "a", "-state"], [1, "a"], "abc", {"a": 1}, None],
)  # fmt: skip
def test_a_forged_cursor_is_refused(forged: object) -> None:
    """Half a surrogate pair, which JSON can escape and UTF-8 cannot say, was an internal fault."""
    with pytest.raises(Problem) as refusal:
        Position.from_token(token_of(forged), STATE)
    assert refusal.value.status == 400 and refusal.value.code == "bad-cursor"
