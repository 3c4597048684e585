"""Requests in XML as the key-value pairs that ask the same: one parser of parameters serves both."""

from __future__ import annotations

from lxml import etree

from gis_core.http.ows import OPTION_NOT_SUPPORTED, refused
from ogc_api.wfs.documents import children, name_of, parse_xml, text_of

type Element = etree._Element
# Attributes of the outermost element and of a Query that have a key of the same meaning, in lower case: OWSLib writes
# ``outputformat``.
ATTRIBUTES = {
    "service": "SERVICE",
    "version": "VERSION",
    "outputformat": "OUTPUTFORMAT",
    "count": "COUNT",
    "maxfeatures": "COUNT",
    "startindex": "STARTINDEX",
    "resulttype": "RESULTTYPE",
    "valuereference": "VALUEREFERENCE",
    "resolve": "RESOLVE",
    "typenames": "TYPENAMES",
    "typename": "TYPENAMES",
    "srsname": "SRSNAME",
}
# Elements that list values, the element of one value (itself, where there is none around it) and their key.
LISTS = {
    "TypeName": (None, "TYPENAMES"),
    "AcceptVersions": ("Version", "ACCEPTVERSIONS"),
    "AcceptFormats": ("OutputFormat", "ACCEPTFORMATS"),
    "Sections": ("Section", "SECTIONS"),
    "StoredQueryId": (None, "STOREDQUERY_ID"),
    "PropertyName": (None, "PROPERTYNAME"),
}


def parameters_of(body: bytes) -> dict[str, str]:
    """The key-value pairs of a request in XML; a 400 for what is none."""
    root = parse_xml(body, "request")
    pairs = {"REQUEST": name_of(root), **attributes(root)}
    queries = children(root, "Query", "StoredQuery", "GetFeature")
    if len(queries) > 1:
        raise refused(
            OPTION_NOT_SUPPORTED,
            "Query",
            "Mỗi yêu cầu chỉ có một Query.",
            "A request holds one Query.",
        )
    pairs |= lists(root) | bindings(root)
    for query in queries:
        pairs |= stored_query(query) if name_of(query) == "StoredQuery" else adhoc_query(query)
    return pairs


def attributes(element: Element) -> dict[str, str]:
    found = ((str(key).lower(), str(value)) for key, value in element.attrib.items())
    return {ATTRIBUTES[key]: value for key, value in found if key in ATTRIBUTES}


def bindings(element: Element) -> dict[str, str]:
    """The prefixes that ``element``, its children and theirs bind, as ``NAMESPACES`` does."""
    within = [element, *element, *(inner for child in element for inner in child)]
    known = {prefix: uri for each in reversed(within) for prefix, uri in each.nsmap.items()}
    bound = [f"xmlns({prefix},{uri})" for prefix, uri in known.items() if prefix and "," not in uri]
    return {"NAMESPACES": ",".join(bound)} if bound else {}


def lists(element: Element) -> dict[str, str]:
    """The elements of `LISTS` below ``element``, their values joined by commas."""
    found: dict[str, list[str]] = {}
    for child in children(element):
        if name_of(child) in LISTS:
            inner, key = LISTS[name_of(child)]
            values = [text_of(each) for each in (children(child, inner) if inner else [child])]
            found.setdefault(key, []).extend(values)
    return {key: ",".join(values) for key, values in found.items()}


def adhoc_query(query: Element) -> dict[str, str]:
    """Types, CRS, properties, filter and order of a Query."""
    pairs = attributes(query) | lists(query)
    for filter_ in children(query, "Filter"):
        pairs["FILTER"] = etree.tostring(filter_, encoding="unicode", with_tail=False)
    order = [sort_key(key) for part in children(query, "SortBy") for key in children(part, "SortProperty")]
    return pairs | ({"SORTBY": ",".join(order)} if order else {})


def sort_key(key: Element) -> str:
    names = " ".join(text_of(each) for each in children(key, "ValueReference", "PropertyName"))
    return f"{names} {' '.join(text_of(each) for each in children(key, 'SortOrder'))}".strip()


def stored_query(query: Element) -> dict[str, str]:
    pairs = {str(each.get("name", "")).upper(): text_of(each) for each in children(query, "Parameter")}
    return pairs | {"STOREDQUERY_ID": str(query.get("id", ""))}
