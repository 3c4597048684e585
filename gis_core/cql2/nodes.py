"""The filter as a tree of typed nodes: what was written, before anything is known of the layer's properties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Property:
    name: str


@dataclass(frozen=True)
class TextLiteral:
    value: str


@dataclass(frozen=True)
class NumberLiteral:
    value: Decimal


@dataclass(frozen=True)
class BooleanLiteral:
    value: bool


@dataclass(frozen=True)
class NullLiteral:
    pass


@dataclass(frozen=True)
class Instant:
    """A local calendar day, or a moment with its zone."""

    value: date | datetime


@dataclass(frozen=True)
class Interval:
    """Closed at both ends; None is an open end."""

    start: Instant | Property | None
    end: Instant | Property | None


@dataclass(frozen=True)
class Shape:
    """A geometry in the CRS of the filter, with the authority's axis order."""

    geometry: BaseGeometry


@dataclass(frozen=True)
class BoxLiteral:
    """Four or six numbers in the CRS of the filter, with the authority's axis order."""

    numbers: tuple[float, ...]


@dataclass(frozen=True)
class Fold:
    """CASEI or ACCENTI of a text."""

    function: Literal["casei", "accenti"]
    argument: Node


@dataclass(frozen=True)
class Logic:
    operator: Literal["and", "or"]
    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    term: Node


@dataclass(frozen=True)
class Comparison:
    operator: Literal["=", "<>", "<", "<=", ">", ">="]
    left: Node
    right: Node


@dataclass(frozen=True)
class Like:
    value: Node
    pattern: Node


@dataclass(frozen=True)
class Between:
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True)
class InList:
    value: Node
    items: tuple[Node, ...]


@dataclass(frozen=True)
class IsNull:
    value: Node


@dataclass(frozen=True)
class SpatialRelation:
    """``operator`` is a key of `gis_core.cql2.spatial.FUNCTIONS`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class TemporalRelation:
    """``operator`` is a key of `gis_core.cql2.temporal.RELATIONS`."""

    operator: str
    left: Node
    right: Node


Predicate = Logic | Not | Comparison | Like | Between | InList | IsNull | SpatialRelation | TemporalRelation
Scalar = Property | TextLiteral | NumberLiteral | BooleanLiteral | NullLiteral | Instant | Fold
Node = Predicate | Scalar | Interval | Shape | BoxLiteral
