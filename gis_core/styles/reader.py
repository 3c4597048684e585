"""Reads one property's value or one filter from JSON; refuses with the path of the fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import log10
from typing import Any, NoReturn

from gis_core.layer import NAME
from gis_core.styles.colours import Colour
from gis_core.styles.errors import StyleError
from gis_core.styles.nodes import (
    Arithmetic,
    Case,
    Coalesce,
    Compare,
    Concat,
    Expr,
    GeometryKind,
    Get,
    Has,
    In,
    Interpolate,
    Literal,
    Logic,
    Match,
    Not,
    Step,
    ToNumber,
    ToString,
    Zoom,
    walk,
)
from gis_core.styles.properties import Property

MOST_NODES = 2_000  # of one property or filter; the longest code list at hand has 90 values
DEEPEST = 16
LONGEST_TEXT = 500
LARGEST = 1e15
# Powers of ten between two stops of a curve: a double, in which everything is computed, has 308, of 16 digits each.
FLATTEST, STEEPEST = 1e-12, 100.0
IMAGE = re.compile(r"[a-z][a-z0-9-]{0,63}")  # a name of our sprite: no path, no address
FONT = re.compile(r"[A-Za-z0-9 ]{1,64}")


def refuse(path: str, vi: str, en: str) -> NoReturn:
    raise StyleError(path, vi, en)


def read_property(json: Any, given: Property, path: str) -> Expr:
    """The value of a property whose rules are ``given``; StyleError where it breaks them."""
    expr = Reader(given).read(json, path)
    _check_use(expr, given.feature, given.zoom, path)
    return expr


def read_filter(json: Any, path: str) -> Expr:
    """A filter, which is an expression that is true or false; StyleError otherwise."""
    expr = Reader(None).read(json, path)
    if not isinstance(expr, Compare | Logic | Not | In | Has | Literal) or (
        isinstance(expr, Literal) and not isinstance(expr.value, bool)
    ):
        refuse(path, "bộ lọc phải cho kết quả đúng hoặc sai", "a filter must be true or false")
    _check_use(expr, feature=True, zoom=False, path=path)
    return expr


def _check_use(expr: Expr, feature: bool, zoom: bool, path: str) -> None:
    nodes = list(walk(expr))
    if len(nodes) > MOST_NODES:
        refuse(
            path, f"biểu thức có hơn {MOST_NODES} phần", f"the expression has more than {MOST_NODES} parts"
        )
    if not feature and any(isinstance(node, Get | Has | GeometryKind) for node in nodes):
        refuse(path, "giá trị này không thể khác nhau theo đối tượng", "this cannot differ by feature")
    curves = [node for node in nodes if isinstance(node, Step | Interpolate) and node.input == Zoom()]
    if curves and not zoom:
        refuse(path, "giá trị này không thể đổi theo mức thu phóng", "this cannot change with the zoom")
    if len([node for node in nodes if node == Zoom()]) > len(curves) or (curves and curves != [expr]):
        refuse(
            path,
            '["zoom"] chỉ được là đầu vào của “step” hoặc “interpolate” ngoài cùng',
            '["zoom"] may only be the input of the outermost "step" or "interpolate"',
        )


class Reader:
    """Reads expressions whose results must suit one property; with None, any result (conditions, inputs)."""

    def __init__(self, given: Property | None) -> None:
        self._given = given

    def read(self, json: Any, path: str, depth: int = 0) -> Expr:
        if depth > DEEPEST:
            refuse(path, f"lồng nhau quá {DEEPEST} tầng", f"nested more than {DEEPEST} deep")
        if isinstance(json, list) and json and isinstance(json[0], str) and json[0] in OPERATORS:
            return OPERATORS[json[0]](self, json, path, depth + 1)
        if isinstance(json, dict):
            refuse(
                path,
                "không nhận hàm kiểu cũ (đối tượng)",
                "functions of the old form (objects) are not taken",
            )
        if isinstance(json, list) and not (self._given and self._given.kind in ("numbers", "fonts")):
            word = str(json[0])[:40] if json else ""
            refuse(path, f"không có phép “{word}” trong tập con", f'the subset has no operator "{word}"')
        return Literal(self.result(json, path))

    def result(self, json: Any, path: str) -> Any:
        """A value as the property takes it; StyleError if it is not of its kind or beyond its bounds."""
        given = self._given
        if given is None:
            return scalar(json, path)
        return CHECKS[given.kind](json, given, path)

    def free(self, json: Any, path: str, depth: int) -> Expr:
        """A condition or an input: its own result is not the property's."""
        return Reader(None).read(json, path, depth)


