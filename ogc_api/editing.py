"""OGC API Features Part 4: create, replace, update, delete, with optimistic locking that QGIS can live with.

QGIS never sends If-Match, but it sends back every property it read. So a feature carries ``version`` among its
properties, PUT is what OPTIONS advertises, and a PUT that carries an old version is refused (412) like one with an old
If-Match. What of it is as it was served stays as it is stored. PATCH carries only what changed, so it must say what it
changes (If-Match, else 428). A DELETE that says nothing removes no fresh work of somebody else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, TypedDict

import orjson
import shapely

from gis_core.audiences import Caller
from gis_core.http import bodies
from gis_core.http.conditions import EntityTag, tags_of
from gis_core.layer import Layer
from gis_core.problems import Problem
from gis_core.reading import registry
from gis_core.registry import Published
from gis_core.values import OWN_PROPERTIES, Place, refused
from gis_core.words import Text
from gis_core.writing import Change, Operation, Written, refuse_unless_allowed, write
from ogc_api.answers import GEOJSON, JSON, Answer, Request
from ogc_api.features import feature_etag, feature_number
from ogc_api.parameters import parse_crs, refuse_unknown

SPEC = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf"
CONFORMANCE = (
    f"{SPEC}/create-replace-delete",
    f"{SPEC}/update",
    f"{SPEC}/features",
    f"{SPEC}/optimistic-locking-etags",
)
MERGE_PATCH = "application/merge-patch+json"
MAX_KEY = 200
NO_VERSION = -1


def landing_links(language: str) -> list[dict[str, str]]:
    return []


def collection_links(layer: Layer, language: str) -> list[dict[str, str]]:
    return []


def refused_body(code: str, vi: str, en: str, status: int = 400) -> Problem:
    return Problem(status, code, Text(vi, en))


def media_type(request: Request, allowed: set[str]) -> None:
    sent = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if sent not in allowed:
        listed = ", ".join(sorted(allowed))
        raise refused_body("media-type", f"Hãy gửi dạng {listed}.", f"Send it as {listed}.", 415)


def read_feature(request: Request) -> dict[str, Any]:
    """The GeoJSON feature (or merge patch of one) in the body, as plain values."""
    if len(request.body) > bodies.ITEMS.most:
        raise refused_body("too-large", "Nội dung gửi lên quá lớn.", "The body is too large.", 413)
    try:
        value = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise refused_body(
            "bad-json", "Nội dung không phải JSON hợp lệ.", "The body is not valid JSON."
        ) from None
    if not isinstance(value, dict) or value.get("type", "Feature") != "Feature":
        raise refused_body("bad-feature", "Cần một GeoJSON Feature.", "A GeoJSON Feature is needed.")
    if not isinstance(value.get("properties"), dict | None):
        raise refused_body(
            "bad-feature", "“properties” phải là đối tượng.", "“properties” must be an object."
        )
    return value


def read_place(published: Published, request: Request, feature: Mapping[str, Any]) -> Place | None:
    """The geometry in the CRS that Content-Crs names (with or without angle brackets; QGIS sends none)."""
    geometry = feature.get("geometry")
    if geometry is None:
        return None
    named = request.headers.get("content-crs")
    uri = None if named is None else named.strip().removeprefix("<").removesuffix(">")
    crs = parse_crs(published.layer, uri, "Content-Crs")
    try:
        shape = shapely.from_geojson(orjson.dumps(geometry))
    except (shapely.GEOSException, TypeError, ValueError):
        shape = None
    if shape is None:
        raise refused_body("bad-geometry", "Hình học không đọc được.", "The geometry cannot be read.", 422)
    return Place(shape, crs)


class Stated(TypedDict):
    """What If-Match and If-None-Match say of the state that is to be changed, by the names of `Change`."""

    version: int | None
    exact: bool
    or_versions: frozenset[int]
    unless: frozenset[int]
    unless_there: bool


def stated(request: Request) -> Stated:
    """A tag of ours begins with the version (`feature_etag`); If-Match never takes a weak one (RFC 9110, 13.1.1).

    A header that is empty, or that the server could not decode, names no version: it matches none.
    """
    header = request.headers.get("if-match", "*")
    held, others = tags_of(header), tags_of(request.headers.get("if-none-match", ""))
    versions = [version_in(tag) for tag in held.listed if not tag.weak]
    return Stated(
        version=None if held.anything else versions[0] if versions else NO_VERSION,
        exact=not held.anything,
        or_versions=frozenset(versions[1:]),
        unless=frozenset(version_in(tag) for tag in others.listed),
        unless_there=others.anything,
    )


def version_in(tag: EntityTag) -> int:
    number = tag.opaque.partition("-")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 20 else NO_VERSION


def version_among(feature: Mapping[str, Any]) -> int | None:
    """The version that came among the properties, as QGIS sends it back: as a text or a fraction from a program that
    took the field for one.
    """
    version = (feature.get("properties") or {}).get("version")
    if isinstance(version, str) and version.isascii() and version.isdecimal() and len(version) < 20:
        return int(version)
    if isinstance(version, float) and version.is_integer():
        return int(version)
    return version if type(version) is int else None


def properties_of(feature: Mapping[str, Any], fid: int | None = None) -> dict[str, Any]:
    """The fields among the properties; Problem 422 for a ``fid`` (schemas name it) of another feature than ``fid``."""
    sent = feature.get("properties") or {}
    named = sent.get("fid")
    if fid is not None and named is not None and str(named) != str(fid):
        raise refused(
            "fid", "không đổi được mã của đối tượng.", "the feature's identifier cannot be changed."
        )
    return {name: value for name, value in sent.items() if name not in OWN_PROPERTIES}


def answer(published: Published, request: Request, written: Written, status: int) -> Answer:
    headers = {}
    if written.version is not None:
        headers["ETag"] = feature_etag(written.version, published, f"json.{request.language}")
    if status == 201:
        headers["Location"] = request.url(f"/collections/{published.layer.id}/items/{written.fid}")
    return Answer(b"", status, GEOJSON, headers)


def open_to(request: Request, layer_id: str, operation: Operation) -> Published:
    """The layer that ``operation`` is for. Who may not do it learns so before the body is read: 20 MB take seconds."""
    refuse_unknown(request.parameters, ())
    published = registry().current().get(layer_id, request.caller)
    refuse_unless_allowed(published.layer, Change(operation), request.caller)
    return published


def create(request: Request, layer_id: str) -> Answer:
    """``POST .../items``: 201 with Location. The same Idempotency-Key and body again: the same Location."""
    published = open_to(request, layer_id, "create")
    media_type(request, {GEOJSON, JSON})
    feature = read_feature(request)
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise refused_body("bad-idempotency-key", "Khóa chống gửi lặp không hợp lệ.", "The key does not fit.")
    change = Change(
        "create",
        properties=properties_of(feature),
        place=read_place(published, request, feature),
        idempotency_key=key,
        request_digest=hashlib.sha256(request.body).hexdigest(),
    )
    return answer(published, request, write(published, change, request.caller), 201)


def replace(request: Request, layer_id: str, feature_id: str) -> Answer:
    """``PUT .../items/{id}``: every property the caller sees and may write; those it cannot see stay."""
    published = open_to(request, layer_id, "replace")
    media_type(request, {GEOJSON, JSON})
    feature = read_feature(request)
    fid = feature_number(feature_id)
    conditions = stated(request)
    if not conditions["exact"]:
        conditions["version"] = version_among(feature)
    change = Change(
        "replace",
        fid=fid,
        properties=properties_of(feature, fid),
        place=read_place(published, request, feature),
        must_match=request.headers.get("if-match", "").strip() != "*",
        **conditions,
    )
    return answer(published, request, write(published, change, request.caller), 204)


def update(request: Request, layer_id: str, feature_id: str) -> Answer:
    """``PATCH .../items/{id}``: the sent properties, the geometry if sent (RFC 7396)."""
    published = open_to(request, layer_id, "update")
    media_type(request, {MERGE_PATCH, GEOJSON, JSON})
    feature = read_feature(request)
    if "if-match" not in request.headers:
        raise Problem(
            428,
            "if-match-required",
            Text("Hãy gửi If-Match với ETag của đối tượng.", "Send If-Match with the feature's ETag."),
        )
    if "geometry" in feature and feature["geometry"] is None:
        raise refused("geometry", "cần có vị trí.", "a feature has a geometry.")
    fid = feature_number(feature_id)
    change = Change(
        "update",
        fid=fid,
        properties=properties_of(feature, fid),
        place=read_place(published, request, feature),
        **stated(request),
    )
    return answer(published, request, write(published, change, request.caller), 204)


def delete(request: Request, layer_id: str, feature_id: str) -> Answer:
    """``DELETE .../items/{id}``; If-Match is honoured when sent (QGIS sends none: see `gis_core.deleting`)."""
    published = open_to(request, layer_id, "delete")
    change = Change(
        "delete",
        fid=feature_number(feature_id),
        **stated(request),
        unseen=request.headers.get("if-match", "").strip() == "*",
    )
    write(published, change, request.caller)
    return Answer(b"", 204)


def allowed_methods(layer: Layer, caller: Caller, *, single: bool) -> list[str]:
    """For ``Allow``: what this caller may do. PATCH works but is not named: QGIS would prefer it and lose updates."""
    methods = ["GET", "HEAD", "OPTIONS"]
    if caller.may_write(layer) and layer.write is not None:
        if not single and layer.write.create:
            methods.append("POST")
        if single:
            methods.append("PUT")
            methods += ["DELETE"] if layer.write.delete else []
    return methods


def options(request: Request, layer_id: str, *, single: bool) -> Answer:
    """``OPTIONS`` of items and of one item; QGIS asks for one that need not exist."""
    published = registry().current().get(layer_id, request.caller)
    methods = allowed_methods(published.layer, request.caller, single=single)
    return Answer(b"", 204, headers={"Allow": ", ".join(methods)})


def openapi(language: str) -> dict[str, Any]:
    """The paths of this part."""
    from ogc_api.openapi import body_of, operation, parameter_refs

    item = parameter_refs("collectionId", "featureId")
    match = parameter_refs("if-match")
    feature = body_of(GEOJSON, "featureGeoJSON")
    patch = body_of(MERGE_PATCH, "featurePatch")

    def writing(
        operation_id: str, summary: str, parameters: list[Any], body: Any, done: str
    ) -> dict[str, Any]:
        made = operation(operation_id, summary, parameters, done=done, writes=True)
        return {**made, "requestBody": body} if body else made

    return {
        "paths": {
            "/collections/{collectionId}/items": {
                "post": writing(
                    "createFeature",
                    "Create a feature",
                    parameter_refs("collectionId", "idempotency-key"),
                    feature,
                    "201",
                )
            },
            "/collections/{collectionId}/items/{featureId}": {
                "put": writing("replaceFeature", "Replace a feature", item + match, feature, "204"),
                "patch": writing("updateFeature", "Update a feature", item + match, patch, "204"),
                "delete": writing("deleteFeature", "Delete a feature", item + match, None, "204"),
            },
        }
    }
