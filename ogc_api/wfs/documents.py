"""XML from strangers: no entities, no network, no document types, bounded.

What a document is made of is counted in its bytes, before a parser sees it: of 28,000 attributes of one element,
libxml2 compares each with each, and lxml walks to each from the first one.
"""

from __future__ import annotations

from lxml import etree

from gis_core.http.bodies import WFS
from gis_core.http.ows import PARSING_FAILED, OwsException
from gis_core.words import Text

MAX_BYTES = WFS.most
MAX_DEPTH = 48
MAX_ELEMENTS = 4_000  # four for each vertex that a filter may have
MAX_ATTRIBUTES = 2_000  # of all elements, namespaces included
MAX_OWN_ATTRIBUTES = 64  # of one element
MAX_NAME = 500  # characters of a name, with the address of its namespace
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")


def parse_xml(text: bytes, locator: str) -> etree._Element:
    """The root of an XML document in UTF-8; a 400 on ``locator`` for anything else.

    The parser is held to UTF-8 whatever the document declares, so that no encoding hides what is looked for here. A
    document type is refused unread: it is where entities and addresses of other files come from.
    """
    if len(text) > MAX_BYTES:
        raise unreadable(locator, "XML quá lớn", f"the XML is larger than {MAX_BYTES} bytes", status=413)
    if any(word in text for word in FORBIDDEN):
        raise unreadable(locator, "XML có DOCTYPE hay ENTITY", "the XML has a DOCTYPE or an ENTITY")
    # "<" begins and ends an element, "=" stands in each attribute; in texts both are rare.
    if text.count(b"<") > 2 * MAX_ELEMENTS or text.count(b"=") > MAX_ATTRIBUTES:
        raise too_much(locator)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise unreadable(locator, "không phải XML đúng dạng (UTF-8)", "it is not well-formed XML") from None
    check_shape(root, locator)
    return root


def check_shape(root: etree._Element, locator: str) -> None:
    """Refuse elements nested deeper, or with more or longer names, than any request needs, before anybody recurses
    into them or copies a name for each of them.
    """
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise unreadable(locator, "XML lồng quá sâu", f"elements are nested deeper than {MAX_DEPTH}")
        if event == "start" and (
            len(element.tag) > MAX_NAME
            or len(element.attrib) > MAX_OWN_ATTRIBUTES
            or any(len(name) > MAX_NAME for name in element.keys())  # noqa: SIM118  (no mapping)
        ):
            raise too_much(locator)


def too_much(locator: str) -> OwsException:
    return unreadable(
        locator,
        "XML có quá nhiều phần tử hay thuộc tính, hoặc tên quá dài",
        "the XML has too many elements or attributes, or a name that is too long",
    )


def unreadable(locator: str, vi: str, en: str, status: int = 400) -> OwsException:
    words = Text(f"Không đọc được yêu cầu: {vi}.", f"The request cannot be read: {en}.")
    return OwsException(PARSING_FAILED, words, locator, status=status)


def name_of(element: etree._Element) -> str:
    """The local name: what is meant does not depend on the version of the namespace around it."""
    return str(etree.QName(element).localname)


def children(element: etree._Element, *names: str) -> list[etree._Element]:
    """The child elements called ``names``, all of them where none is given."""
    return [child for child in element if not names or name_of(child) in names]


def text_of(element: etree._Element) -> str:
    return "".join(element.itertext()).strip()
