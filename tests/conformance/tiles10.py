"""Port of the published test methods of ets-ogcapi-tiles10 at 94900db: OGC API - Tiles, Part 1.

The suite is told a tile matrix set, a URL template, a matrix and a range of rows and columns; the port
takes them from the first collection that has tiles and from the limits that it declares, at a matrix where
the first feature lies. Written from what the methods do, in our own words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import httpx
import mapbox_vector_tile
from shapely.geometry import shape

from tests.conformance.checks import (
    JSON,
    OPENAPI,
    CheckFailed,
    Json,
    Server,
    Suite,
    each,
    equal,
    find_link,
    find_links,
    need,
)
from tests.conformance.features10_core import openapi_faults

SUITE = Suite("ets-ogcapi-tiles10")
TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-"
WEB_MERCATOR_QUAD = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
REGISTERED = {WEB_MERCATOR_QUAD: "WebMercatorQuad"} | {
    f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{name}": name
    for name in ("WorldCRS84Quad", "WorldMercatorWGS84Quad", "GNOSISGlobalGrid", "CDB1GlobalGrid")
}
TEMPLATE = ("{tileMatrix}", "{tileRow}", "{tileCol}")
OUTSIDE = 2_147_483_647
MATRIX = 14


def tilesets_links(links: list[Json]) -> list[Json]:
    return [one for one in links if str(one.get("rel", "")).startswith(TILESETS)]


def tiled_collections(server: Server) -> Iterator[tuple[Json, str]]:
    """Each collection with the address of its list of tilesets."""
    for one in server.each_collection():
        for link in tilesets_links(one["links"])[:1]:
            yield one, server.absolute(link["href"])


def tilesets(server: Server, url: str) -> list[Json]:
    listed = server.json(url).get("tilesets")
    need(isinstance(listed, list) and listed, f"{url}: no tilesets")
    assert isinstance(listed, list)
    return listed


def tileset_document(server: Server, entry: Json) -> Json:
    return server.json(server.absolute(find_link(entry.get("links", []), "self", JSON)["href"]))


def template_of(server: Server, tileset: Json) -> str | None:
    """The address of tiles with all three variables, if the tileset has one."""
    for link in tileset.get("links", []):
        if all(name in link.get("href", "") for name in TEMPLATE):
            return server.absolute(link["href"])
    return None


def first_template(server: Server) -> tuple[Json, Json, str]:
    """The first collection with tiles, its tileset and the address template of its tiles."""
    for one, url in each(tiled_collections(server), "no collection links to tilesets"):
        for entry in tilesets(server, url):
            document = tileset_document(server, entry)
            template = template_of(server, document)
            if template and server.first_feature(one):
                return one, document, template
    raise CheckFailed("no tileset of a collection that has features has an address template")


def tile_of(feature: Json, zoom: int) -> tuple[int, int]:
    """Row and column of the WebMercatorQuad tile in which a point of the feature lies."""
    point = shape(feature["geometry"]).representative_point()
    size = 2**zoom
    column = int((point.x + 180) / 360 * size)
    row = int((1 - math.asinh(math.tan(math.radians(point.y))) / math.pi) / 2 * size)
    return row, column


def fill(template: str, matrix: object, row: object, column: object) -> str:
    values = zip(TEMPLATE, (matrix, row, column), strict=True)
    for name, value in values:
        template = template.replace(name, str(value))
    return template


def need_status(server: Server, url: str, statuses: tuple[int, ...]) -> httpx.Response:
    reply = server.request("GET", url)
    need(reply.status_code in statuses, f"GET {url}: status {reply.status_code}, expected one of {statuses}")
    return reply


@SUITE.check("conformance.Conformance.validateConformanceOperationAndResponse", "A.1.1 conformance classes")
def conformance(server: Server) -> None:
    need(f"{TILES}/core" in server.conforms_to, f"{TILES}/core is not declared")
    need(all(isinstance(one, str) for one in server.conforms_to), "conformsTo is no list of strings")


@SUITE.check("landingpage.LandingPage.landingPageRetrieval", "root-op")
def landing_page(server: Server) -> None:
    server.json("/")


@SUITE.check("landingpage.LandingPage.tilesLandingPageValidation", "root-success")
def landing_page_links(server: Server) -> None:
    find_link(server.landing.get("links", []), "data")


@SUITE.check("apidefinition.ApiDefinition.apiDefinitionValidation", "A.23 /conf/oas30/completeness")
def api_definition(server: Server) -> None:
    link = find_link(server.landing.get("links", []), "service-desc")
    document = server.json(server.absolute(link["href"]), accept=OPENAPI)
    faults = openapi_faults(document)
    need(not faults, f"the API definition is not valid: {faults[:3]}")


@SUITE.check(
    "apidefinition.ApiDefinition.apiDefinitionOperationIdValidation", "A.24 /conf/oas30/operation-id"
)
def api_operation_ids(server: Server) -> None:
    ids = [str(item.get("get", {}).get("operationId")) for item in server.api.get("paths", {}).values()]
    need(any(".getTile" in one for one in ids), f"no operationId contains .getTile: {ids}")


@SUITE.check("MandatoryCore.verifyMinimalConformance", "A.2 /req/core/tc-op")
def minimal_conformance(server: Server) -> None:
    _, document, template = first_template(server)
    name = REGISTERED.get(str(document.get("tileMatrixSetURI")))
    need(name, f"tileMatrixSetURI {document.get('tileMatrixSetURI')!r} is not registered")
    fits = f"/tiles/{name}" in template or "/tiles/{tileMatrixSetId}" in template
    need(fits, f"{template} does not name the tile matrix set {name}")


@SUITE.check("MandatoryCore.validateSuccessfulTilesExecution", "A.6 /req/core/tc-success")
def tiles_with_content(server: Server) -> None:
    one, _, template = first_template(server)
    feature = server.first_feature(one)
    assert feature
    row, column = tile_of(feature, MATRIX)
    need_status(server, fill(template, MATRIX, row, column), (200,))


@SUITE.check("MandatoryCore.verifyErrorResponses", "A.7 /req/core/tc-error")
def tiles_out_of_range(server: Server) -> None:
    _, _, template = first_template(server)
    need_status(server, fill(template, MATRIX, OUTSIDE, OUTSIDE), (400, 404))


# -- Following links -----------------------------------------------------------------------------


def dataset_tilesets(server: Server) -> list[Json]:
    links = tilesets_links(server.landing.get("links", []))
    need(links, "the landing page has no link to tilesets")
    return tilesets(server, server.absolute(links[0]["href"]))


def need_template(server: Server, variable: str) -> None:
    """The variable stands in an address of a tileset of the landing page, or of the first collection."""
    hrefs = [str(link.get("href")) for entry in dataset_tilesets(server) for link in entry.get("links", [])]
    for _, url in list(tiled_collections(server))[:1]:
        for entry in tilesets(server, url):
            hrefs += [str(link.get("href")) for link in tileset_document(server, entry).get("links", [])]
    need(any(variable in one for one in hrefs), f"no address template has {variable}")


@SUITE.check(
    "conformance.Tile.validateTileMatrixDefinitionIsAvailable", "A.3 /req/core/tc-tilematrix-definition"
)
def tile_matrix(server: Server) -> None:
    need_template(server, "{tileMatrix}")


@SUITE.check("conformance.Tile.validateTileRowDefinitionIsAvailable", "A.4 /req/core/tc-tilerow-definition")
def tile_row(server: Server) -> None:
    need_template(server, "{tileRow}")


@SUITE.check("conformance.Tile.validateTileColDefinitionIsAvailable", "A.5 /req/core/tc-tilecol-definition")
def tile_column(server: Server) -> None:
    need_template(server, "{tileCol}")


def linked_tiles(server: Server) -> Iterator[tuple[str, Json]]:
    """For every tileset of the landing page: its address template and the first entry of its limits."""
    for entry in dataset_tilesets(server):
        limits = entry.get("tileMatrixSetLimits")
        need(limits and entry.get("tileMatrixSetId"), f"an entry lacks its limits or its id: {list(entry)}")
        for link in entry["links"]:  # the suite reads every link of an entry as JSON
            document = server.json(server.absolute(link["href"]))
            template = template_of(server, document)
            if template:
                yield template, limits[0]


@SUITE.check("conformance.Tile.validateTilesAreAvailable", "A.2 /req/core/tc-op, following links")
def tiles_are_available(server: Server) -> None:
    for template, _ in each(linked_tiles(server), "no address template behind the landing page"):
        need(template.startswith("http"), f"{template} is no address")


@SUITE.check(
    "conformance.Tile.validateSuccessfulTilesExecutionFollowingLinks",
    "A.6 /conf/core/tc-success, following links",
)
def tiles_following_links(server: Server) -> None:
    for template, limit in each(linked_tiles(server), "no address template behind the landing page"):
        url = fill(template, limit["tileMatrix"], limit["maxTileRow"], limit["minTileCol"])
        reply = need_status(server, url, (200, 204))
        if "mvt" in template.lower() and reply.status_code == 200:
            need_inside(url, mapbox_vector_tile.decode(reply.content))


def need_inside(url: str, tile: dict[str, Any]) -> None:
    """No polygon of the tile leaves it to the left or the top (what the suite's decoder makes visible)."""
    for name, layer in tile.items():
        for feature in layer["features"]:
            if feature["geometry"]["type"] == "Polygon":
                west, south, _, _ = shape(feature["geometry"]).bounds
                need(west >= 0 and south >= 0, f"{url}: {name} {feature.get('id')} is outside the tile")


@SUITE.check("conformance.Tile.validateTilesErrorConditions", "A.7 /conf/core/tc-error, following links")
def tiles_beyond_limits(server: Server) -> None:
    for template, limit in each(linked_tiles(server), "no address template behind the landing page"):
        beyond = int(limit["maxTileRow"]) + 1
        need_status(server, fill(template, limit["tileMatrix"], beyond, limit["minTileCol"]), (400, 404))


@SUITE.check("datasettilesets.LandingPage.landingPageRetrieval", "A.10 /conf/dataset-tilesets/landingpage")
def landing_page_tilesets(server: Server) -> None:
    kinds = tuple(f"{TILESETS}{kind}" for kind in ("vector", "map", "coverage"))
    rels = [str(one.get("rel")) for one in server.landing.get("links", [])]
    need(any(one.startswith(kinds) for one in rels), f"no link to tilesets on the landing page: {rels}")


@SUITE.check(
    "GeospatialDataResource.geospatialResourceTilesetsLinksCheck", "A.12 /conf/geodata-tilesets/desc-links"
)
def collection_tilesets(server: Server) -> None:
    need(f"{TILES}/geodata-tilesets" in server.conforms_to, "geodata-tilesets is not declared")
    for _, url in each(tiled_collections(server), "no collection links to tilesets"):
        server.get(url, accept=JSON)


@SUITE.check(
    "GeospatialDataResource.geospatialResourceTilesetsRetrieval", "A.13 /conf/geodata-tilesets/operation"
)
def collection_tilesets_operation(server: Server) -> None:
    urls = [url for _, url in tiled_collections(server)]
    right = [url for url in urls if url.partition("?")[0].endswith("/tiles")]
    for url in each(right, f"no tilesets link ends with /tiles: {urls}"):
        need("tilesets" in server.json(url), f"{url}: no tilesets")


@SUITE.check("TilesetLlinks.validateTilesetsListResponse", "A.9 /req/tilesets-list/tileset-links")
def tilesets_list(server: Server) -> None:
    need(f"{TILES}/tilesets-list" in server.conforms_to, "tilesets-list is not declared")
    links = tilesets_links(server.landing.get("links", []))
    for one in server.collections[:2]:
        links += tilesets_links(one["links"])
    for link in each(links, "no link to tilesets"):
        url = server.absolute(link["href"])
        need("/tiles" in url, f"{url} does not contain /tiles")
        for entry in tilesets(server, url):
            need(entry.get("tileMatrixSetURI"), f"{url}: an entry has no tileMatrixSetURI")


@SUITE.check("TileSet.validateTilesetResponse", "A.24 /req/tileset/tmxslink, {root}/tileMatrixSets")
def tile_matrix_sets(server: Server) -> None:
    listed = server.json("/tileMatrixSets").get("tileMatrixSets", [])
    for one in each(listed, "no tile matrix set"):
        for link in each(one.get("links", []), f"{one.get('id')} has no links"):
            need(link.get("rel") and link.get("type"), f"link without rel or type: {link}")
    hrefs = [(one, link) for one in listed for link in find_links(one["links"], "item", JSON)]
    for one, link in each(hrefs, "no tile matrix set has an item link of type application/json"):
        document = server.json(server.absolute(link["href"]))
        need(document.get("tileMatrices"), f"{link['href']} has no tileMatrices")
        equal(document.get("id"), one.get("id"), f"id of {link['href']}")
