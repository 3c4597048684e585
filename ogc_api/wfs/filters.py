"""Filters in XML (FES 2.0, and Filter 1.1 for WFS 1.1.0) as nodes of the house's filter language.

Only what CQL2 has is read; the compiler then holds properties, types and values to what the caller may ask, exactly as
for ``filter=`` of the OGC API. Any fault is a 400 on ``filter``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from lxml import etree

from gis_core.cql2 import PUBLIC, Limits, Predicate, Queryable, compile_tree, faults, literals, nodes
from gis_core.cql2.nodes import Node
from gis_core.crs import Crs
from gis_core.days import day_of, with_zone
from gis_core.http.ows import PROCESSING_FAILED, OwsException
from gis_core.layer import Layer
from gis_core.words import Text
from ogc_api.wfs.documents import children, name_of, parse_xml, text_of
from ogc_api.wfs.gml import GEOMETRIES, LONLAT, GmlReader
from ogc_api.wfs.references import BOUNDED_BY, OF_GML, Namespaces, property_named, resource_number

type Element = etree._Element
FID = "@fid"  # no field can be called so; what a ResourceId asks of, public as part of every id
GEOMETRY = "geom"

COMPARISONS = {
    "PropertyIsEqualTo": "=",
    "PropertyIsNotEqualTo": "<>",
    "PropertyIsLessThan": "<",
    "PropertyIsGreaterThan": ">",
    "PropertyIsLessThanOrEqualTo": "<=",
    "PropertyIsGreaterThanOrEqualTo": ">=",
}
SPATIAL = {
    "BBOX": "s_intersects",
    "Equals": "s_equals",
    "Disjoint": "s_disjoint",
    "Touches": "s_touches",
    "Within": "s_within",
    "Overlaps": "s_overlaps",
    "Crosses": "s_crosses",
    "Intersects": "s_intersects",
    "Contains": "s_contains",
}
TEMPORAL = {"After": "t_after", "Before": "t_before", "TEquals": "t_equals", "AnyInteracts": "t_intersects"}
TEMPORAL_NAMES = (*TEMPORAL, "During")
REFERENCES = ("ValueReference", "PropertyName")
IDENTIFIERS = {"ResourceId": "rid", "GmlObjectId": "id", "FeatureId": "fid"}
# What XML Schema lets stand behind a date, and a moment with nothing behind it.
ZONE_OF_DAY = re.compile(r"(?:Z|[+-][0-9]{2}:[0-9]{2})$")
LOCAL_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?")
INSTANTS = ("TimeInstant", "TimePeriod", "timePosition")


def read_filter(
    text: str,
    layer: Layer,
    queryables: Mapping[str, Queryable],
    default: Crs,
    limits: Limits = PUBLIC,
    *,
    namespaces: Namespaces | None = None,
) -> Predicate:
    """The predicate of a filter's XML text; ``default`` is the CRS of geometries that name none, ``namespaces`` what
    prefixes mean that the text does not bind itself."""
    root = parse_xml(text.encode("utf-8", "replace"), "filter")
    if name_of(root) != "Filter":
        raise faults.syntax("phần tử ngoài cùng phải là Filter", "the outermost element must be a Filter")
    tree = FilterReader(layer, queryables, default, limits, namespaces or {}).read(root)
    known = {**queryables, FID: Queryable(FID, "integer", "fid")}
    return compile_tree(tree, known, filter_crs=LONLAT)


class FilterReader:
    """Reads one filter over one layer. What is counted stands against ``limits``, as in a filter in text."""

    def __init__(
        self,
        layer: Layer,
        queryables: Mapping[str, Queryable],
        default: Crs,
        limits: Limits,
        namespaces: Namespaces,
    ) -> None:
        self.namespaces = namespaces
        self.layer = layer
        self.queryables = queryables
        self.limits = limits
        self.gml = GmlReader(default, limits)
        self.count = self.length = 0

    def read(self, root: Element) -> Node:
        """The node of a Filter element: one condition, or the identifiers of features."""
        inside = children(root)
        if inside and all(name_of(each) in IDENTIFIERS for each in inside):
            return self.identifiers(inside)
        if len(inside) != 1:
            raise faults.syntax("Filter cần đúng một điều kiện", "a Filter holds exactly one condition")
        return self.condition(inside[0])

    def condition(self, element: Element) -> Node:
        """A logical operator or one predicate."""
        self.count += 1
        if self.count > self.limits.nodes:
            raise faults.too_large(Text("số điều kiện", "conditions"), self.limits.nodes)
        name = name_of(element)
        if name in COMPARISONS:
            return self.comparison(element, COMPARISONS[name])
        if name in SPATIAL:
            return self.spatial(element, SPATIAL[name])
        if name in TEMPORAL_NAMES:
            return self.temporal(element, name)
        if name in IDENTIFIERS:
            return self.identifiers([element])
        read = OTHERS.get(name)
        if read is None:
            raise faults.unknown_function(name)
        return read(self, element)

    def logic(self, element: Element) -> Node:
        terms = tuple(self.condition(child) for child in children(element))
        if len(terms) < 2:
            raise faults.argument_count(name_of(element).upper(), 2, len(terms))
        return nodes.Logic("and" if name_of(element) == "And" else "or", terms)

    def negation(self, element: Element) -> Node:
        return nodes.Not(self.condition(self.arguments(element, 1)[0]))

    def comparison(self, element: Element, operator: str) -> Node:
        left, right = self.arguments(element, 2)
        for side in (left, right):
            if self.is_absent(side):
                return self.compared_to_nothing(side)
        kind = self.kind_of(left) or self.kind_of(right)
        sides = (self.operand(left, kind), self.operand(right, kind))
        if element.get("matchCase") in ("false", "0") and kind == "text":
            sides = (nodes.Fold("casei", sides[0]), nodes.Fold("casei", sides[1]))
        return nodes.Comparison(operator, *sides)  # type: ignore[arg-type]

    def between(self, element: Element) -> Node:
        value, low, high = self.arguments(element, 3)
        if self.is_absent(value):
            return self.compared_to_nothing(value)
        if (name_of(low), name_of(high)) != ("LowerBoundary", "UpperBoundary"):
            raise faults.syntax(
                "PropertyIsBetween cần LowerBoundary rồi UpperBoundary",
                "PropertyIsBetween has a LowerBoundary, then an UpperBoundary",
            )
        kind = self.kind_of(value)
        ends = [self.operand(self.arguments(each, 1)[0], kind) for each in (low, high)]
        return nodes.Between(self.operand(value, kind), *ends)

    def like(self, element: Element) -> Node:
        value, pattern = self.arguments(element, 2)
        if self.is_absent(value):
            return self.compared_to_nothing(value)
        if name_of(pattern) != "Literal":
            raise faults.syntax("mẫu phải là Literal", "the pattern must be a Literal")
        node: Node = self.operand(value, "text")
        written: Node = nodes.TextLiteral(self.text(like_pattern(element, text_of(pattern))))
        if element.get("matchCase") in ("false", "0"):
            node, written = nodes.Fold("casei", node), nodes.Fold("casei", written)
        return nodes.Like(node, written)

    def compared_to_nothing(self, reference: Element) -> Node:
        """A comparison with a property that no feature has; what is no single value cannot be compared at all."""
        if self.reference(reference).name == BOUNDED_BY:
            words = Text(
                "Không so sánh được gml:boundedBy với một giá trị; hãy dùng BBOX hoặc toán tử không gian.",
                "gml:boundedBy is not compared with a value; use BBOX or a spatial operator.",
            )
            raise OwsException(PROCESSING_FAILED, words, "filter", status=403)
        return nodes.BooleanLiteral(False)

    def is_null(self, element: Element) -> Node:
        value = self.arguments(element, 1)[0]
        if self.is_absent(value):
            return nodes.BooleanLiteral(True)
        return nodes.IsNull(self.operand(value, None))

    def is_nil(self, element: Element) -> Node:
        """Nothing: a property without a value is left out of a feature, and never written as nil."""
        value = self.arguments(element, 1)[0]
        if not self.is_absent(value):
            read = self.operand(value, None)
            if isinstance(read, nodes.Property) and read.name not in {*self.queryables, FID}:
                raise faults.unknown_property(read.name)
        return nodes.BooleanLiteral(False)

    def spatial(self, element: Element, operator: str) -> Node:
        """Geometry property and geometry, in either order; a BBOX may leave the property out."""
        inside = children(element)
        if name_of(element) == "BBOX" and len(inside) == 1:
            return nodes.SpatialRelation(operator, nodes.Property(GEOMETRY), self.place(inside[0]))
        left, right = self.arguments(element, 2)
        return nodes.SpatialRelation(operator, self.place(left), self.place(right))

    def place(self, element: Element) -> Node:
        if name_of(element) in REFERENCES:
            found = self.reference(element)
            return nodes.Property(GEOMETRY) if found.name == BOUNDED_BY else found
        inside = children(element) if name_of(element) == "Literal" else [element]
        if len(inside) != 1 or name_of(inside[0]) not in GEOMETRIES:
            raise faults.bad_geometry("thiếu hình học GML", "a GML geometry is missing")
        return self.gml.read(inside[0])

    def temporal(self, element: Element, name: str) -> Node:
        """A time property and an instant or period of GML."""
        left, right = self.arguments(element, 2)
        kind = self.kind_of(left) or self.kind_of(right)
        first, second = self.when(left, kind), self.when(right, kind)
        if name != "During":
            return nodes.TemporalRelation(TEMPORAL[name], first, second)
        if not isinstance(second, nodes.Interval) or second.start is None or second.end is None:
            raise faults.syntax(
                "During cần một TimePeriod có hai đầu", "During needs a TimePeriod with two ends"
            )
        # CQL2's T_DURING relates two intervals; an instant is during a period when it lies between its ends.
        after = nodes.Comparison(">", first, second.start)
        return nodes.Logic("and", (after, nodes.Comparison("<", first, second.end)))

    def when(self, element: Element, kind: str | None) -> Node:
        """A property, an Instant or an Interval."""
        if name_of(element) in REFERENCES:
            return self.reference(element)
        inside = children(element) if name_of(element) == "Literal" else [element]
        if not inside:
            return self.moment(text_of(element), kind)
        if len(inside) == 1 and name_of(inside[0]) == "TimePeriod":
            return nodes.Interval(*(self.end(inside[0], side, kind) for side in ("begin", "end")))
        if len(inside) == 1 and name_of(inside[0]) in INSTANTS:
            return self.moment(text_of(inside[0]), kind)
        raise faults.syntax("cần TimeInstant hoặc TimePeriod", "a TimeInstant or a TimePeriod is needed")

    def end(self, period: Element, side: str, kind: str | None) -> nodes.Instant | None:
        """One end of a TimePeriod; None where it is open."""
        found = children(period, side, f"{side}Position")
        if len(found) != 1:
            raise faults.syntax("TimePeriod cần hai đầu", "a TimePeriod has two ends")
        text = text_of(found[0])
        return self.moment(text, kind) if text else None

    def moment(self, text: str, kind: str | None) -> nodes.Instant:
        """A date or moment of XML Schema, as its day where the property is one; without a zone it is the city's."""
        if "T" not in text:
            return nodes.Instant(literals.day(ZONE_OF_DAY.sub("", text)))
        if LOCAL_MOMENT.fullmatch(text):
            text = in_the_city(text)
        value = literals.timestamp(text)
        return nodes.Instant(day_of(value) if kind == "date" else value)

    def identifiers(self, found: list[Element]) -> Node:
        """ResourceIds: features by number; an id of another layer names nothing here."""
        numbers = []
        for element in found:
            name = IDENTIFIERS[name_of(element)]
            written = next((v for k, v in element.attrib.items() if etree.QName(k).localname == name), "")
            number = resource_number(str(written), self.layer.id)
            if number is not None:
                numbers.append(nodes.NumberLiteral(literals.number(str(number))))
        self.count += len(found)
        if self.count > self.limits.nodes:
            raise faults.too_large(Text("số đối tượng được nêu", "identifiers"), self.limits.nodes)
        if not numbers:
            return nodes.BooleanLiteral(False)
        return nodes.InList(nodes.Property(FID), tuple(numbers))

    def arguments(self, element: Element, count: int) -> list[Element]:
        found = children(element)
        if len(found) != count:
            raise faults.argument_count(name_of(element), count, len(found))
        return found

    def kind_of(self, element: Element) -> str | None:
        """The type of the property that the element refers to; None where it refers to none of the caller's."""
        if name_of(element) not in REFERENCES:
            return None
        known = self.queryables.get(self.reference(element).name)
        return known.type if known else None

    def reference(self, element: Element) -> nodes.Property:
        bound = {**self.namespaces, **{prefix: uri for prefix, uri in element.nsmap.items() if prefix}}
        return nodes.Property(property_named(text_of(element), self.layer.id, bound))

    def is_absent(self, element: Element) -> bool:
        """Whether the element refers to a property that GML gives every feature, and none of ours has."""
        return name_of(element) in REFERENCES and self.reference(element).name in OF_GML

    def operand(self, element: Element, kind: str | None) -> Node:
        """A property, or a literal read as ``kind``, the type of the property beside it."""
        if name_of(element) in REFERENCES:
            return self.reference(element)
        if name_of(element) != "Literal":
            raise faults.unknown_function(name_of(element))
        if kind in ("date", "datetime"):
            return self.when(element, kind)
        text = text_of(element)
        if kind in ("integer", "number"):
            return nodes.NumberLiteral(literals.number(text))
        if kind == "boolean" and text in TRUTH:
            return nodes.BooleanLiteral(TRUTH[text])
        return nodes.TextLiteral(self.text(text))

    def text(self, value: str) -> str:
        self.length += len(value)
        if self.length > self.limits.length:
            raise faults.too_large(Text("số ký tự", "characters"), self.limits.length)
        return literals.checked_text(value)


