"""Classes of features as OGC filters (Filter Encoding 1.1, 04-095), which every SLD reader knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from gis_core.styles.nodes import (
    Arithmetic,
    Compare,
    Concat,
    Expr,
    Get,
    Literal,
    Scalar,
    ToNumber,
    ToString,
    fields_in,
)
from tilesrv.styles.classes import Cell, Class, Part
from tilesrv.styles.words import written_number

OGC = "http://www.opengis.net/ogc"
ARITHMETIC = {"+": "Add", "-": "Sub", "*": "Mul", "/": "Div"}
COMPARISONS = {
    "==": "PropertyIsEqualTo",
    "!=": "PropertyIsNotEqualTo",
    "<": "PropertyIsLessThan",
    "<=": "PropertyIsLessThanOrEqualTo",
    ">": "PropertyIsGreaterThan",
    ">=": "PropertyIsGreaterThanOrEqualTo",
}


def class_filter(found: Class) -> Element | None:
    """``ogc:Filter`` of the features of a class; None where these are all."""
    if not found.where:
        return None
    tests = [part_test(part) for part in found.where]
    made = element("Filter")
    made.append(joined("And", tests))
    return made


def element(name: str, children: Iterable[Element] = (), text: str | None = None) -> Element:
    made = Element(f"{{{OGC}}}{name}")
    made.extend(children)
    made.text = text
    return made


def joined(word: str, tests: Sequence[Element]) -> Element:
    return tests[0] if len(tests) == 1 else element(word, tests)


def part_test(part: Part) -> Element:
    """That an input lies in one of the part's cells; nulls are told apart from everything else."""
    asked = part.input
    if isinstance(asked, Compare):
        return comparison(asked, part.cells[0].value is True)
    tests = [is_null(asked)] if any(cell.kind == "null" for cell in part.cells) else []
    if any(cell.kind == "other" for cell in part.cells):
        unlike = [compared("!=", asked, cell.value) for cell in part.absent if cell.kind == "value"]
        tests.append(joined("And", unlike or [element("Not", [is_null(asked)])]))
    else:
        rest = [cell for cell in part.cells if cell.kind != "null"]
        tests += [
            compared("==", asked, cell.value) if cell.kind == "value" else between(asked, cell)
            for cell in merged(rest)
        ]
    return joined("Or", tests)


def merged(cells: Sequence[Cell]) -> list[Cell]:
    """Intervals and values of numbers that touch each other, as one interval where that is one."""
    found: list[Cell] = []
    for cell in cells:
        before = found[-1] if found else None
        if (
            before is not None
            and before.kind == cell.kind == "between"
            and before.high == cell.low
            and not cell.after
        ):
            found[-1] = Cell("between", low=before.low, high=cell.high, after=before.after)
        elif (
            before is not None
            and before.kind == "value"
            and cell.kind == "between"
            and before.value == cell.low
        ):
            found[-1] = Cell("between", low=cell.low, high=cell.high)
        else:
            found.append(cell)
    return found


def comparison(asked: Compare, holds: bool) -> Element:
    """A comparison of two things of a feature, or that it does not hold (a null among them too)."""
    test = element(COMPARISONS[asked.operator], [operand(asked.left), operand(asked.right)])
    if holds:
        return test
    return element("Or", [is_null(asked.left), is_null(asked.right), element("Not", [test])])


def is_null(asked: Expr) -> Element:
    """That what is asked for is null: that one of its fields is."""
    fields = [element("PropertyIsNull", [operand(Get(name))]) for name in sorted(fields_in(asked))]
    return joined("Or", fields)


def compared(sign: str, asked: Expr, value: Scalar) -> Element:
    if isinstance(value, bool):
        # As the word and as the bit: readers that ask a database know one of them, those that ask themselves the other.
        words = [operand(Literal(value)), element("Literal", text=str(int(value)))]
        return joined("Or", [element(COMPARISONS[sign], [operand(asked), word]) for word in words])
    return element(COMPARISONS[sign], [operand(asked), operand(Literal(value))])


def between(asked: Expr, cell: Cell) -> Element:
    tests = []
    if cell.low is not None:
        tests.append(compared(">" if cell.after else ">=", asked, cell.low))
    if cell.high is not None:
        tests.append(compared("<", asked, cell.high))
    return joined("And", tests) if tests else element("Not", [is_null(asked)])


def operand(expr: Expr) -> Element:
    """``expr`` as an expression of the standard; what it computes stands as a function of that name."""
    match expr:
        case Get(name):
            return element("PropertyName", text=name)
        case Literal(value):
            return element("Literal", text=literal_text(value))  # type: ignore[arg-type]
        case Arithmetic(sign, left, right):
            return element(ARITHMETIC[sign], [operand(left), operand(right)])
        case ToString(term) | ToNumber(term, _):
            return operand(term)
        case Concat(terms):
            made = element("Function", [operand(term) for term in terms])
            made.set("name", "concat")
            return made
    raise ValueError(f"{type(expr).__name__} is no operand of a filter")


def literal_text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return written_number(value) if isinstance(value, float) else str(value or "")
