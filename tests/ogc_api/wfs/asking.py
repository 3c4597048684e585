"""Asking /wfs in this process, and reading what comes back without our own writers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from tests.acceptance.asking import Call, Person, Reply, citizen

GML = {"2.0.0": "http://www.opengis.net/gml/3.2", "1.1.0": "http://www.opengis.net/gml"}
WFS = {"2.0.0": "http://www.opengis.net/wfs/2.0", "1.1.0": "http://www.opengis.net/wfs"}
OWS = {"2.0.0": "http://www.opengis.net/ows/1.1", "1.1.0": "http://www.opengis.net/ows"}
LAYERS = "urn:huong:layers"
FES = "http://www.opengis.net/fes/2.0"


@dataclass(frozen=True)
class Feature:
    """One feature of a collection; ``numbers`` are its coordinates in the order of the document."""

    id: str
    values: dict[str, str]
    numbers: list[float]
    srs: str | None

    @property
    def fid(self) -> int:
        return int(self.id.rpartition(".")[2])


def ask(
    who: Person | None = None, *, version: str = "2.0.0", language: str = "vi", **parameters: object
) -> Reply:
    """A GET with the parameters that are not None; SERVICE and VERSION are added unless told otherwise."""
    given = {"SERVICE": "WFS", "VERSION": version, **parameters}
    pairs = {key: str(value) for key, value in given.items() if value is not None}
    path = f"/wfs?{urlencode(pairs)}" if pairs else "/wfs"
    return (who or citizen()).ask(Call(path, headers={"Accept-Language": language}))


def get_feature(layer: str, who: Person | None = None, **parameters: object) -> Reply:
    name = "TYPENAME" if parameters.get("version") == "1.1.0" else "TYPENAMES"
    return ask(who, REQUEST="GetFeature", **{name: f"huong:{layer}"}, **parameters)


def post(body: str | bytes, who: Person | None = None, media_type: str = "text/xml") -> Reply:
    sent = body.encode() if isinstance(body, str) else body
    return (who or citizen()).ask(Call("/wfs", "POST", sent, media_type=media_type))


def root_of(reply: Reply) -> Any:
    """The document of an answer that must have succeeded."""
    assert reply.status == 200, reply.body.decode()[:2000]
    return etree.fromstring(reply.body)


def features_of(reply: Reply, version: str = "2.0.0") -> list[Feature]:
    """The features of a GML collection, in its order."""
    inside = "member" if version == "2.0.0" else "featureMember"
    space = WFS[version] if version == "2.0.0" else GML[version]
    return [feature_of(member[0], version) for member in root_of(reply).findall(f"{{{space}}}{inside}")]


def feature_of(element: Any, version: str = "2.0.0") -> Feature:
    gml = GML[version]
    values: dict[str, str] = {}
    numbers: list[float] = []
    srs = None
    for child in element:
        name = etree.QName(child).localname
        if name != "geom":
            values[name] = child.text or ""
            continue
        srs = child[0].get("srsName")
        for each in child.iter(f"{{{gml}}}pos", f"{{{gml}}}posList"):
            numbers += map(float, each.text.split())
    return Feature(element.get(f"{{{gml}}}id"), values, numbers, srs)


def flat(coordinates: Any) -> list[float]:
    """The numbers of GeoJSON coordinates, in their order."""
    if isinstance(coordinates, int | float):
        return [float(coordinates)]
    return [number for part in coordinates for number in flat(part)]


def items(layer: str, who: Person | None = None, **parameters: object) -> list[dict[str, Any]]:
    """The same layer by the OGC API, all of it."""
    query = urlencode({"limit": 10000, **parameters})
    reply = (who or citizen()).get(f"/ogcapi/collections/{layer}/items?{query}")
    assert reply.status == 200, reply.body.decode()
    found: list[dict[str, Any]] = reply.json["features"]
    return found


def exception_of(reply: Reply, version: str = "2.0.0") -> tuple[str, str | None, list[str]]:
    """Code, locator and words of an exception report."""
    root = etree.fromstring(reply.body)
    ows = OWS[version]
    assert root.tag == f"{{{ows}}}ExceptionReport", reply.body.decode()[:500]
    (exception,) = root.findall(f"{{{ows}}}Exception")
    words = [text.text or "" for text in exception.findall(f"{{{ows}}}ExceptionText")]
    return exception.get("exceptionCode"), exception.get("locator"), words


def fes(condition: str) -> str:
    """A filter of FES 2.0 around ``condition``, whose elements have no prefix; geometries have ``gml:``."""
    return f'<Filter xmlns="{FES}" xmlns:gml="{GML["2.0.0"]}">{condition}</Filter>'


def reference(name: str) -> str:
    return f"<ValueReference>{name}</ValueReference>"


def literal(value: object) -> str:
    return f"<Literal>{value}</Literal>"
