"""Port of the tests of ets-wfs20 for operators of comparison; they join the suite of `wfs20`."""

from __future__ import annotations

from tests.conformance.checks import each, equal, need
from tests.conformance.faulty import Service, need_exception, root_of
from tests.conformance.wfs20 import (
    BINDINGS,
    COLLECTION,
    SPACES,
    SUITE,
    XSI,
    cases,
    comparison,
    members,
    of_kind,
    query,
    values,
)

COMPARED = {
    "PropertyIsLessThan": (max, lambda value, edge: value < edge),
    "PropertyIsLessThanOrEqualTo": (max, lambda value, edge: value <= edge),
    "PropertyIsGreaterThan": (min, lambda value, edge: value > edge),
    "PropertyIsGreaterThanOrEqualTo": (min, lambda value, edge: value >= edge),
}


@SUITE.check("ComparisonOperator.numbers and dates, match any and all")
def comparisons(service: Service) -> None:
    tried = 0
    for name, binding in cases():
        for kind, read in ((("xsd:double", "xsd:long"), float), (("xsd:date", "xsd:dateTime"), str)):
            for property_, found in list(of_kind(service, name, *kind))[-1:]:
                for operator, (edge_of, holds) in COMPARED.items():
                    edge = edge_of(found, key=read)
                    for action in ("Any", "All"):
                        inside = comparison(
                            operator, f"t:{property_}", edge, matchCase="true", matchAction=action
                        )
                        answer = members(query(service, name, binding, inside, count="200"), name)
                        for value in values(answer, property_):
                            need(holds(read(value), read(edge)), f"{property_}={value} {operator} {edge}")
                        tried += len(answer)
    need(tried, "nothing was compared")


@SUITE.check("ComparisonOperator.invalidPropertyReference")
def invalid_reference(service: Service) -> None:
    for binding in BINDINGS:
        inside = comparison("PropertyIsLessThanOrEqualTo", "ex:undefined", "1355941270")
        inside = inside.replace("<fes:ValueReference>", '<fes:ValueReference xmlns:ex="http://example.org">')
        need_exception(query(service, "roads", binding, inside), "InvalidParameterValue")
        own = inside.replace("ex:undefined", "ex:name")  # a name of ours under another's prefix
        need_exception(query(service, "roads", binding, own), "InvalidParameterValue")


@SUITE.check("ComparisonOperator.invalidOperand_boundedBy")
def bounded_by(service: Service) -> None:
    envelope = (
        '<gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>16 107</gml:lowerCorner>'
        "<gml:upperCorner>17 108</gml:upperCorner></gml:Envelope>"
    )
    for binding in BINDINGS:
        inside = comparison("PropertyIsLessThanOrEqualTo", "gml:boundedBy", envelope)
        need_exception(query(service, "roads", binding, inside), "OperationProcessingFailed", status=403)


@SUITE.check("PropertyIsEqualTo.caseSensitive and NotEqualTo")
def equality(service: Service) -> None:
    for name, binding in cases():
        for property_, found in each(list(of_kind(service, name, "xsd:string"))[-1:], f"no text in {name}"):
            text = found[0].replace("&", "&amp;").replace("<", "&lt;")
            for operator, same in (("PropertyIsEqualTo", True), ("PropertyIsNotEqualTo", False)):
                inside = comparison(operator, f"t:{property_}", text, matchCase="true")
                answer = members(query(service, name, binding, inside, count="200"), name)
                need(answer or not same, f"no {name} with {property_}={text}")
                for value in values(answer, property_):
                    equal(value == found[0], same, f"{operator} {text}: {value}")


@SUITE.check("PropertyIsLike.propertyIsLike and Not")
def likeness(service: Service) -> None:
    marks = {"wildCard": "*", "singleChar": "?", "escapeChar": "\\"}
    for name, binding in cases():
        for property_, found in each(list(of_kind(service, name, "xsd:string"))[-1:], f"no text in {name}"):
            end = found[0][2:]
            inside = comparison("PropertyIsLike", f"t:{property_}", f"*{end}".replace("&", "&amp;"), **marks)
            for written, like in ((inside, True), (f"<fes:Not>{inside}</fes:Not>", False)):
                for value in values(
                    members(query(service, name, binding, written, count="200"), name), property_
                ):
                    equal(value.endswith(end), like, f"{value} and *{end}")


@SUITE.check("PropertyIsNull.gmlNameIsNull")
def gml_name_is_null(service: Service) -> None:
    """No feature has a gml:name, whatever property of ours is called name: the answer holds them all."""
    for name, binding in cases():
        inside = "<fes:PropertyIsNull><fes:ValueReference>gml:name</fes:ValueReference></fes:PropertyIsNull>"
        all_ = root_of(query(service, name, "get", resultType="hits"), COLLECTION).get("numberMatched")
        answer = root_of(query(service, name, binding, inside, count="10000"), COLLECTION)
        equal(answer.get("numberMatched"), all_, f"{name} without gml:name")
        need(not answer.findall(".//gml:name", SPACES), "a feature with a gml:name")


@SUITE.check("PropertyIsNull.propertyIsNotNull")
def is_not_null(service: Service) -> None:
    for name, binding in cases():
        for reference in ("t:geom", "t:valid_from") if name != "roads" else ("t:geom", "t:name"):
            inside = f"<fes:ValueReference>{reference}</fes:ValueReference>"
            inside = f"<fes:Not><fes:PropertyIsNull>{inside}</fes:PropertyIsNull></fes:Not>"
            found = members(query(service, name, binding, inside, count="50"), name)
            tag = f"{{urn:huong:layers}}{reference[2:]}"
            need(found and all(each.find(tag) is not None for each in found), f"{name} without {reference}")


@SUITE.check("PropertyIsNil.propertyIsNil")
def is_nil(service: Service) -> None:
    for name, binding in cases():
        inside = "<fes:PropertyIsNil><fes:ValueReference>t:geom</fes:ValueReference></fes:PropertyIsNil>"
        for property_ in ("geom", "valid_to" if name != "roads" else "name"):
            written = inside.replace("geom", property_)
            for feature in members(query(service, name, binding, written, count="50"), name):
                found = feature.find(f"{{urn:huong:layers}}{property_}")
                need(found is not None and found.get(f"{{{XSI}}}nil") == "true", f"{property_} is not nil")
