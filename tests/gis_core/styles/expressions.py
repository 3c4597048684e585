"""Random expressions of the subset, as JSON, and rows for them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gis_core.layer import FieldType

FIELDS: dict[str, FieldType] = {
    "kind": "text",
    "name": "text",
    "n": "number",
    "m": "number",
    "count": "integer",
    "flag": "boolean",
}
KINDS = ("a", "b", "it's", "Đường", "", "10", "A", "x\\y", 'say "hi"', "@map-water", "!bbox!")
# Numbers that decimal fractions hold exactly enough for both sides to write them alike.
NUMBERS = st.sampled_from((-3.0, -1.0, 0.0, 0.5, 1.0, 2.0, 5.0, 7.25, 10.0, 12.0, 100.0))
TEXTS = st.sampled_from(KINDS)


def rows() -> st.SearchStrategy[dict[str, Any]]:
    """A feature's properties; a null has no key."""
    values = {
        "kind": TEXTS,
        "name": st.sampled_from(("Huế", "3.5", " 12 ", "-1e2", "abc", "", "1_000", "nan")),
        "n": NUMBERS,
        "m": NUMBERS,
        "count": st.sampled_from((0, 1, 2, 7, 250)),
        "flag": st.booleans(),
    }
    whole = st.fixed_dictionaries({}, optional=values)
    return whole.map(lambda row: {name: value for name, value in row.items() if value is not None})


def wild_rows() -> st.SearchStrategy[dict[str, Any]]:
    """Properties that no city has and a file may: at the ends of what their types hold, and beyond what a double does.

    ``exact`` is a numeric, which has no ends.
    """
    doubles = (
        0.0,
        1.0,
        -1e50,
        1e100,
        -1e101,
        1.7976931348623157e308,
        -1e300,
        5e-324,
        -1e-100,
        1e-101,
        2e-308,
    )
    numbers = st.sampled_from((*doubles, "NaN", "Infinity", "-Infinity"))
    texts = (
        "1e79",
        "-1e-79",
        "1e80",
        "1e999",
        "-1e-999",
        "9" * 20,
        "9" * 400,
        "0." + "0" * 19 + "1e-79",
        "1e",
        "",
    )
    values = {
        "kind": st.sampled_from((*KINDS, *texts)),
        "name": st.sampled_from(texts),
        "n": numbers,
        "m": numbers,
        "exact": st.sampled_from((0, "1e400", "-1e400", "1e-400", "1e308", "1e99", "NaN", "0.1")),
        "count": st.sampled_from((0, -1, 2**63 - 1, -(2**63))),
        "flag": st.booleans(),
    }
    return st.fixed_dictionaries({}, optional=values)


def wild_numbers(depth: int) -> st.SearchStrategy[Any]:
    """Calculations of every kind with them, as deep as they go, divisions by what may be nothing among them."""
    leaf = got("n", "m", "exact", "count") | st.sampled_from((0, 1, -3.5, 9e14, -9e14, 1e-300, 5e-324))
    if depth == 0:
        return leaf
    inner = wild_numbers(depth - 1)
    return st.one_of(
        leaf,
        st.tuples(st.sampled_from("+-*/"), inner, inner).map(list),
        st.tuples(st.sampled_from("*/"), inner, inner).map(list),
        st.tuples(st.just("to-number"), got("kind", "name") | inner, st.sampled_from((0, -1e14))).map(list),
        st.tuples(st.just("coalesce"), inner, inner).map(list),
        st.builds(
            lambda test, one, other: ["case", test, one, other],
            st.tuples(st.sampled_from(("<", ">=", "==", "!=")), inner, inner).map(list),
            inner,
            inner,
        ),
        st.builds(lambda asked, rest: ["interpolate", ["linear"], asked, *rest], inner, stops(inner)),
        st.builds(lambda asked, first, rest: ["step", asked, first, *rest], inner, inner, stops(inner)),
    )


def got(*names: str) -> st.SearchStrategy[Any]:
    return st.sampled_from([["get", name] for name in names])


NUMERIC = got("n", "m", "count")
TEXTUAL = got("kind", "name")


