"""Port of the published test methods of ets-ogcapi-features10 at a314c1e: OGC API - Features, Part 2
(CRS).

The suite's two Transform classes ask for every CRS and then throw the comparison away; the port asks for
what they ask for, and `ours_crs` compares the coordinates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyproj import Transformer

from tests.conformance.checks import (
    CRS84,
    CRS84H,
    GEOJSON,
    Json,
    NothingToTry,
    Server,
    Suite,
    each,
    equal,
    ids_of,
    need,
    parsed,
)
from tests.conformance.features10_items import extent_of

SUITE = Suite("ets-ogcapi-features10 Part 2")
CRS_CLASS = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs"
UNSUPPORTED = "http://www.opengis.net/def/crs/0/unsupported"
MOST_CRS = 20
OGC_NAME = re.compile(r"https?://www\.opengis\.net/def/crs/[A-Za-z0-9_-]+/[0-9.]+/[A-Za-z0-9_-]+")
OTHER_URI = re.compile(r"(https?://[^\s/?#]+\S*|urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:\S+)")


def need_crs_identifier(value: object, where: str) -> None:
    text = str(value)
    ogc = "www.opengis.net/def/crs" in text
    good = (OGC_NAME if ogc else OTHER_URI).fullmatch(text)
    need(isinstance(value, str) and good, f"{where}: {value!r} is no CRS identifier")


@SUITE.check("CrsRequirementClassPrecondition.verifyConformanceClass", "precondition of Part 2")
def conformance_class(server: Server) -> None:
    need(CRS_CLASS in server.conforms_to, f"{CRS_CLASS} is not declared")


@SUITE.check(
    "DiscoveryCollectionsCrsUri.verifyCollectionsCrsIdentifierOfCrsProperty", "Abstract Test 1, /collections"
)
def collections_crs(server: Server) -> None:
    for value in each(server.collections_document.get("crs", []), "the collections document has no crs"):
        need_crs_identifier(value, "crs of /collections")


@SUITE.check(
    "DiscoveryCollectionsCrsUri.verifyCollectionsCrsIdentifierOfStorageCrs", "Abstract Test 1, /collections"
)
def collections_storage_crs(server: Server) -> None:
    """The document of all collections need not have a storageCrs; if it has one, it is an identifier."""
    value = server.collections_document.get("storageCrs", CRS84)
    need_crs_identifier(value, "storageCrs of /collections")


@SUITE.check(
    "DiscoveryCollectionsCrsUri.verifyCollectionsCollectionCrsIdentifierOfCrsProperty",
    "Abstract Test 1, crs of each collection of /collections",
)
def listed_crs(server: Server) -> None:
    shared = server.collections_document.get("crs")
    for one in server.each_collection():
        for value in each(one.get("crs", []), f"{one['id']} has no crs"):
            if value != "#/crs" or not shared:
                need_crs_identifier(value, f"crs of {one['id']}")


@SUITE.check(
    "DiscoveryCollectionsCrsUri.verifyCollectionsCollectionCrsIdentifierOfStorageCrs",
    "Abstract Test 1, storageCrs of each collection of /collections",
)
def listed_storage_crs(server: Server) -> None:
    values = [(c["id"], c["storageCrs"]) for c in server.collections if "storageCrs" in c]
    for name, value in each(values, "no collection has a storageCrs"):
        need_crs_identifier(value, f"storageCrs of {name}")


@SUITE.check(
    "DiscoveryCollectionCrsUri.verifyCollectionCrsIdentifierOfCrsProperty", "Abstract Test 1, collection"
)
def own_crs(server: Server) -> None:
    for one in alone(server):
        for value in each(one.get("crs", [])[:MOST_CRS], f"{one['id']} has no crs"):
            need_crs_identifier(value, f"crs of {one['id']} alone")


@SUITE.check(
    "DiscoveryCollectionCrsUri.verifyCollectionCrsIdentifierOfStorageCrsProperty",
    "Abstract Test 1, storageCrs of a collection",
)
def own_storage_crs(server: Server) -> None:
    values = [(c["id"], c["storageCrs"]) for c in alone(server) if "storageCrs" in c]
    for name, value in each(values, "no collection has a storageCrs"):
        need_crs_identifier(value, f"storageCrs of {name} alone")


def alone(server: Server) -> Iterator[Json]:
    """Each feature collection as its own document has it."""
    for one in server.each_collection():
        yield parsed(server.once(f"/collections/{one['id']}", {}, accept="application/json"))


def spatial(collection: Json) -> bool:
    return extent_of(collection) is not None


@SUITE.check(
    "DiscoveryCollectionsDefaultCrs.verifyCollectionsPathCollectionCrsPropertyContainsDefaultCrs",
    "Abstract Test 2 /conf/crs/default-crs, /collections",
)
def listed_default_crs(server: Server) -> None:
    for one in each([c for c in server.collections if spatial(c)], "no spatial collection"):
        need({CRS84, CRS84H} & set(server.crs_list(one)), f"{one['id']} does not list CRS84")


@SUITE.check(
    "DiscoveryCollectionDefaultCrs.verifyCollectionCrsIdentifierOfCrsProperty",
    "Abstract Test 2 /conf/crs/default-crs, collection",
)
def own_default_crs(server: Server) -> None:
    for one in each([c for c in alone(server) if spatial(c)], "no spatial collection"):
        need({CRS84, CRS84H} & set(one.get("crs", [])), f"{one['id']} alone does not list CRS84")


@SUITE.check(
    "DiscoveryCollectionsStorageCrs.verifyCollectionsPathCollectionCrsPropertyContainsStorageCrs",
    "Abstract Test 3 /conf/crs/storageCrs, /collections",
)
def listed_storage_in_crs(server: Server) -> None:
    for one in each([c for c in server.collections if "storageCrs" in c], "no storageCrs"):
        need(one["storageCrs"] in server.crs_list(one), f"{one['id']}: storageCrs is not in crs")


@SUITE.check(
    "DiscoveryCollectionStorageCrs.verifyCollectionCrsIdentifierOfCrsProperty",
    "Abstract Test 3 /conf/crs/storageCrs, collection",
)
def own_storage_in_crs(server: Server) -> None:
    for one in each([c for c in alone(server) if "storageCrs" in c], "no storageCrs"):
        need(one["storageCrs"] in one.get("crs", []), f"{one['id']} alone: storageCrs is not in crs")


# -- Parameter crs -------------------------------------------------------------------------------


def feature_urls(server: Server) -> Iterator[tuple[Json, str]]:
    """One feature of each collection that has any."""
    for one in server.each_collection():
        feature = server.first_feature(one)
        if feature:
            yield one, server.item_url(one, feature["id"])


def items_urls(server: Server) -> Iterator[tuple[Json, str]]:
    for one in server.each_collection():
        yield one, server.items_url(one)


def need_content_crs(server: Server, url: str, params: dict[str, str], wanted: str) -> None:
    reply = server.once(url, params)
    equal(reply.status_code, 200, f"status of GET {reply.request.url}")
    equal(reply.headers.get("content-crs"), f"<{wanted}>", f"Content-Crs of GET {reply.request.url}")


Urls = Iterator[tuple[Json, str]]


def need_every_crs(server: Server, urls: Urls) -> None:
    for one, url in each(urls, "no feature"):
        for crs in each(server.crs_list(one)[:MOST_CRS], f"{one['id']} has no crs"):
            need_content_crs(server, url, {"crs": crs}, crs)


@SUITE.check(
    "FeaturesCrsParameter.verifyFeaturesCrsParameter", "Abstract Test 4 /conf/crs/crs-parameter, items"
)
def features_crs(server: Server) -> None:
    need_every_crs(server, items_urls(server))


@SUITE.check("FeatureCrsParameter.verifyFeatureCrsParameter", "Abstract Test 4 /conf/crs/crs-parameter, item")
def feature_crs(server: Server) -> None:
    need_every_crs(server, feature_urls(server))


@SUITE.check("FeaturesCrsParameterInvalid.verifyFeaturesCrsParameterInvalid", "Abstract Test 5, items")
def features_crs_invalid(server: Server) -> None:
    for _, url in each(items_urls(server), "no collection"):
        server.get(url, {"crs": UNSUPPORTED}, accept=GEOJSON, status=400)


@SUITE.check("FeatureCrsParameterInvalid.verifyFeatureCrsParameterInvalid", "Abstract Test 5, item")
def feature_crs_invalid(server: Server) -> None:
    for _, url in each(feature_urls(server), "no feature"):
        server.get(url, {"crs": UNSUPPORTED}, accept=GEOJSON, status=400)


@SUITE.check(
    "FeaturesCrsParameterTransform.verifyFeaturesPathGeometriesDefaultCrs", "Abstract Test 7, items, default"
)
@SUITE.check("FeaturesCrsParameterDefault.verifyFeaturesCrsParameterDefault", "Abstract Test 6, items")
def features_crs_default(server: Server) -> None:
    for _, url in each(items_urls(server), "no collection"):
        need_content_crs(server, url, {}, CRS84)


@SUITE.check(
    "FeatureCrsParameterTransform.verifyFeatureCrsParameterTransformWithCrsParameter",
    "Abstract Test 7, item, default",
)
@SUITE.check("FeatureCrsParameterDefault.verifyFeatureCrsParameterDefault", "Abstract Test 6, item")
def feature_crs_default(server: Server) -> None:
    for _, url in each(feature_urls(server), "no feature"):
        need_content_crs(server, url, {}, CRS84)


def need_same_ids(server: Server, urls: Urls) -> None:
    """What is left of the suite's Transform methods: each CRS answers the same features, with their ids."""
    for one, url in each(urls, "no feature"):
        plain = parsed(server.once(url, {}))
        for crs in server.crs_list(one)[:MOST_CRS]:
            page = parsed(server.once(url, {"crs": crs}))
            got, wanted = (ids_of(p["features"]) if "features" in p else [p.get("id")] for p in (page, plain))
            equal(got, wanted, f"{url} in {crs}: features")
            need(None not in got, f"{url} in {crs}: a feature without id")


