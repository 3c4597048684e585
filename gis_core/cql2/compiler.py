"""From nodes to SQL, over the properties that the caller may filter by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gis_core.cql2 import faults, geometry, nodes, scalar, spatial, sql, temporal
from gis_core.cql2.nodes import Node
from gis_core.cql2.scalar import Value
from gis_core.cql2.sql import Sql
from gis_core.crs import Crs
from gis_core.layer import FieldType


@dataclass(frozen=True)
class Queryable:
    """A property that may be filtered by: its public name, its type, and its column in the view (unquoted)."""

    name: str
    type: FieldType | Literal["geometry"]
    column: str


class Compiler:
    """Compiles one filter. ``properties`` gathers the names that it uses."""

    def __init__(self, queryables: Mapping[str, Queryable], filter_crs: Crs, alias: str | None) -> None:
        self.queryables = queryables
        self.crs = filter_crs
        self.alias = alias
        self.properties: set[str] = set()

    def predicate(self, node: Node) -> Sql:
        """A boolean SQL expression, in parentheses where it is compound; Problem names what does not fit."""
        match node:
            case nodes.Logic(operator, terms):
                return sql.infix(operator.upper(), map(self.predicate, terms))
            case nodes.Not(term):
                negated = self.predicate(term)
                return Sql(f"(NOT {negated.text})", negated.params)
            case nodes.SpatialRelation(operator, left, right):
                return spatial.relate(operator, self._place(operator, left), self._place(operator, right))
            case nodes.TemporalRelation(operator, left, right):
                return temporal.relate(operator, self._span(operator, left), self._span(operator, right))
            case nodes.IsNull(value):
                return self._is_null(value)
            case nodes.Comparison() | nodes.Like() | nodes.Between() | nodes.InList():
                return self._scalar_predicate(node)
        alone = self._value(node)
        if alone.kind != "boolean":
            raise faults.fault(
                "filter-type",
                f"Bộ lọc cần một điều kiện, nhưng có {faults.KIND_WORDS[alone.kind].vi} đứng riêng.",
                f"The filter needs a condition where {faults.KIND_WORDS[alone.kind].en} stands alone.",
            )
        return alone.sql

    def _scalar_predicate(self, node: nodes.Comparison | nodes.Like | nodes.Between | nodes.InList) -> Sql:
        match node:
            case nodes.Comparison(operator, left, right):
                return scalar.compare(operator, self._value(left), self._value(right))
            case nodes.Between(value, low, high):
                return scalar.between(self._value(value), self._value(low), self._value(high))
            case nodes.InList(value, items):
                return scalar.in_list(self._value(value), [self._value(item) for item in items])
            case nodes.Like(value, pattern):
                return scalar.like(self._value(value), *_pattern(pattern))

    def _value(self, node: Node) -> Value:
        match node:
            case nodes.Property(name):
                queryable = self._queryable(name)
                return Value(queryable.type, self._column(queryable))
            case nodes.TextLiteral(text):
                return scalar.text(text)
            case nodes.NumberLiteral(number):
                return scalar.number(number)
            case nodes.BooleanLiteral(truth):
                return scalar.boolean(truth)
            case nodes.Instant(instant):
                return scalar.instant(instant)
            case nodes.NullLiteral():
                return Value("null", Sql("NULL"))
            case nodes.Fold(function, argument):
                return scalar.fold(function, self._value(argument))
            case nodes.Interval():
                return Value("interval", Sql(""))
            case nodes.Shape() | nodes.BoxLiteral():
                return Value("geometry", self._literal_place(node))
        return Value("boolean", self.predicate(node))

    def _queryable(self, name: str) -> Queryable:
        queryable = self.queryables.get(name)
        if queryable is None:
            raise faults.unknown_property(name)
        self.properties.add(name)
        return queryable

    def _column(self, queryable: Queryable) -> Sql:
        return sql.identifier(*filter(None, (self.alias, queryable.column)))

    def _place(self, operator: str, node: Node) -> Sql:
        if isinstance(node, nodes.Shape | nodes.BoxLiteral):
            return self._literal_place(node)
        value = self._value(node)
        if value.kind != "geometry":
            raise faults.wrong_type(operator.upper(), "geometry", value.kind)
        return value.sql

    def _literal_place(self, node: nodes.Shape | nodes.BoxLiteral) -> Sql:
        if isinstance(node, nodes.Shape):
            return spatial.literal(geometry.shape_ewkb(node.geometry, self.crs))
        return spatial.literal(geometry.box_ewkb(node.numbers, self.crs))

    def _span(self, operator: str, node: Node) -> temporal.Span:
        if isinstance(node, nodes.Interval):
            ends = (self._bound(operator, node.start), self._bound(operator, node.end))
            return temporal.checked(temporal.Span(*ends, instant=False))
        if isinstance(node, nodes.Instant | nodes.Property):
            bound = self._bound(operator, node)
            return temporal.Span(bound, bound, instant=True)
        kind = self._value(node).kind
        if kind == "text":
            raise faults.fault(
                "filter-type",
                f"{operator.upper()} cần DATE('…'), TIMESTAMP('…') hoặc INTERVAL('…','…'), không phải văn bản.",
                f"{operator.upper()} needs DATE('…'), TIMESTAMP('…') or INTERVAL('…','…'), not a text.",
            )
        raise faults.wrong_type(operator.upper(), "datetime", kind)

    def _bound(self, operator: str, end: nodes.Instant | nodes.Property | None) -> temporal.Bound:
        if end is None:
            return temporal.Bound(None)
        value = self._value(end)
        if isinstance(end, nodes.Instant):
            return temporal.Bound("datetime" if value.kind == "datetime" else "date", value=end.value)
        if value.kind == "date":
            return temporal.Bound("date", value.sql)
        if value.kind == "datetime":
            return temporal.Bound("datetime", value.sql)
        raise faults.wrong_type(operator.upper(), "datetime", value.kind)

    def _is_null(self, node: Node) -> Sql:
        if isinstance(node, nodes.Interval):
            span = self._span("interval", node)
            ends = [bound.sql for bound in (span.start, span.end) if bound.sql is not None]
            checks = [Sql(f"{end.text} IS NULL") for end in ends]
            return sql.infix("OR", checks) if checks else Sql("FALSE")
        value = self._value(node)
        if value.kind == "null":
            return Sql("TRUE")
        if value.literal is not None:
            return Sql("FALSE")
        return Sql(f"({value.sql.text} IS NULL)", value.sql.params)


def _pattern(node: Node) -> tuple[str, list[str]]:
    """The text of a LIKE pattern and the functions around it; Problem where it is no literal."""
    folds: list[str] = []
    while isinstance(node, nodes.Fold):
        folds.append(node.function)
        node = node.argument
    if not isinstance(node, nodes.TextLiteral):
        raise faults.syntax("mẫu sau LIKE phải là một văn bản", "the pattern after LIKE must be a text")
    return node.value, folds