def scalar(json: Any, path: str) -> str | float | bool | None:
    """A text, number, truth value or null of reasonable size."""
    if json is None or isinstance(json, bool):
        return json
    if isinstance(json, int | float) and abs(json) < LARGEST:
        return float(json)
    if isinstance(json, str) and len(json) <= LONGEST_TEXT and "\x00" not in json:
        return json
    refuse(path, "giá trị không hợp lệ hoặc quá dài", "not a value that is taken, or too long")


def is_moderate(json: Any) -> bool:
    """Whether a value of JSON is a number of a reasonable size: Python reads NaN, Infinity and 1e999 there too."""
    return not isinstance(json, bool) and isinstance(json, int | float) and abs(json) < LARGEST


def label(json: Any, path: str) -> str | float:
    """A value that a ``match`` or an ``in`` names."""
    value = scalar(json, path)
    if isinstance(value, bool) or value is None:
        refuse(path, "nhãn phải là chữ hoặc số", "a label must be a text or a number")
    return value


# Kinds of result --------------------------------------------------------------------------------------------------


def _colour(json: Any, given: Property, path: str) -> str:
    try:
        if not isinstance(json, str) or len(json) > 60:
            raise ValueError
        Colour.parse(json)
    except ValueError:
        said = str(json)[:40]
        refuse(
            path,
            f"“{said}” không phải màu (#rrggbb, rgb(), rgba() hoặc @tên của bảng màu)",
            f'"{said}" is no colour (#rrggbb, rgb(), rgba() or @name of the palette)',
        )
    return json


def _number(json: Any, given: Property, path: str) -> float:
    if isinstance(json, bool) or not isinstance(json, int | float) or not given.low <= json <= given.high:
        bounds = f"{given.low:g} – {given.high:g}"
        refuse(path, f"phải là một số trong khoảng {bounds}", f"must be a number within {bounds}")
    return float(json)


def _numbers(json: Any, given: Property, path: str) -> tuple[float, ...]:
    low, high = given.length
    if not isinstance(json, list) or not low <= len(json) <= high:
        refuse(path, f"phải là danh sách {low} đến {high} số", f"must be a list of {low} to {high} numbers")
    return tuple(_number(each, given, f"{path}[{at}]") for at, each in enumerate(json))


def _fonts(json: Any, given: Property, path: str) -> tuple[str, ...]:
    low, high = given.length
    if not isinstance(json, list) or not low <= len(json) <= high:
        refuse(
            path, f"phải là danh sách {low} đến {high} phông chữ", f"must be a list of {low} to {high} fonts"
        )
    for at, each in enumerate(json):
        if not isinstance(each, str) or not FONT.fullmatch(each):
            refuse(f"{path}[{at}]", "không phải tên phông chữ", "is no name of a font")
    return tuple(json)


def _enum(json: Any, given: Property, path: str) -> str:
    if json not in given.choices:
        said = ", ".join(given.choices)
        refuse(path, f"phải là một trong: {said}", f"must be one of: {said}")
    return str(json)


def _boolean(json: Any, given: Property, path: str) -> bool:
    if not isinstance(json, bool):
        refuse(path, "phải là true hoặc false", "must be true or false")
    return json


def _text(json: Any, given: Property, path: str) -> str:
    value = scalar(json, path)
    if value is None:
        return ""
    if not isinstance(value, str):
        refuse(path, "phải là chữ", "must be a text")
    if "{" in value:
        refuse(
            path, 'không nhận “{trường}”; hãy dùng ["get", "trường"]', 'no "{field}"; use ["get", "field"]'
        )
    return value


def _image(json: Any, given: Property, path: str) -> str:
    if not isinstance(json, str) or not IMAGE.fullmatch(json):
        refuse(
            path, "phải là tên một biểu tượng của bộ biểu tượng", "must be the name of an image of the sprite"
        )
    return json


