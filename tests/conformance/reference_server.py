"""A small OGC API server in memory that passes every check, so that one broken on purpose can be seen
to fail.

`ReferenceServer.handle` is a function of a request; httpx's MockTransport calls it, no socket is opened.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import mapbox_vector_tile
from pyproj.exceptions import ProjError
from shapely.errors import ShapelyError
from shapely.geometry import box, mapping, shape

from tests.conformance import reference_documents as documents
from tests.conformance.checks import CRS84, GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Server
from tests.conformance.ours_documents import FLATGEOBUF
from tests.conformance.reference_data import Json, Layer, Refused, houses, wards
from tests.conformance.reference_documents import CONFORMANCE, DEFAULT_LIMIT, MAX_LIMIT, PATHS, ROOT
from tests.conformance.reference_query import (
    as_csv,
    as_flatgeobuf,
    crs_of,
    cursor_of,
    feature_document,
    limits,
    moved,
    number,
    selected,
    unproject,
)

EDITORS = {"Bearer lan": "lan", "Bearer minh": "minh"}
MVT = "application/vnd.mapbox-vector-tile"
FORMATS = {"json": JSON, "html": HTML, "csv": "text/csv", "fgb": FLATGEOBUF, "mvt": MVT}
Reply = tuple[str, bytes, dict[str, str]]


class ReferenceServer:
    """Two layers; `houses` can be written to by two editors."""

    def __init__(self) -> None:
        self.layers = {layer.id: layer for layer in (houses(), wards())}
        self.keys: dict[str, int] = {}

    def handle(self, request: httpx.Request) -> httpx.Response:
        """One request, its refusals as problem documents, compression and HEAD last."""
        try:
            status, type_, body, headers = self.route(request)
        except Refused as refusal:
            status, type_, headers = (refusal.status, "application/problem+json", refusal.headers)
            title = {404: "Not found"}.get(status, "Refused")
            body = json.dumps({"title": title, "status": status, "detail": str(refusal)}).encode()
        headers = {"Vary": "Accept, Accept-Encoding", **headers}
        if type_:
            headers["Content-Type"] = type_
        if "gzip" in request.headers.get("accept-encoding", "") and len(body) > 200:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        if request.method == "HEAD":
            body = b""
        return httpx.Response(
            status, headers=headers, stream=httpx.ByteStream(body), extensions={"http_version": b"HTTP/1.1"}
        )

    def route(self, request: httpx.Request) -> tuple[int, str, bytes, dict[str, str]]:
        path = request.url.path.removeprefix("/ogcapi").rstrip("/") or "/"
        steps = path.strip("/").split("/")
        if request.url.path.startswith("/tiles/"):
            return self.tilejson_or_tile(steps)
        if len(steps) in (3, 4) and steps[0] == "collections" and steps[2] == "items":
            layer = self.layer(steps[1])
            if request.method not in ("GET", "HEAD"):
                return self.write(layer, steps[3] if len(steps) == 4 else None, request)
        elif request.method not in ("GET", "HEAD"):
            raise Refused(405, "only GET", Allow="GET, HEAD, OPTIONS")
        type_, body, headers = self.read(steps, request)
        headers.setdefault("ETag", tag_of(body))
        if request.headers.get("if-none-match") == headers["ETag"]:
            return 304, "", b"", headers
        return 200 if body else 204, type_, body, headers

    def layer(self, name: str) -> Layer:
        if name not in self.layers:
            raise Refused(404, f"there is no collection {name}")
        return self.layers[name]

    # -- Reading ----------------------------------------------------------------------------------

    def read(self, steps: list[str], request: httpx.Request) -> Reply:
        template = next((t for t in PATHS if fits(t, steps)), "")
        names = PATHS[template][2] if template else ("f",)
        for name in request.url.params:
            if name not in names:
                raise Refused(400, f"unknown parameter {name}")
        asked = request.url.params.get("f")
        if asked is not None and asked not in FORMATS:
            raise Refused(400, f"f={asked} is not offered")
        accept = request.headers.get("accept", "")
        html = asked == "html" or (asked is None and accept.startswith(HTML))
        match steps:
            case ["collections", name, "items"]:
                return self.items(self.layer(name), request.url.params, asked, html)
            case ["collections", name, "items", fid]:
                return self.item(self.layer(name), fid, request.url.params, html)
            case ["collections", name, "tiles", "WebMercatorQuad", z, row, column]:
                return MVT, self.tile([self.layer(name)], z, column, row), {}
            case ["tiles", "WebMercatorQuad", z, row, column]:
                return MVT, self.tile(list(self.layers.values()), z, column, row), {}
        document, type_ = self.document(steps)
        return (HTML, page_of(document), {}) if html else (type_, dumped(document), {})

    def document(self, steps: list[str]) -> tuple[Json, str]:
        match steps:
            case [""]:
                return documents.landing(), JSON
            case ["api"]:
                return documents.api(), OPENAPI
            case ["conformance"]:
                return {"conformsTo": CONFORMANCE}, JSON
            case ["collections"]:
                return documents.collections(list(self.layers.values())), JSON
            case ["collections", name]:
                return documents.collection(self.layer(name)), JSON
            case ["collections", name, ("schema" | "queryables") as kind]:
                return documents.schema(self.layer(name), kind), SCHEMA
            case ["collections", name, "tiles"]:
                return documents.tileset_list(f"/collections/{name}/tiles", limits([self.layer(name)])), JSON
            case ["collections", name, "tiles", "WebMercatorQuad"]:
                return documents.tileset(f"/collections/{name}/tiles", limits([self.layer(name)])), JSON
            case ["tiles"]:
                return documents.tileset_list("/tiles", limits(list(self.layers.values()))), JSON
            case ["tiles", "WebMercatorQuad"]:
                return documents.tileset("/tiles", limits(list(self.layers.values()))), JSON
            case ["tileMatrixSets"]:
                return documents.tile_matrix_sets(), JSON
            case ["tileMatrixSets", "WebMercatorQuad"]:
                return documents.tile_matrix_set(), JSON
        raise Refused(404, "there is nothing here")

    def items(self, layer: Layer, params: httpx.QueryParams, asked: str | None, html: bool) -> Reply:
        crs = crs_of(params, "crs")
        found = [
            fid for fid, feature in sorted(layer.features.items()) if selected(layer, fid, feature, params)
        ]
        limit = number(params, "limit", 1, DEFAULT_LIMIT)
        start = number(params, "offset", 0, 0) + cursor_of(params)
        page = found[start : start + min(limit, MAX_LIMIT)]
        features = [feature_document(layer, fid, crs) for fid in page]
        if asked == "csv":
            return "text/csv; charset=utf-8", as_csv(features), {}
        if asked == "fgb":
            return FLATGEOBUF, as_flatgeobuf(features), {}
        path, own = (f"/collections/{layer.id}/items", [(k, v) for k, v in params.multi_items() if k != "f"])
        rest = dict(pair for pair in own if pair[0] not in ("cursor", "offset"))
        last = start + len(page)
        mark = base64.urlsafe_b64encode(f"at:{last}".encode()).decode()
        following = f"{path}?{urlencode({**rest, 'cursor': mark})}" if page and last < len(found) else None
        document: Json = {
            "type": "FeatureCollection",
            "numberMatched": len(found),
            "numberReturned": len(page),
            "features": features,
            "links": documents.page_links(path, urlencode(own), following),
        }
        headers = {"Content-Crs": f"<{crs}>", "ETag": tag_of(dumped(document) + str(html).encode())}
        document["timeStamp"] = datetime.now(UTC).isoformat()
        return (HTML, page_of(document), headers) if html else (GEOJSON, dumped(document), headers)

    def item(self, layer: Layer, fid: str, params: httpx.QueryParams, html: bool) -> Reply:
        crs, found = crs_of(params, "crs"), self.fid(layer, fid)
        own = urlencode([(k, v) for k, v in params.multi_items() if k != "f"])
        document = {
            **feature_document(layer, found, crs),
            "links": documents.feature_links(layer, found, own),
        }
        headers = {"Content-Crs": f"<{crs}>"}
        if crs == CRS84 and not html:
            headers["ETag"] = feature_tag(layer, found)
        return (HTML, page_of(document), headers) if html else (GEOJSON, dumped(document), headers)

    def fid(self, layer: Layer, text: str) -> int:
        if not text.isdecimal() or int(text) not in layer.features:
            raise Refused(404, f"there is no feature {text}")
        return int(text)

    # -- Tiles ------------------------------------------------------------------------------------

    def tilejson_or_tile(self, steps: list[str]) -> tuple[int, str, bytes, dict[str, str]]:
        if len(steps) == 2 and steps[1].endswith(".json"):
            return (200, JSON, dumped(documents.tilejson(self.layer(steps[1].removesuffix(".json")))), {})
        _, name, z, x, y = steps
        body = self.tile([self.layer(name)], z, x, y.removesuffix(".mvt"))
        return (200 if body else 204), MVT, body, {}

    def tile(self, layers: list[Layer], z: str, x: str, y: str) -> bytes:
        if not all(one.isdecimal() for one in (z, x, y)) or int(z) > 24:
            raise Refused(404, "there is no such tile")
        zoom, column, row = int(z), int(x), int(y)
        within = next(one for one in limits(layers, range(zoom, zoom + 1)))
        low, high = (
            (within["minTileCol"], within["minTileRow"]),
            (within["maxTileCol"], within["maxTileRow"]),
        )
        if not (low[0] <= column <= high[0] and low[1] <= row <= high[1]):
            raise Refused(404, "the tile is outside the limits")
        west, north = unproject(column, row, zoom)
        east, south = unproject(column + 1, row + 1, zoom)
        made = []
        for layer in layers:
            shapes = [(fid, shape(f["geometry"])) for fid, f in layer.features.items() if f["geometry"]]
            near = [
                {"geometry": g, "id": fid, "properties": {}}
                for fid, g in shapes
                if g.intersects(box(west, south, east, north))
            ]
            made.append({"name": layer.id, "features": near})
        if not any(layer["features"] for layer in made):
            return b""
        options = {"quantize_bounds": (west, south, east, north)}
        return bytes(mapbox_vector_tile.encode(made, default_options=options))

    # -- Writing ----------------------------------------------------------------------------------

    def write(
        self, layer: Layer, fid: str | None, request: httpx.Request
    ) -> tuple[int, str, bytes, dict[str, str]]:
        who = EDITORS.get(request.headers.get("authorization", ""))
        may = who is not None and layer.id == "houses"
        methods = (["POST"] if fid is None else ["PUT", "PATCH", "DELETE"]) if may else []
        if request.method == "OPTIONS":
            return (204, "", b"", {"Allow": ", ".join(["GET", "HEAD", "OPTIONS", *methods])})
        if who is None:
            raise Refused(401, "sign in", **{"WWW-Authenticate": "Bearer"})
        if request.method not in methods:
            raise Refused(405, "not here", Allow="GET, HEAD, OPTIONS")
        if fid is None:
            return self.create(layer, who, request)
        number_ = self.fid(layer, fid)
        body = {} if request.method == "DELETE" else body_of(request)
        self.check_precondition(layer, number_, who, body, request)
        if request.method == "DELETE":
            del layer.features[number_]
            return 204, "", b"", {}
        old = layer.features[number_]["properties"]
        if request.method == "PATCH":
            body = {
                "geometry": layer.features[number_]["geometry"],
                "properties": {**old, **body["properties"]},
            }
        layer.features[number_] = self.accepted(layer, body, request, old["version"] + 1)
        layer.writers[number_] = who
        return 204, "", b"", {"ETag": feature_tag(layer, number_)}

    def create(
        self, layer: Layer, who: str, request: httpx.Request
    ) -> tuple[int, str, bytes, dict[str, str]]:
        if request.headers.get("content-type", "").partition(";")[0] not in (GEOJSON, JSON):
            raise Refused(415, "send GeoJSON")
        key = request.headers.get("idempotency-key")
        fid = self.keys.get(key or "")
        if fid is None:
            feature = self.accepted(layer, body_of(request), request, 1)
            fid = max(layer.features) + 1
            layer.features[fid], layer.writers[fid] = feature, who
        if key:
            self.keys[key] = fid
        return 201, "", b"", {"Location": f"{ROOT}/collections/{layer.id}/items/{fid}"}

    def check_precondition(
        self, layer: Layer, fid: int, who: str, body: Json, request: httpx.Request
    ) -> None:
        """If-Match; else PUT needs the version last seen, unless the last change was the same person's."""
        condition = request.headers.get("if-match")
        if condition is not None:
            if condition not in ("*", feature_tag(layer, fid)):
                raise Refused(412, "the feature has been changed")
            return
        version = body.get("properties", {}).get("version")
        if request.method == "PATCH" or (request.method == "PUT" and version is None):
            raise Refused(428, "send If-Match")
        stale = version != layer.features[fid]["properties"]["version"] and layer.writers.get(fid) != who
        if request.method == "PUT" and stale:
            raise Refused(409, "the feature has been changed")

    def accepted(self, layer: Layer, body: Json, request: httpx.Request, version: int) -> Json:
        """The feature to store; Refused if it is none."""
        if "geometry" not in body or not isinstance(body.get("properties"), dict):
            raise Refused(400, "the body is no feature")
        for name in body["properties"]:
            if name not in layer.properties:
                raise Refused(400, f"there is no property {name}")
        crs = request.headers.get("content-crs", f"<{CRS84}>").strip("<>")
        geometry = body["geometry"]
        if geometry is not None:
            geometry = placed(geometry, crs, layer)
        names = layer.properties
        properties = {name: body["properties"].get(name) for name in names} | {"version": version}
        return {"geometry": geometry, "properties": properties}


