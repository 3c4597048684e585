"""Work on one layer after another in one transaction: what fails over one of them leaves the work on the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DatabaseError, OperationalError

from gis_core.layer import DeclarationError
from gis_core.logs import kind_of

log = logging.getLogger(__name__)


@contextmanager
def apart(cursor: Any, layer_id: str, what: str) -> Iterator[None]:
    """Run the block in a savepoint of the cursor's transaction; where it fails over ``layer_id``, undo it and say so.

    What another time may do (a lock that somebody holds, a database that ends) is raised: all is tried again then.
    """
    cursor.execute("savepoint of_layer")
    try:
        yield
    except (psycopg.OperationalError, OperationalError):
        raise
    except (psycopg.Error, DatabaseError, DeclarationError) as error:
        cursor.execute("rollback to savepoint of_layer")
        log.warning("%s of %s failed: %s", what, layer_id, kind_of(error.__cause__ or error))
    cursor.execute("release savepoint of_layer")
