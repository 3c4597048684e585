"""What fails by each breakage: every check that notices it, and no other (measured, then read over).

``WIDE`` breakages take so much away that most checks fail; only the checks that they are there for are named.
"""

from __future__ import annotations

from tests.conformance.broken_fails_documents import DOCUMENTS
from tests.conformance.broken_fails_queries import QUERIES

FAILS: dict[str, tuple[str, ...]] = {**DOCUMENTS, **QUERIES}

WIDE: dict[str, tuple[str, ...]] = {
    "there is no landing page": (
        "LandingPage.landingPageRetrieval",
        "landingpage.LandingPage.landingPageRetrieval",
    ),
    "no link to the API definition": ("ApiDefinition.openapiDocumentRetrieval",),
    "the API definition is not there": ("ApiDefinition.openapiDocumentRetrieval",),
    "there is no list of collections": ("FeatureCollections.validateFeatureCollectionsMetadataOperation",),
    "a listed collection has no id": (
        "FeatureCollections.validateFeatureCollectionsMetadataOperationResponse_Items",
    ),
    "a listed collection has a link without type": (
        "FeatureCollections.validateFeatureCollectionsMetadataOperationResponse_Items_v101",
        "FeatureCollections.validateFeatureCollectionsMetadataOperationResponse_Items_Links_v101",
    ),
    "a feature is not found": ("Feature.featureOperation",),
    "limit has no minimum": ("FeaturesLimit.limitParameterDefinition",),
    "a page is in no CRS84 (Features)": ("Features.validateFeaturesResponse_GeometryInCRS84",),
    "a page has no features (Features)": ("Features.validateFeaturesResponse_FeaturesProperty",),
    "a page has no features (FeaturesLimit)": (
        "FeaturesLimit.validateFeaturesWithLimitResponse_FeaturesProperty",
    ),
    "a page is refused (FeaturesLimit)": ("FeaturesLimit.validateFeaturesWithLimitOperation",),
    "POST answers 200": ("create_and_read_back",),
    "OPTIONS of items does not offer POST": ("create_and_read_back",),
}
