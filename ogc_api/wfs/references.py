"""What names in a request refer to: layers, properties, features; as clients write them, with prefixes and paths."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gis_core.audiences import Caller
from gis_core.http.ows import INVALID, MISSING, NOT_FOUND, OPTION_NOT_SUPPORTED, refused
from gis_core.query.gml_text import PREFIX
from gis_core.reading import registry
from gis_core.registry import Published
from ogc_api.wfs.versions import LAYERS_NAMESPACE, V1, V2

# Prefixes as a request binds them to namespaces.
Namespaces = Mapping[str, str]
USUAL: Namespaces = {PREFIX: LAYERS_NAMESPACE, "gml": V2.gml}
BOUND = re.compile(r"xmlns\(\s*(?:([^=,()\s]{1,60})\s*[,=]\s*)?([^=,()\s]{1,300})\s*\)")
# Properties that GML gives every feature, under the names by which `property_named` calls them. No feature of ours has
# a value of one.
BOUNDED_BY = "gml:boundedBy"
OF_GML = frozenset(
    {BOUNDED_BY, "gml:description", "gml:descriptionReference", "gml:identifier", "gml:location"}
    | {"gml:metaDataProperty", "gml:name"}
)

MAX_IDS = 1000
MAX_TYPES = 500
RESOURCE = re.compile(r"(?P<layer>[a-z][a-z0-9_]{0,62})\.(?P<fid>[0-9]{1,16})")


def types_seen_by(caller: Caller) -> list[Published]:
    """The feature types: the listed layers of the caller, by id."""
    return [p for p in registry().current().seen_by(caller) if p.layer.listed]


def namespaces_of(text: str | None) -> dict[str, str]:
    """The prefixes of ``NAMESPACES=xmlns(a,http://...),xmlns(b=http://...)``, in the manner of both versions."""
    return {prefix: uri for prefix, uri in BOUND.findall(text or "") if prefix}


def named(text: str, namespaces: Namespaces) -> str | None:
    """The local name of one of ours, ``gml:...`` for one of GML's, None for a prefix that stands for neither.

    A name without a prefix is ours; the two prefixes that our documents use need no binding.
    """
    prefix, colon, local = text.strip().rpartition(":")
    namespace = namespaces.get(prefix) or USUAL.get(prefix)
    if not colon or namespace == LAYERS_NAMESPACE:
        return local
    return f"gml:{local}" if namespace in (V1.gml, V2.gml) else None


def type_named(name: str, caller: Caller, namespaces: Namespaces) -> Published:
    """The feature type ``name``, with or without a prefix; one refusal for none, unlisted and not for the caller."""
    wanted = named(name, namespaces)
    for published in types_seen_by(caller):
        if published.layer.id == wanted:
            return published
    raise refused(
        INVALID,
        "typeNames",
        f"Không có lớp “{name[:80]}”; xem GetCapabilities.",
        f"There is no feature type “{name[:80]}”; see GetCapabilities.",
    )


def types_named(text: str | None, caller: Caller, namespaces: Namespaces) -> list[Published]:
    """The feature types of a DescribeFeatureType: those that are named, all where none is."""
    if text is None:
        return types_seen_by(caller)
    names = [name for name in re.split(r"[,()\s]+", text) if name]
    return [type_named(name, caller, namespaces) for name in dict.fromkeys(names[:MAX_TYPES])]


def single_type(text: str | None, ids: list[str], caller: Caller, namespaces: Namespaces) -> Published:
    """The one feature type of a query, which the ids of features may name by themselves."""
    if text is None and ids:
        text = ids[0].rpartition(".")[0]
    if not text:
        raise refused(MISSING, "typeNames", "Thiếu TYPENAMES.", "TYPENAMES is missing.")
    names = list(dict.fromkeys(name for name in re.split(r"[,()\s]+", text) if name))
    if len(names) != 1:
        raise refused(
            OPTION_NOT_SUPPORTED,
            "typeNames",
            "Mỗi yêu cầu chỉ hỏi một lớp.",
            "A request asks for one feature type.",
        )
    return type_named(names[0], caller, namespaces)


def property_named(text: str, layer_id: str, namespaces: Namespaces) -> str:
    """The property that a value reference names: ``huong:name``, ``roads/name``, ``/huong:roads/huong:name``; one of
    `OF_GML` by its name there.

    What is no such path, or has a prefix of another's, comes back as it is, to be refused as a property that does not
    exist.
    """
    steps = [named(step, namespaces) for step in text.strip().strip("/").split("/")]
    path = steps[1:] if len(steps) > 1 and steps[0] in (layer_id, "*", "") else steps
    if len(path) != 1 or path[0] is None or "@" in path[0]:
        return text
    return path[0]


def is_id(text: str, layer_id: str, namespaces: Namespaces) -> bool:
    """Whether a value reference names the id of a feature: ``@gml:id``, ``huong:roads/@gml:id``."""
    path, at, attribute = text.strip().rpartition("@")
    steps = [named(step, namespaces) for step in path.strip("/").split("/") if step]
    return at == "@" and named(attribute, namespaces) in ("gml:id", "id") and steps in ([], [layer_id], ["*"])


def resource_number(text: str, layer_id: str) -> int | None:
    """The number of the feature ``roads.123`` of layer ``roads``; None for what names no feature of it."""
    found = RESOURCE.fullmatch(text.strip())
    if found is None or found["layer"] != layer_id or int(found["fid"]) >= 2**53:
        return None
    return int(found["fid"])


def resource_ids(text: str | None) -> list[str]:
    """The ids of a ``RESOURCEID=``."""
    found = [each.strip() for each in (text or "").split(",") if each.strip()]
    if len(found) > MAX_IDS:
        raise refused(
            INVALID,
            "resourceId",
            f"Nhiều nhất {MAX_IDS} đối tượng.",
            f"At most {MAX_IDS} features are named at once.",
        )
    return found


def no_such_resource() -> Exception:
    """One refusal for a feature that is not there and one that is not for the caller."""
    return refused(NOT_FOUND, "ID", "Không có đối tượng này.", "There is no such feature.", status=404)
