"""OGC API over the published layers: landing, OpenAPI, conformance, collections, features (Parts 1 to 5)."""
