"""All checks, by name."""

from __future__ import annotations

from tests.conformance import (
    features10_crs,
    features10_items,
    ours_cql2,
    ours_crs,
    ours_documents,
    ours_query,
    ours_writing,
    qgis,
    tiles10,
)
from tests.conformance.checks import Check

PORTS = (features10_items.SUITE, features10_crs.SUITE, tiles10.SUITE)
OURS = (
    ours_documents.SUITE,
    ours_crs.SUITE,
    ours_query.SUITE,
    ours_cql2.SUITE,
    ours_writing.SUITE,
    qgis.SUITE,
)
CHECKS: dict[str, Check] = {check.name: check for suite in (*PORTS, *OURS) for check in suite.checks}
assert len(CHECKS) == sum(len(suite.checks) for suite in (*PORTS, *OURS)), "two checks have one name"