CHECKS: Mapping[str, Callable[[Any, Property, str], Any]] = {
    "colour": _colour,
    "number": _number,
    "numbers": _numbers,
    "fonts": _fonts,
    "enum": _enum,
    "boolean": _boolean,
    "text": _text,
    "image": _image,
}


# Operators --------------------------------------------------------------------------------------------------------


def _arity(json: Sequence[Any], low: int, high: int, path: str) -> None:
    if not low <= len(json) - 1 <= high:
        many = str(low) if low == high else f"{low} – {high}"
        refuse(path, f"“{json[0]}” cần {many} tham số", f'"{json[0]}" takes {many} arguments')


def _property_name(json: Any, path: str) -> str:
    if not isinstance(json, str) or not (NAME.fullmatch(json) or json == "_cell"):
        refuse(path, "không phải tên trường", "is no name of a field")
    return json


def _get(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 1, 1, path)
    return Get(_property_name(json[1], f"{path}[1]"))


def _has(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 1, 1, path)
    return Has(_property_name(json[1], f"{path}[1]"))


def _zoom(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 0, 0, path)
    return Zoom()


def _geometry_type(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 0, 0, path)
    return GeometryKind()


def _literal(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 1, 1, path)
    return Literal(reader.result(json[1], f"{path}[1]"))