@SUITE.check(
    "FeaturesCrsParameterTransform.verifyFeaturesPathTransformedGeometries", "Abstract Test 7, items"
)
def features_transform(server: Server) -> None:
    need_same_ids(server, items_urls(server))


@SUITE.check(
    "FeatureCrsParameterTransform.verifyFeatureCrsParameterTransformWithoutCrsParameter",
    "Abstract Test 7, item",
)
def feature_transform(server: Server) -> None:
    need_same_ids(server, feature_urls(server))


# -- Parameter bbox-crs --------------------------------------------------------------------------


def corner_by_corner(bounds: list[float], crs: str) -> str:
    """Lower left and upper right corner in ``crs`` as the suite converts a box: in the authority's order."""
    west, south, east, north = bounds
    to = Transformer.from_crs("OGC:CRS84", pyproj_name(crs), always_xy=False)
    low, high = to.transform(west, south), to.transform(east, north)
    return ",".join(f"{value:.7f}" for value in (*low, *high))


def pyproj_name(crs: str) -> str:
    """``http://www.opengis.net/def/crs/EPSG/0/9214`` as ``EPSG:9214``."""
    authority, _, code = crs.rstrip("/").split("/")[-3:]
    return f"{authority}:{code}"


def boxed_ids(server: Server, one: Json, **params: str) -> list[object]:
    return ids_of(server.items(one, limit=10, **params)["features"])


