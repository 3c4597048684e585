"""Reading features: what is asked (`FeatureQuery`) becomes one SQL text per shape of question, values bound."""

from gis_core.query.items import (
    COUNT_LIMIT,
    FeatureQuery,
    Page,
    Position,
    Sort,
    count_matched,
    fetch_page,
    items_sql,
    kept_original,
    page_timeout_ms,
)

__all__ = [
    "COUNT_LIMIT",
    "FeatureQuery",
    "Page",
    "Position",
    "Sort",
    "count_matched",
    "fetch_page",
    "items_sql",
    "kept_original",
    "page_timeout_ms",
]
