"""Port of the published tests of ets-wfs20 for the classes Simple WFS, Basic WFS and Response paging.

Written from what the test methods do, in our own words; each check bears the name of its method. Where theirs take each
feature type and both bindings, so do these for a few types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import httpx
from lxml import etree

from tests.conformance.checks import each, equal, need
from tests.conformance.faulty import Checks, Service, need_exception, root_of

SUITE = Checks()
WFS, FES = "http://www.opengis.net/wfs/2.0", "http://www.opengis.net/fes/2.0"
GML, OWS = "http://www.opengis.net/gml/3.2", "http://www.opengis.net/ows/1.1"
XSI, XS = "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/2001/XMLSchema"
SPACES = {"wfs": WFS, "fes": FES, "gml": GML, "ows": OWS, "xlink": "http://www.w3.org/1999/xlink", "xs": XS}
BY_ID = "urn:ogc:def:query:OGC-WFS::GetFeatureById"
COLLECTION, VALUES = f"{{{WFS}}}FeatureCollection", f"{{{WFS}}}ValueCollection"
TYPES = ("roads", "planning_zones", "admin_units_history")  # of lines, areas with time, areas with validity
BINDINGS = ("get", "post")


# Requests ---------------------------------------------------------------------------------------------------------


def pairs(operation: str, **more: object) -> dict[str, object]:
    return {"service": "WFS", "version": "2.0.0", "request": operation, **more}


def body(operation: str, inner: str = "", **attributes: str) -> str:
    """A request in XML, with a prefix of its own for our namespace."""
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return (
        f'<wfs:{operation} xmlns:wfs="{WFS}" xmlns:fes="{FES}" xmlns:gml="{GML}" xmlns:t="urn:huong:layers"'
        f' service="WFS" version="2.0.0"{said}>{inner}</wfs:{operation}>'
    )


def query(service: Service, name: str, binding: str, filter_: str = "", **more: str) -> httpx.Response:
    """GetFeature of one type by either binding; ``filter_`` is what is inside ``fes:Filter``."""
    if binding == "post":
        inside = f"<fes:Filter>{filter_}</fes:Filter>" if filter_ else ""
        return service.post(
            body("GetFeature", f'<wfs:Query typeNames="t:{name}">{inside}</wfs:Query>', **more)
        )
    asked = pairs("GetFeature", typeNames=f"t:{name}", namespaces="xmlns(t,urn:huong:layers)", **more)
    if filter_:
        bound = f'xmlns:fes="{FES}" xmlns:gml="{GML}" xmlns:t="urn:huong:layers"'
        asked["filter"] = f"<fes:Filter {bound}>{filter_}</fes:Filter>"
    return service.ask(asked)


def comparison(operator: str, reference: str, literal: str, **attributes: str) -> str:
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return (
        f"<fes:{operator}{said}><fes:ValueReference>{reference}</fes:ValueReference>"
        f"<fes:Literal>{literal}</fes:Literal></fes:{operator}>"
    )


def members(answer: httpx.Response, name: str) -> list[etree._Element]:
    """The features of a collection, all of which must be of type ``name``."""
    found = root_of(answer, COLLECTION).findall("wfs:member/*", SPACES)
    for feature in found:
        equal(feature.tag, f"{{urn:huong:layers}}{name}", "a feature of another type")
    return found


def sampled(service: Service, name: str) -> list[etree._Element]:
    found = members(query(service, name, "get", count="50"), name)
    need(found, f"{name} has no features to try with")
    return found


def values(features: list[etree._Element], property_: str) -> list[str]:
    return [text for each in features if (text := each.findtext(f"{{urn:huong:layers}}{property_}"))]


def ids(features: list[etree._Element]) -> list[str]:
    return [str(each.get(f"{{{GML}}}id")) for each in features]


def cases() -> Iterator[tuple[str, str]]:
    for name in TYPES:
        for binding in BINDINGS:
            yield name, binding


def capabilities(service: Service) -> etree._Element:
    answer = service.ask({"service": "WFS", "request": "GetCapabilities"})
    return root_of(answer, f"{{{WFS}}}WFS_Capabilities")


# Simple WFS -------------------------------------------------------------------------------------------------------


@SUITE.check("SimpleCapabilities.getCapabilities_missingServiceParam")
def missing_service(service: Service) -> None:
    need_exception(service.ask({"request": "GetCapabilities"}), "MissingParameterValue", "service")


@SUITE.check("SimpleCapabilities.getFullCapabilities")
def full_capabilities(service: Service) -> None:
    root = capabilities(service)
    need((root.get("version") or "").startswith("2.0."), "version of the capabilities")
    for section in ("ows:ServiceIdentification", "ows:ServiceProvider", "ows:OperationsMetadata"):
        need(root.find(section, SPACES) is not None, f"{section} is missing")
    for section in ("wfs:FeatureTypeList", "fes:Filter_Capabilities"):
        need(root.find(section, SPACES) is not None, f"{section} is missing")
    equal((root.findtext("*/ows:ServiceType", namespaces=SPACES) or "").lower(), "wfs", "ServiceType")


@SUITE.check("SimpleCapabilities.getCapabilities_acceptVersions")
def accept_versions(service: Service) -> None:
    inner = f'<ows:AcceptVersions xmlns:ows="{OWS}"><ows:Version>2.0.0</ows:Version></ows:AcceptVersions>'
    for answer in (
        service.ask({"service": "WFS", "request": "GetCapabilities", "acceptversions": "2.0.0"}),
        service.post(f'<wfs:GetCapabilities xmlns:wfs="{WFS}" service="WFS">{inner}</wfs:GetCapabilities>'),
    ):
        equal(root_of(answer, f"{{{WFS}}}WFS_Capabilities").get("version"), "2.0.0", "version")


@SUITE.check("ServiceMetadata.capabilitiesDocCorrespondsToWfsSimple")
def metadata(service: Service) -> None:
    root = capabilities(service)
    for name in (
        "GetCapabilities",
        "DescribeFeatureType",
        "ListStoredQueries",
        "DescribeStoredQueries",
        "GetFeature",
    ):
        need(root.find(f".//ows:Operation[@name='{name}']", SPACES) is not None, f"{name} is missing")
    for name in ("GetFeature", "GetPropertyValue"):
        allowed = root.xpath(
            f"//ows:Operation[@name='{name}']/ows:Parameter[@name='resolve']//ows:Value/text()",
            namespaces=SPACES,
        )
        need("local" in allowed, f"{name}: resolve has no value local")
    for name in ("Basic", "Transactional", "Locking"):
        need(constraint(root, f"Implements{name}WFS"), f"Implements{name}WFS has no value")
    equal((constraint(root, "ImplementsQuery") or "").lower(), "true", "ImplementsQuery")


def constraint(root: etree._Element, name: str) -> str | None:
    found = root.xpath(
        f"//*[local-name()='Constraint'][@name='{name}']/ows:DefaultValue/text()", namespaces=SPACES
    )
    return str(found[0]) if found else None


@SUITE.check("DescribeFeatureType.describeAllFeatureTypes")
def describe_all(service: Service) -> None:
    for answer in (service.ask(pairs("DescribeFeatureType")), service.post(body("DescribeFeatureType"))):
        root_of(answer, f"{{{XS}}}schema")


@SUITE.check("DescribeFeatureType.describeUnknownFeatureType")
def describe_unknown(service: Service) -> None:
    """A name of another's namespace, and one of ours under a prefix that is bound to another's."""
    for name in ("Unknown1.Type", "roads"):
        bound = f"xmlns(ns7,http://example.org),xmlns(wfs,{WFS})"
        inner = f'<wfs:TypeName xmlns:ns7="http://example.org">ns7:{name}</wfs:TypeName>'
        answers = (
            service.ask(pairs("DescribeFeatureType", typeNames=f"ns7:{name}", namespaces=bound)),
            service.post(body("DescribeFeatureType", inner)),
        )
        for answer in answers:
            need_exception(answer, "InvalidParameterValue", "typeNames")


@SUITE.check("ListStoredQueries.listStoredQueries")
def list_stored(service: Service) -> None:
    for answer in (service.ask(pairs("ListStoredQueries")), service.post(body("ListStoredQueries"))):
        root = root_of(answer, f"{{{WFS}}}ListStoredQueriesResponse")
        need(root.find(f"wfs:StoredQuery[@id='{BY_ID}']", SPACES) is not None, "GetFeatureById is not listed")


@SUITE.check("DescribeStoredQueries.describeStoredQuery_GetFeatureById")
def describe_stored(service: Service) -> None:
    inner = f"<wfs:StoredQueryId>{BY_ID}</wfs:StoredQueryId>"
    for answer in (
        service.ask(pairs("DescribeStoredQueries", storedquery_id=BY_ID)),
        service.post(body("DescribeStoredQueries", inner)),
        service.ask(pairs("DescribeStoredQueries")),
    ):
        root = root_of(answer, f"{{{WFS}}}DescribeStoredQueriesResponse")
        need(
            root.find(f"wfs:StoredQueryDescription[@id='{BY_ID}']", SPACES) is not None, "it is not described"
        )


def by_id(service: Service, stored: str, fid: str) -> list[httpx.Response]:
    inner = f'<wfs:StoredQuery id="{stored}"><wfs:Parameter name="id">{fid}</wfs:Parameter></wfs:StoredQuery>'
    return [
        service.ask(pairs("GetFeature", storedquery_id=stored, id=fid)),
        service.post(body("GetFeature", inner)),
    ]


@SUITE.check("StoredQuery.unknownStoredQuery")
def unknown_stored(service: Service) -> None:
    for answer in by_id(service, "http://docbook.org/ns/docbook", "1"):
        need_exception(answer, "InvalidParameterValue", "storedquery_id")


@SUITE.check("StoredQuery.invokeGetFeatureByIdWithUnknownID")
def unknown_id(service: Service) -> None:
    for answer in by_id(service, BY_ID, "uuid-0b6a"):
        equal(answer.status_code, 404, "status for an id that nothing has")


@SUITE.check("StoredQuery.invokeGetFeatureById")
def known_id(service: Service) -> None:
    wanted = ids(sampled(service, "roads"))[0]
    for answer in by_id(service, BY_ID, wanted):
        root = root_of(answer, "{urn:huong:layers}roads")
        equal(root.get(f"{{{GML}}}id"), wanted, "id of the feature")


# Basic WFS --------------------------------------------------------------------------------------------------------


@SUITE.check("BasicCapabilities.describesBasicWFS")
def describes_basic(service: Service) -> None:
    root = capabilities(service)
    need(
        root.find(".//ows:Operation[@name='GetPropertyValue']", SPACES) is not None,
        "GetPropertyValue is missing",
    )
    for name in (
        "ImplementsAdHocQuery",
        "ImplementsResourceId",
        "ImplementsMinStandardFilter",
        "ImplementsBasicWFS",
    ):
        equal(constraint(root, name), "TRUE", name)
    for name in ("ImplementsStandardFilter", "ImplementsMinSpatialFilter", "ImplementsSorting"):
        equal(constraint(root, name), "TRUE", name)


@SUITE.check("BasicGetFeature.getFeaturesByType")
def by_type(service: Service) -> None:
    for name, binding in cases():
        need(members(query(service, name, binding, count="5"), name), f"no {name} by {binding}")


@SUITE.check("BasicGetFeature.getFeatureInOtherCRS")
def other_crs(service: Service) -> None:
    root = capabilities(service)
    for name in TYPES:
        wanted = root.xpath(
            f"//wfs:FeatureType[wfs:Name='huong:{name}']/wfs:OtherCRS[1]/text()", namespaces=SPACES
        )[0]
        found = root_of(query(service, name, "get", count="5", srsName=wanted), COLLECTION).xpath(
            "//*/@srsName"
        )
        equal(set(each(found, "no srsName")), {wanted}, "srsName")


@SUITE.check("BasicGetFeature.getFeatureInUnsupportedCRS")
def unsupported_crs(service: Service) -> None:
    answer = query(service, "roads", "get", srsName="urn:ogc:def:crs:EPSG::32690")
    need_exception(answer, "InvalidParameterValue", "srsName")


def property_value(service: Service, reference: str) -> list[httpx.Response]:
    inner = '<wfs:Query typeNames="t:roads"/>'
    return [
        service.ask(pairs("GetPropertyValue", typeNames="huong:roads", valueReference=reference, count=7)),
        service.post(body("GetPropertyValue", inner, valueReference=reference, count="7")),
    ]


@SUITE.check("GetPropertyValue.getProperty_gmlId")
def value_of_id(service: Service) -> None:
    wanted = ids(sampled(service, "roads"))[:7]
    for answer in property_value(service, "@gml:id"):
        found = root_of(answer, VALUES).findall("wfs:member", SPACES)
        equal([each.text for each in found], wanted, "ids as values")


@SUITE.check("GetPropertyValue.getProperty_emptyValueRef")
def empty_reference(service: Service) -> None:
    for answer in property_value(service, ""):
        need_exception(answer, "InvalidParameterValue", "valueReference")


@SUITE.check("GetPropertyValue.property of GML")
def value_of_gml(service: Service) -> None:
    """Ours: what every feature may have and none has is no fault to ask for, and empty."""
    for answer in property_value(service, "gml:name"):
        equal(len(root_of(answer, VALUES)), 0, "values of gml:name")


@SUITE.check("ResourceIdFilter.twoValidFeatureIdentifiers")
def two_ids(service: Service) -> None:
    for name, binding in cases():
        wanted = ids(sampled(service, name))[:2]
        inside = "".join(f'<fes:ResourceId rid="{each}"/>' for each in wanted)
        equal(sorted(ids(members(query(service, name, binding, inside), name))), sorted(wanted), "two ids")
    by_pair = service.ask(
        pairs("GetFeature", typeNames="huong:roads", resourceid=",".join(ids(sampled(service, "roads"))[:2]))
    )
    equal(len(members(by_pair, "roads")), 2, "features of RESOURCEID")


@SUITE.check("ResourceIdFilter.unknownFeatureIdentifier")
def no_such_id(service: Service) -> None:
    for name, binding in cases():
        equal(
            members(query(service, name, binding, '<fes:ResourceId rid="test-0b6a"/>'), name),
            [],
            "unknown id",
        )


@SUITE.check("ResourceIdFilter.inconsistentFeatureIdentifierAndType")
def id_of_another_type(service: Service) -> None:
    other = ids(sampled(service, "facilities"))[0]
    answer = service.ask(pairs("GetFeature", typeNames="huong:roads", resourceid=other))
    need_exception(answer, "InvalidParameterValue", "resourceid")


def of_kind(service: Service, name: str, *kinds: str) -> Iterator[tuple[str, list[str]]]:
    """Properties of these XML Schema types, and their values in a sample."""
    schema = root_of(service.ask(pairs("DescribeFeatureType", typeNames=f"huong:{name}")), f"{{{XS}}}schema")
    features = sampled(service, name)
    for element in schema.iter(f"{{{XS}}}element"):
        if element.get("type") in kinds and (found := values(features, element.get("name") or "")):
            yield element.get("name") or "", found


def envelope_of(service: Service, name: str) -> str:
    numbers = [
        tuple(map(float, pair))
        for feature in sampled(service, name)
        for text in feature.xpath(".//gml:pos/text() | .//gml:posList/text()", namespaces=SPACES)
        for pair in zip(text.split()[::2], text.split()[1::2], strict=True)
    ]
    ys, xs = zip(*numbers, strict=True)
    srs = sampled(service, name)[0].xpath(".//@srsName")[0]
    return (
        f'<gml:Envelope srsName="{srs}"><gml:lowerCorner>{min(ys) - 0.01} {min(xs) - 0.01}</gml:lowerCorner>'
        f"<gml:upperCorner>{max(ys) + 0.01} {max(xs) + 0.01}</gml:upperCorner></gml:Envelope>"
    )


@SUITE.check("BBOX.nonSpecificBBOX and bboxWithDefaultExtent")
def bbox(service: Service) -> None:
    for name, binding in cases():
        place = envelope_of(service, name)
        for reference in ("", "t:geom", "gml:boundedBy"):
            inside = f"<fes:ValueReference>{reference}</fes:ValueReference>" if reference else ""
            answer = query(service, name, binding, f"<fes:BBOX>{inside}{place}</fes:BBOX>", count="60")
            need(len(members(answer, name)) >= 50 or name != "roads", f"{name} in its own box by {reference}")
            need(members(answer, name), f"no {name} in its own box by {reference}")


@SUITE.check("BBOX.invalidGeometryOperand")
def invalid_geometry(service: Service) -> None:
    for name in TYPES:
        inside = f"<fes:ValueReference>gml:description</fes:ValueReference>{envelope_of(service, name)}"
        need_exception(query(service, name, "get", f"<fes:BBOX>{inside}</fes:BBOX>"), "InvalidParameterValue")


@SUITE.check("Temporal.after, before and during")
def temporal(service: Service) -> None:
    tried = 0
    for name, binding in cases():
        for property_, found in list(of_kind(service, name, "xsd:date"))[:1]:
            days = sorted(set(found))
            middle = days[len(days) // 2]
            for operator, holds in (("After", lambda a, b: a > b), ("Before", lambda a, b: a < b)):
                for text in (middle, f"{middle}T09:00:00+09:00", f"{middle}T00:00:00Z"):
                    time = f'<gml:TimeInstant gml:id="i"><gml:timePosition>{text}</gml:timePosition></gml:TimeInstant>'
                    reference = f"<fes:ValueReference>t:{property_}</fes:ValueReference>"
                    answer = query(
                        service, name, binding, f"<fes:{operator}>{reference}{time}</fes:{operator}>"
                    )
                    for value in values(members(answer, name), property_):
                        need(holds(value, middle), f"{value} {operator} {text}")
                        tried += 1
    need(tried, "no property of a time")


# Response paging --------------------------------------------------------------------------------------------------


def follow(service: Service, root: etree._Element, which: str) -> httpx.Response:
    address = root.get(which)
    need(address, f"no address of {which}")
    return service.client.get(f"{service.url}?{urlsplit(str(address)).query}")


@SUITE.check("Paging.getFeatureWithHitsOnly")
def hits_only(service: Service) -> None:
    for binding in BINDINGS:
        root = root_of(query(service, "roads", binding, count="1", resultType="hits"), COLLECTION)
        equal(root.get("numberReturned"), "0", "numberReturned of hits")
        need(not root.get("previous"), "hits have a page before them")
        first = root_of(follow(service, root, "next"), COLLECTION)
        equal(first.get("numberReturned"), "1", "numberReturned of the first page")
        need(not first.get("previous"), "the first page has one before it")


@SUITE.check("Paging.traverseResultSetInBothDirections")
def both_directions(service: Service) -> None:
    first = query(service, "roads", "get", count="1")
    second = root_of(follow(service, root_of(first, COLLECTION), "next"), COLLECTION)
    equal(
        ids(members(follow(service, second, "previous"), "roads")),
        ids(members(first, "roads")),
        "previous of next",
    )


@SUITE.check("resolve")
def resolve(service: Service) -> None:
    """Ours: what the capabilities list is taken, the rest refused by name."""
    for value, code in (
        ("local", None),
        ("none", None),
        ("remote", "OptionNotSupported"),
        ("x", "InvalidParameterValue"),
    ):
        answer = query(service, "roads", "get", count="1", resolve=value)
        if code is None:
            members(answer, "roads")
        else:
            need_exception(answer, code, "resolve")


@SUITE.check("versions")
def versions(service: Service) -> None:
    """Ours, as OGC 06-121r3 has it: a version that is not said, is not there, or cannot be agreed on."""
    asked: Mapping[str, object] = {
        "service": "WFS",
        "request": "GetFeature",
        "typeNames": "roads",
        "count": 1,
    }
    need_exception(service.ask(asked), "MissingParameterValue", "version")
    need_exception(service.ask({**asked, "version": "9.0.0"}), "InvalidParameterValue", "version")
    wanted = {"service": "WFS", "request": "GetCapabilities", "acceptversions": "9.0.0"}
    need_exception(service.ask(wanted), "VersionNegotiationFailed", None)
    need_exception(service.ask({"service": "WFS", "version": "2.0.0"}), "MissingParameterValue", "request")
    need_exception(service.ask(pairs("GetBogus")), "InvalidParameterValue", "request")
    need_exception(service.ask(pairs("Transaction")), "OperationNotSupported", "request")