TRUTH = {"true": True, "1": True, "false": False, "0": False}
OTHERS: Mapping[str, Callable[[FilterReader, Element], Node]] = {
    "And": FilterReader.logic,
    "Or": FilterReader.logic,
    "Not": FilterReader.negation,
    "PropertyIsBetween": FilterReader.between,
    "PropertyIsLike": FilterReader.like,
    "PropertyIsNull": FilterReader.is_null,
    "PropertyIsNil": FilterReader.is_nil,
}


def in_the_city(text: str) -> str:
    """A moment without a zone, with the city's; what is no moment as it is, to be refused as that."""
    try:
        return with_zone(datetime.fromisoformat(text)).isoformat()
    except ValueError:
        return text


def like_pattern(element: Element, text: str) -> str:
    r"""The pattern in CQL2's characters (``%``, ``_``, ``\``), from those that the element declares."""
    any_, one = element.get("wildCard"), element.get("singleChar")
    escape = element.get("escapeChar") or element.get("escape")
    if not (any_ and one and escape) or {len(any_), len(one), len(escape)} != {1}:
        raise faults.syntax(
            "PropertyIsLike cần wildCard, singleChar và escapeChar, mỗi thứ một ký tự",
            "PropertyIsLike has a wildCard, a singleChar and an escapeChar of one character each",
        )
    written, escaped = "", False
    for letter in text:
        if not escaped and letter == escape:
            escaped = True
            continue
        if not escaped and letter in (any_, one):
            written += "%" if letter == any_ else "_"
        else:
            written += "\\" + letter if letter in "%_\\" else letter
        escaped = False
    if escaped:
        raise faults.bad_value(
            "Mẫu kết thúc bằng ký tự thoát.", "The pattern ends with its escape character."
        )
    return written