@SUITE.check("BBoxCrsParameter.verifyBboxCrsParameter", "Abstract Test 8 /conf/crs/bbox-crs-parameter")
def bbox_crs(server: Server) -> None:
    for one in each([c for c in server.collections if spatial(c)], "no spatial extent"):
        bounds = extent_of(one)
        assert bounds
        plain = boxed_ids(server, one, bbox=",".join(f"{v:.7f}" for v in bounds))
        for crs in server.crs_list(one)[:MOST_CRS]:
            same = boxed_ids(server, one, bbox=corner_by_corner(bounds, crs), bbox_crs=crs)
            need(
                set(same) <= set(plain),
                f"{one['id']}: bbox-crs={crs} finds other features: {same} not in {plain}",
            )


@SUITE.check("BBoxCrsParameterInvalid.verifyBboxCrsParameterInvalid", "Abstract Test 9, bbox-crs invalid")
def bbox_crs_invalid(server: Server) -> None:
    for one in server.each_collection():
        params = {"bbox": "5,49,6,50", "bbox-crs": UNSUPPORTED}
        server.get(server.items_url(one), params, accept=GEOJSON, status=400)


@SUITE.check("BBoxCrsParameterDefault.verifyBboxCrsParameterDefault", "Abstract Test 10, bbox-crs default")
def bbox_crs_default(server: Server) -> None:
    cases = [c for c in server.collections if spatial(c)]
    if not cases:
        raise NothingToTry("no spatial extent")
    for one in cases:
        text = ",".join(f"{v:.7f}" for v in extent_of(one) or ())
        equal(
            boxed_ids(server, one, bbox=text, bbox_crs=CRS84),
            boxed_ids(server, one, bbox=text),
            f"{one['id']}: ids",
        )
