"""Capabilities and exceptions are valid by the schemas and document types of OGC, which MapProxy's package holds."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from lxml import etree

from tests.live_city import LiveCity

ONLINE = "http://schemas.opengis.net/"
BOTH = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="http://www.opengis.net/wms" schemaLocation="{0}wms/1.3.0/capabilities_1_3_0.xsd"/>
<xs:import namespace="http://www.opengis.net/sld" schemaLocation="{0}sld/1.1.0/sld_capabilities.xsd"/></xs:schema>"""


class Local(etree.Resolver):
    """Finds the files of schemas in the package; nothing is fetched."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def resolve(self, url: str, public_id: str, context: object) -> object:
        if url.startswith(ONLINE):
            return self.resolve_filename(str(self._folder / url.removeprefix(ONLINE)), context)
        for name, path in (("xml.xsd", "xml.xsd"), ("xlink", "xlink/1.0.0/xlinks.xsd")):
            if name in url and url.startswith("http"):
                return self.resolve_filename(str(self._folder / path), context)
        return None


@pytest.fixture(scope="module")
def schemas() -> Path:
    found = find_spec("mapproxy")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "test" / "schemas"


def schema_of(folder: Path, text: str) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local(folder))
    return etree.XMLSchema(etree.fromstring(text.format(ONLINE), parser))


def importing(namespace: str, path: str) -> str:
    location = f"{ONLINE}{path}"
    return (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        f'<xs:import namespace="{namespace}" schemaLocation="{location}"/></xs:schema>'
    )


def fetched(city: LiveCity, path: str, **headers: str) -> etree._Element:
    with httpx.Client(base_url=city.url, timeout=30) as client:
        answer = client.get(path, headers=headers)
    return etree.fromstring(answer.content, etree.XMLParser(load_dtd=False, no_network=True))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_wms_130(live_city: LiveCity, schemas: Path, language: str) -> None:
    root = fetched(live_city, "/wms?service=WMS&request=GetCapabilities", **{"Accept-Language": language})
    schema_of(schemas, BOTH).assertValid(root)


def test_wms_111(live_city: LiveCity, schemas: Path) -> None:
    root = fetched(live_city, "/wms?service=WMS&request=GetCapabilities&version=1.1.1")
    document_type = etree.DTD(str(schemas / "wms" / "1.1.1" / "WMS_MS_Capabilities.dtd"))
    assert document_type.validate(root), list(document_type.error_log)[:5]


def test_wms_exceptions(live_city: LiveCity, schemas: Path) -> None:
    root = fetched(live_city, "/wms?version=1.3.0&request=GetMap&layers=%3C%26%3E%01")
    schema_of(schemas, importing("http://www.opengis.net/ogc", "wms/1.3.0/exceptions_1_3_0.xsd")).assertValid(
        root
    )
    root = fetched(live_city, "/wms?version=1.1.1&request=GetMap&layers=%3C%26%3E%01")
    document_type = etree.DTD(str(schemas / "wms" / "1.1.1" / "exception_1_1_1.dtd"))
    assert document_type.validate(root), list(document_type.error_log)[:5]


def test_wmts(live_city: LiveCity, schemas: Path) -> None:
    capabilities = importing("http://www.opengis.net/wmts/1.0", "wmts/1.0/wmtsGetCapabilities_response.xsd")
    schema_of(schemas, capabilities).assertValid(fetched(live_city, "/wmts/1.0.0/WMTSCapabilities.xml"))
    exceptions = importing("http://www.opengis.net/ows/1.1", "ows/1.1.0/owsExceptionReport.xsd")
    schema_of(schemas, exceptions).assertValid(fetched(live_city, "/wmts?request=GetTile&layer=%3C%01%3E"))


@pytest.mark.parametrize(
    ("version", "namespace", "path"),
    [
        ("2.0.0", "http://www.opengis.net/ows/1.1", "ows/1.1.0/owsExceptionReport.xsd"),
        ("1.1.0", "http://www.opengis.net/ows", None),
    ],
)
def test_wfs_exceptions(
    live_city: LiveCity, schemas: Path, version: str, namespace: str, path: str | None
) -> None:
    asked = f"/wfs?service=WFS&version={version}&request=GetFeature&typeNames=%3C%26%3E&typeName=%3C%26%3E"
    root = fetched(live_city, asked)
    assert root.tag == f"{{{namespace}}}ExceptionReport"
    if (
        path is None
    ):  # the schema of OWS 1.0 is not in the package: its attributes are `version` and `language`
        assert dict(root.attrib) == {"version": "1.0.0", "language": "vi"}
        assert [each.get("exceptionCode") for each in root] == ["InvalidParameterValue"]
    else:
        schema_of(schemas, importing(namespace, path)).assertValid(root)


def test_an_invalid_document_is_found(live_city: LiveCity, schemas: Path) -> None:
    """Else the tests above could pass over schemas that were not read."""
    root = fetched(live_city, "/wms?service=WMS&request=GetCapabilities")
    root.append(etree.SubElement(root, "{http://www.opengis.net/wms}Service"))
    assert not schema_of(schemas, BOTH).validate(root)
    other = fetched(live_city, "/wms?service=WMS&request=GetCapabilities&version=1.1.1")
    other.find("Capability").tag = "Capabilities"
    assert not etree.DTD(str(schemas / "wms" / "1.1.1" / "WMS_MS_Capabilities.dtd")).validate(other)
