"""From the JSON form of CQL2 to nodes: an allow-list of operators, each with its arity, and nothing else.

Both encodings are read here: a text comes through the parser, which answers in this form. A JSON filter does not pass
through the parser, which would turn its integers into floats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from gis_core.cql2 import faults, literals, nodes
from gis_core.cql2.geometry import LEVELS, GeometryReader, coordinate
from gis_core.cql2.limits import Limits
from gis_core.cql2.nodes import Node
from gis_core.cql2.spatial import FUNCTIONS
from gis_core.cql2.temporal import RELATIONS
from gis_core.words import Text, nfc

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "/", "%", "^", "div")
OPEN = ".."
MAX_BITS = 1100  # a double has 1,024; Python refuses to print integers of more than 4,300 digits


def measure(document: object, limits: Limits) -> None:
    """Problem where a JSON document is too deep, too large or holds what JSON has not. No recursion."""
    waiting: list[tuple[object, int]] = [(document, 1)]
    values = length = 0
    while waiting:
        value, depth = waiting.pop()
        values += 1
        if depth > limits.depth:
            raise faults.too_large(Text("độ lồng nhau", "nesting"), limits.depth)
        if isinstance(value, dict):
            length += sum(len(str(key)) for key in value)
            waiting.extend((item, depth + 1) for item in value.values())
        elif isinstance(value, list):
            waiting.extend((item, depth + 1) for item in value)
        elif isinstance(value, str):
            length += len(value)
        elif isinstance(value, int) and value.bit_length() > MAX_BITS:
            raise faults.too_large(Text("độ dài một số", "bits of a number"), MAX_BITS)
        if values + len(waiting) > limits.values:
            raise faults.too_large(Text("số giá trị", "values"), limits.values)
        if length > limits.length:
            raise faults.too_large(Text("số ký tự", "characters"), limits.length)


class Reader:
    """Reads one document. ``literals`` are the exact values that stand behind the keys in a parsed text."""

    def __init__(self, limits: Limits, literals: Mapping[str, Decimal | str] | None = None) -> None:
        self.limits = limits
        self.literals = literals or {}
        self.geometries = GeometryReader(limits)
        self.count = self.level = 0

    def read(self, value: object) -> Node:
        """The node of ``value``; Problem names what is not understood."""
        if self.level >= 2 * self.limits.depth:
            raise faults.too_large(Text("độ lồng nhau", "nesting"), 2 * self.limits.depth)
        self.level += 1
        node = self._node(value)
        self.level -= 1
        return node

    def _node(self, value: object) -> Node:
        match value:
            case bool():
                return nodes.BooleanLiteral(value)
            case None:
                return nodes.NullLiteral()
            case int() | float() | Decimal():
                return nodes.NumberLiteral(literals.number(value))
            case str():
                return nodes.TextLiteral(self._string(value, ""))
            case dict():
                return self._object(value)
            case list():
                raise faults.syntax("danh sách chỉ đứng sau IN", "a list stands only after IN")
        raise faults.syntax(f"giá trị kiểu {type(value).__name__}", f"a value of type {type(value).__name__}")

    def _object(self, value: Mapping[str, Any]) -> Node:
        if "op" in value:
            return self._operation(value)
        if "property" in value:
            return self._property(value["property"])
        if "interval" in value:
            return self._interval(value["interval"])
        if "date" in value:
            return nodes.Instant(literals.day(self._string(value["date"], "DATE")))
        if "timestamp" in value:
            return nodes.Instant(literals.timestamp(self._string(value["timestamp"], "TIMESTAMP")))
        if "bbox" in value and "type" not in value:
            numbers = value["bbox"]
            if not isinstance(numbers, list) or len(numbers) > 6:
                raise faults.bad_geometry("BBOX cần 4 hoặc 6 số", "BBOX has 4 or 6 numbers")
            return nodes.BoxLiteral(tuple(coordinate(item) for item in numbers))
        if value.get("type") in (*LEVELS, "GeometryCollection"):
            return nodes.Shape(self.geometries.read(value))
        if isinstance(value.get("function"), dict):
            raise faults.unknown_function(str(value["function"].get("name")))
        keys = ", ".join(sorted(map(str, value))[:5])
        raise faults.syntax(f"không hiểu đối tượng có khóa «{keys}»", f'an object with the keys "{keys}"')

    def _property(self, name: object) -> Node:
        if not isinstance(name, str):
            raise faults.syntax("tên thuộc tính phải là văn bản", "the name of a property must be a text")
        number = self.literals.get(name)
        if isinstance(number, Decimal):
            return nodes.NumberLiteral(number)
        return nodes.Property(nfc(name))

    def _interval(self, value: object) -> Node:
        if not isinstance(value, list) or len(value) != 2:
            raise faults.syntax("INTERVAL cần hai đầu", "INTERVAL has two ends")
        start, end = (self._end(item) for item in value)
        return nodes.Interval(start, end)

    def _end(self, value: object) -> nodes.Instant | nodes.Property | None:
        if isinstance(value, str):
            text = self._string(value, "INTERVAL")
            return None if text == OPEN else nodes.Instant(literals.instant(text))
        node = self.read(value)
        if not isinstance(node, nodes.Instant | nodes.Property):
            raise faults.syntax(
                "đầu của INTERVAL phải là ngày, thời điểm, thuộc tính hoặc '..'",
                "an end of INTERVAL is a date, a timestamp, a property or '..'",
            )
        return node

    def _string(self, value: object, what: str) -> str:
        if not isinstance(value, str):
            raise faults.syntax(
                f"{what} cần một văn bản trong nháy đơn", f"{what} takes a text in single quotes"
            )
        return literals.checked_text(str(self.literals.get(value, value)))

    def _operation(self, value: Mapping[str, Any]) -> Node:
        name, arguments = value["op"], value.get("args")
        if not isinstance(name, str):
            raise faults.syntax("«op» phải là văn bản", '"op" must be a text')
        if not isinstance(arguments, list):
            raise faults.syntax(
                f"«{faults.shown(name)}» thiếu «args»", f'"{faults.shown(name)}" lacks "args"'
            )
        operator = name.lower()
        if operator in ARITHMETIC:
            return self._signed(operator, arguments)
        self.count += 1
        if self.count > self.limits.nodes:
            raise faults.too_large(Text("số điều kiện", "conditions"), self.limits.nodes)
        if operator in ("and", "or"):
            return self._logic(operator, arguments)
        if operator == "in":
            return self._in_list(arguments)
        if operator not in OPERATIONS:
            raise faults.unknown_function(name)
        arity, build = OPERATIONS[operator]
        if len(arguments) != arity:
            raise faults.argument_count(name, arity, len(arguments))
        return build(operator, *(self.read(argument) for argument in arguments))

    def _signed(self, operator: str, arguments: list[Any]) -> Node:
        # The parser writes -5 as -1 times the number; the float -1.0 is its own, as the numbers of a text are keys.
        if self.literals and operator == "*" and len(arguments) == 2 and arguments[0] == -1.0:
            number = self.read(arguments[1])
            if isinstance(number, nodes.NumberLiteral):
                return nodes.NumberLiteral(-number.value)
        raise faults.arithmetic(operator)

    def _logic(self, operator: str, arguments: list[Any]) -> Node:
        if len(arguments) < 2:
            raise faults.argument_count(operator.upper(), 2, len(arguments))
        terms = tuple(self.read(argument) for argument in arguments)
        return nodes.Logic("and" if operator == "and" else "or", terms)

    def _in_list(self, arguments: list[Any]) -> Node:
        if len(arguments) != 2 or not isinstance(arguments[1], list) or not arguments[1]:
            raise faults.syntax(
                "IN cần một danh sách có ít nhất một giá trị", "IN needs a list of at least one value"
            )
        return nodes.InList(self.read(arguments[0]), tuple(self.read(item) for item in arguments[1]))


Build = Callable[..., Node]

OPERATIONS: dict[str, tuple[int, Build]] = {
    "not": (1, lambda _, term: nodes.Not(term)),
    "like": (2, lambda _, value, pattern: nodes.Like(value, pattern)),
    "between": (3, lambda _, value, low, high: nodes.Between(value, low, high)),
    "isnull": (1, lambda _, value: nodes.IsNull(value)),
    "casei": (1, nodes.Fold),
    "accenti": (1, nodes.Fold),
    **dict.fromkeys(COMPARISONS, (2, nodes.Comparison)),
    **dict.fromkeys(FUNCTIONS, (2, nodes.SpatialRelation)),
    **dict.fromkeys(RELATIONS, (2, nodes.TemporalRelation)),
}