def numbers(depth: int) -> st.SearchStrategy[Any]:
    """Expressions whose result is a number or null."""
    if depth == 0:
        return NUMERIC | NUMBERS
    inner, test = numbers(depth - 1), conditions(depth - 1)
    return st.one_of(
        NUMERIC,
        NUMBERS,
        st.tuples(st.sampled_from("+-*"), inner, inner).map(list),
        st.tuples(st.just("/"), inner, NUMBERS.filter(bool)).map(list),
        st.tuples(st.just("coalesce"), NUMERIC, inner).map(list),
        st.tuples(st.just("to-number"), TEXTUAL | NUMERIC | got("flag"), NUMBERS).map(list),
        st.tuples(st.just("case"), test, inner, inner).map(list),
        matches(inner),
        steps(inner),
        curves(NUMBERS),
    )


def texts(depth: int) -> st.SearchStrategy[Any]:
    """Expressions whose result is a text or null."""
    if depth == 0:
        return TEXTUAL | TEXTS
    inner, test = texts(depth - 1), conditions(depth - 1)
    return st.one_of(
        TEXTUAL,
        TEXTS,
        # Of fields alone: a choice whose result is null within a text is nothing that a style needs.
        st.tuples(st.just("concat"), texts(0), texts(0) | NUMERIC, texts(0)).map(list),
        st.tuples(st.just("to-string"), NUMERIC | TEXTUAL | got("flag")).map(list),
        st.tuples(st.just("coalesce"), TEXTUAL, inner).map(list),
        st.tuples(st.just("case"), test, inner, inner).map(list),
        matches(inner),
        steps(inner),
    )


def colours() -> st.SearchStrategy[Any]:
    """Expressions whose result is a colour."""
    colour = st.sampled_from(("#cc2222", "#2255cc", "rgba(34,170,51,0.5)", "transparent"))
    return st.one_of(
        colour,
        matches(colour),
        steps(colour),
        curves(colour),
        st.tuples(st.just("case"), conditions(1), colour, colour).map(list),
    )


def conditions(depth: int) -> st.SearchStrategy[Any]:
    """Expressions that are true or false."""
    has = st.sampled_from([["has", name] for name in FIELDS])
    plain = st.one_of(
        has,
        st.tuples(st.sampled_from(("==", "!=")), TEXTUAL, TEXTS).map(list),
        st.tuples(st.sampled_from(("==", "!=")), NUMERIC, NUMBERS).map(list),
        st.tuples(st.sampled_from(("==", "!=")), got("flag"), st.booleans()).map(list),
        st.tuples(st.sampled_from(("<", "<=", ">", ">=")), NUMERIC, NUMBERS).map(list),
        st.tuples(st.sampled_from(("<", ">=")), NUMERIC, NUMERIC).map(list),
        st.tuples(st.sampled_from(("<", ">")), got("kind"), TEXTS).map(list),
        st.tuples(st.just("in"), TEXTUAL, labels(TEXTS)).map(list),
        st.tuples(st.just("in"), NUMERIC, labels(NUMBERS)).map(list),
    )
    if depth == 0:
        return plain
    inner = conditions(depth - 1)
    return st.one_of(
        plain,
        st.tuples(st.sampled_from(("all", "any")), inner, inner).map(list),
        inner.map(lambda test: ["!", test]),
    )


def labels(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values, min_size=1, max_size=4, unique=True).map(lambda found: ["literal", found])


def matches(outputs: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def made(asked: Any, named: list[Any], given: list[Any], rest: Any) -> list[Any]:
        pairs = [part for pair in zip(named, given, strict=False) for part in pair]
        return ["match", asked, *pairs, rest]

    three = st.lists(outputs, min_size=3, max_size=3)
    by_text = st.builds(made, TEXTUAL, st.lists(TEXTS, min_size=1, max_size=3, unique=True), three, outputs)
    whole = st.sampled_from((0, 1, 2, 5, 10, 12))
    by_number = st.builds(made, NUMERIC, st.lists(whole, min_size=1, max_size=3, unique=True), three, outputs)
    return by_text | by_number


def stops(outputs: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    at = st.lists(st.sampled_from((-2, 0, 1, 4, 7.25, 10, 50)), min_size=2, max_size=4, unique=True).map(
        sorted
    )
    four = st.lists(outputs, min_size=4, max_size=4)
    return st.tuples(at, four).map(lambda both: [part for pair in zip(*both, strict=False) for part in pair])


def steps(outputs: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda asked, first, rest: ["step", asked, first, *rest], NUMERIC, outputs, stops(outputs)
    )


def curves(outputs: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    way = st.sampled_from((["linear"], ["exponential", 1.5], ["exponential", 0.5]))
    return st.builds(
        lambda how, asked, rest: ["interpolate", how, asked, *rest], way, NUMERIC, stops(outputs)
    )