def _match(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    if len(json) < 5 or len(json) % 2 == 0:
        refuse(
            path,
            "“match” cần đầu vào, các cặp và giá trị còn lại",
            '"match" takes an input, pairs and a default',
        )
    cases = []
    for at in range(2, len(json) - 1, 2):
        given = json[at] if isinstance(json[at], list) else [json[at]]
        labels = tuple(label(each, f"{path}[{at}]") for each in given)
        cases.append((labels, reader.read(json[at + 1], f"{path}[{at + 1}]", depth)))
    kinds = {type(each) for labels, _ in cases for each in labels}
    if len(kinds) != 1:
        refuse(path, "các nhãn phải cùng là chữ hoặc cùng là số", "labels must be all texts or all numbers")
    all_labels = [each for labels, _ in cases for each in labels]
    if len(all_labels) != len(set(all_labels)):
        refuse(path, "một nhãn được nêu hai lần", "a label is named twice")
    input = reader.free(json[1], f"{path}[1]", depth)
    return Match(input, tuple(cases), reader.read(json[-1], f"{path}[{len(json) - 1}]", depth))


def _case(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    if len(json) < 4 or len(json) % 2:
        refuse(path, "“case” cần các cặp và giá trị còn lại", '"case" takes pairs and a default')
    cases = tuple(
        (
            reader.free(json[at], f"{path}[{at}]", depth),
            reader.read(json[at + 1], f"{path}[{at + 1}]", depth),
        )
        for at in range(1, len(json) - 1, 2)
    )
    return Case(cases, reader.read(json[-1], f"{path}[{len(json) - 1}]", depth))


def _stops(
    reader: Reader, json: list[Any], first: int, path: str, depth: int
) -> tuple[tuple[float, Expr], ...]:
    stops: list[tuple[float, Expr]] = []
    for at in range(first, len(json), 2):
        reached = json[at]
        if not is_moderate(reached):
            refuse(f"{path}[{at}]", "mốc phải là số", "a stop must be a number")
        if stops and reached <= stops[-1][0]:
            refuse(f"{path}[{at}]", "các mốc phải tăng dần", "stops must rise")
        stops.append((float(reached), reader.read(json[at + 1], f"{path}[{at + 1}]", depth)))
    return tuple(stops)


def _step(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    if len(json) < 5 or len(json) % 2 == 0:
        refuse(
            path,
            "“step” cần đầu vào, giá trị đầu và các mốc",
            '"step" takes an input, a first output and stops',
        )
    first = reader.read(json[2], f"{path}[2]", depth)
    return Step(reader.free(json[1], f"{path}[1]", depth), first, _stops(reader, json, 3, path, depth))


def _interpolate(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    if len(json) < 5 or len(json) % 2 == 0:
        refuse(
            path,
            "“interpolate” cần cách, đầu vào và các mốc",
            '"interpolate" takes a way, an input and stops',
        )
    match json[1]:
        case ["linear"]:
            base = 1.0
        case ["exponential", int() | float() as given] if 0.01 <= given <= 10:
            base = float(given)
        case _:
            refuse(f"{path}[1]", "chỉ nhận linear hoặc exponential", "only linear or exponential is taken")
    if reader._given is not None and reader._given.kind not in ("number", "colour"):
        refuse(path, "chỉ nội suy được số và màu", "only numbers and colours can be interpolated")
    stops = _stops(reader, json, 3, path, depth)
    steps = [(high - low) * abs(log10(base)) for (low, _), (high, _) in pairwise(stops)]
    if base != 1 and not all(FLATTEST <= step <= STEEPEST for step in steps):
        refuse(
            f"{path}[1]", "quá dốc hoặc quá phẳng cho các mốc này", "too steep or too flat for these stops"
        )
    if reader._given is None and any(isinstance(out, Literal) and not _is_number(out) for _, out in stops):
        refuse(path, "chỉ nội suy được số ở đây", "only numbers can be interpolated here")
    colours = reader._given is not None and reader._given.kind == "colour"
    if colours and not all(isinstance(output, Literal) for _, output in stops):
        refuse(path, "màu ở các mốc phải cố định", "colours at stops must be the same for all features")
    return Interpolate(base, reader.free(json[2], f"{path}[2]", depth), stops)


def _is_number(expr: Literal) -> bool:
    return isinstance(expr.value, float) and not isinstance(expr.value, bool)


def _compare(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 2, 2, path)
    left, right = (reader.free(json[at], f"{path}[{at}]", depth) for at in (1, 2))
    if isinstance(left, Literal) and isinstance(
        right, Literal
    ):  # MapLibre takes it for a filter of the old form
        refuse(path, 'cần một trường: ["get", "tên"]', 'a field is missing: ["get", "name"]')
    return Compare(json[0], left, right)


def _logic(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    terms = tuple(reader.free(each, f"{path}[{at}]", depth) for at, each in enumerate(json[1:], 1))
    return Logic(json[0], terms)


def _not(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 1, 1, path)
    return Not(reader.free(json[1], f"{path}[1]", depth))


def _in(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 2, 2, path)
    match json[2]:
        case ["literal", list() as given]:
            values = tuple(label(each, f"{path}[2][1][{at}]") for at, each in enumerate(given))
        case _:
            refuse(f"{path}[2]", 'phải là ["literal", [...]]', 'must be ["literal", [...]]')
    return In(reader.free(json[1], f"{path}[1]", depth), values)


def _coalesce(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 1, 8, path)
    return Coalesce(tuple(reader.read(each, f"{path}[{at}]", depth) for at, each in enumerate(json[1:], 1)))


def _concat(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 1, 16, path)
    return Concat(tuple(reader.free(each, f"{path}[{at}]", depth) for at, each in enumerate(json[1:], 1)))


def _to_string(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 1, 1, path)
    return ToString(reader.free(json[1], f"{path}[1]", depth))


def _to_number(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 1, 2, path)
    fallback = json[2] if len(json) == 3 else 0
    if not is_moderate(fallback):
        refuse(f"{path}[2]", "phải là số", "must be a number")
    return ToNumber(reader.free(json[1], f"{path}[1]", depth), float(fallback))


def _arithmetic(reader: Reader, json: list[Any], path: str, depth: int) -> Expr:
    _arity(json, 2, 2, path)
    left, right = (reader.free(json[at], f"{path}[{at}]", depth) for at in (1, 2))
    return Arithmetic(json[0], left, right)


OPERATORS: Mapping[str, Callable[[Reader, list[Any], str, int], Expr]] = {
    "literal": _literal,
    "get": _get,
    "has": _has,
    "zoom": _zoom,
    "geometry-type": _geometry_type,
    "match": _match,
    "case": _case,
    "step": _step,
    "interpolate": _interpolate,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _compare),
    **dict.fromkeys(("all", "any"), _logic),
    "!": _not,
    "in": _in,
    "coalesce": _coalesce,
    "concat": _concat,
    "to-string": _to_string,
    "to-number": _to_number,
    **dict.fromkeys(("+", "-", "*", "/"), _arithmetic),
}