def placed(geometry: Json, crs: str, layer: Layer) -> Json:
    try:
        moved_ = moved(shape(geometry), crs, CRS84)
    except (ValueError, TypeError, KeyError, ProjError, ShapelyError):
        raise Refused(400, "the geometry is none") from None
    west, south, east, north = moved_.bounds
    if geometry["type"] != layer.geometry or not (
        -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    ):
        raise Refused(400, "the geometry is of another type or off the Earth")
    return dict(json.loads(json.dumps(mapping(moved_))))


def body_of(request: httpx.Request) -> Json:
    try:
        body = json.loads(request.content)
    except ValueError:
        raise Refused(400, "the body is no JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "the body is no object")
    return body


def fits(template: str, steps: list[str]) -> bool:
    wanted = template.strip("/").split("/")
    return len(wanted) == len(steps) and all(
        w in (s, "") or w.startswith("{") for w, s in zip(wanted, steps, strict=True)
    )


def dumped(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def tag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def feature_tag(layer: Layer, fid: int) -> str:
    return tag_of(dumped(layer.features[fid]))


def page_of(document: Json) -> bytes:
    text = json.dumps(document, ensure_ascii=False, indent=1).replace("<", "&lt;")
    return f'<!doctype html><html lang="vi"><title>Reference</title><pre>{text}</pre></html>'.encode()


Handler = Callable[[httpx.Request], httpx.Response]


def serve(handler: Handler) -> Server:
    """A `Server` whose requests go to ``handler``."""
    client = httpx.Client(transport=httpx.MockTransport(handler))
    editor, second = ({"Authorization": key} for key in EDITORS)
    return Server(client, ROOT, editor=editor, second_editor=second)
