"""From a declaration to what the database serves: views per audience, indexes, triggers, history, grants.

Everything here runs as the owner of the tables, in the caller's transaction.
"""

from gis_core.publish.publisher import (
    declared_layers,
    drop_views,
    migrate_and_publish,
    publish_all,
    publish_layers,
    retire_layer,
)

__all__ = [
    "declared_layers",
    "drop_views",
    "migrate_and_publish",
    "publish_all",
    "publish_layers",
    "retire_layer",
]
