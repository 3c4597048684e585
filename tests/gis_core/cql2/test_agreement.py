"""Text, JSON and a plain evaluation in Python agree on generated filters, with SQL's three truth values."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis_core.cql2 import compile_json, compile_text
from tests.gis_core.cql2.conftest import QUERYABLES, ROWS, Find

Row = dict[str, Any]
Truth = bool | None


class Generated(NamedTuple):
    text: str
    json: Any
    holds: Callable[[Row], Truth]


def rows() -> list[Row]:
    names = ("fid", "name", "code", "pop", "area", "price", "flag", "built", "renovated")
    listed = [dict(zip(names, row, strict=False)) for row in ROWS]
    for row in listed:
        row["price"] = None if row["price"] is None else Decimal(row["price"])
        for key in ("built", "renovated"):
            row[key] = None if row[key] is None else dt.date.fromisoformat(row[key])
    return listed


PYTHON_ROWS = rows()
# U+0000 and lone surrogates are refused; the rest of Unicode must come through both encodings unharmed.
CATEGORIES: tuple[Any, ...] = ("L", "M", "N", "P", "S", "Z", "Cc", "Co", "Cn")
texts = st.one_of(
    st.sampled_from([r[i] for r in ROWS for i in (1, 2) if r[i] is not None]),
    st.text(
        st.characters(exclude_characters="\0", categories=CATEGORIES),
        max_size=8,
    ),
)
numbers = st.one_of(
    st.sampled_from([r[3] for r in ROWS if r[3] is not None]),
    st.integers(-(2**65), 2**65),
    st.decimals(-1000, 1000, places=3),
)
dates = st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)) | st.sampled_from(
    [dt.date.fromisoformat(r[7]) for r in ROWS if r[7] is not None]
)


def text_literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def as_json(value: Any) -> Any:
    match value:
        case dt.date():
            return {"date": value.isoformat()}
        case Decimal():
            return value
    return value


def as_text(value: Any) -> str:
    match value:
        case bool():
            return str(value).upper()
        case str():
            return text_literal(value)
        case dt.date():
            return f"DATE('{value.isoformat()}')"
        case Decimal():
            return format(value, "f")
    return str(value)


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def normal(value: Any) -> Any:
    """As C.UTF-8 orders it: by bytes."""
    return value.encode() if isinstance(value, str) else value


def nfc(value: Any) -> Any:
    """As the filter takes its literals; the rows' own text stays as stored."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


@st.composite
def comparisons(draw: st.DrawFn) -> Generated:
    name, values = draw(
        st.sampled_from(
            [("name", texts), ("code", texts), ("pop", numbers), ("price", numbers), ("built", dates)]
        )
    )
    operator, literal = draw(st.sampled_from(sorted(OPERATORS))), draw(values)
    mirrored = draw(st.booleans())
    compare = OPERATORS[operator]

    def holds(row: Row) -> Truth:
        if row[name] is None:
            return None
        pair = normal(row[name]), normal(nfc(literal))
        return compare(*(pair[::-1] if mirrored else pair))

    sides = [name, as_text(literal)]
    args = [{"property": name}, as_json(literal)]
    if mirrored:
        sides, args = sides[::-1], args[::-1]
    return Generated(f"{sides[0]} {operator} {sides[1]}", {"op": operator, "args": args}, holds)


@st.composite
def memberships(draw: st.DrawFn) -> Generated:
    name, values = draw(st.sampled_from([("name", texts), ("pop", numbers), ("built", dates)]))
    items = draw(st.lists(values, min_size=1, max_size=5))
    wanted = {normal(nfc(item)) for item in items}
    return Generated(
        f"{name} IN ({', '.join(map(as_text, items))})",
        {"op": "in", "args": [{"property": name}, [as_json(item) for item in items]]},
        lambda row: None if row[name] is None else normal(row[name]) in wanted,
    )


@st.composite
def ranges(draw: st.DrawFn) -> Generated:
    name, values = draw(st.sampled_from([("pop", numbers), ("price", numbers), ("built", dates)]))
    low, high = draw(values), draw(values)
    return Generated(
        f"{name} BETWEEN {as_text(low)} AND {as_text(high)}",
        {"op": "between", "args": [{"property": name}, as_json(low), as_json(high)]},
        lambda row: None if row[name] is None else low <= row[name] <= high,
    )


nulls = st.sampled_from(["name", "pop", "flag", "built", "renovated"]).map(
    lambda name: Generated(
        f"{name} IS NULL", {"op": "isNull", "args": [{"property": name}]}, lambda row: row[name] is None
    )
)
booleans = st.just(Generated("flag", {"property": "flag"}, lambda row: row["flag"]))
constants = st.booleans().map(lambda value: Generated(str(value).lower(), value, lambda row: value))


def negated(term: Generated) -> Generated:
    def holds(row: Row) -> Truth:
        value = term.holds(row)
        return None if value is None else not value

    return Generated(f"NOT ({term.text})", {"op": "not", "args": [term.json]}, holds)


def joined(operator: str) -> Callable[[list[Generated]], Generated]:
    decisive = operator == "or"

    def build(terms: list[Generated]) -> Generated:
        def holds(row: Row) -> Truth:
            values = [term.holds(row) for term in terms]
            return decisive if decisive in values else (None if None in values else not decisive)

        text = f" {operator} ".join(f"({term.text})" for term in terms)
        return Generated(text, {"op": operator, "args": [term.json for term in terms]}, holds)

    return build


filters = st.recursive(
    st.one_of(comparisons(), memberships(), ranges(), nulls, booleans, constants),
    lambda inner: st.one_of(
        inner.map(negated),
        st.lists(inner, min_size=2, max_size=3).map(joined("and")),
        st.lists(inner, min_size=2, max_size=3).map(joined("or")),
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters)
def test_text_json_and_python_agree(find: Find, generated: Generated) -> None:
    expected = {row["fid"] for row in PYTHON_ROWS if generated.holds(row) is True}
    assert find(compile_text(generated.text, QUERYABLES)) == expected
    assert find(compile_json(generated.json, QUERYABLES)) == expected


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_double_is_compared_as_itself(find: Find, value: float) -> None:
    """Text carries the shortest digits, JSON the double: both are the same number to a double precision column."""
    expected = {row["fid"] for row in PYTHON_ROWS if row["area"] is not None and row["area"] <= value}
    assert math.isfinite(value)
    assert find(compile_text(f"area <= {value!r}", QUERYABLES)) == expected
    assert find(compile_json({"op": "<=", "args": [{"property": "area"}, value]}, QUERYABLES)) == expected
