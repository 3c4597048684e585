"""Names that our SQL gives to tables and columns of its own, beside the columns of a layer.

A view of a layer has a column for every field, and an imported file brings whatever names its maker liked: ``x``,
``p``, ``t``, ``part``. Where a statement selects ``*`` of it, or speaks of a row by an alias, a column of the same name
is ambiguous at best; at worst it is taken for ours, and ST_AsMVT given a number for a geometry ends the whole server.
So every alias beside a layer's columns begins with ``_``, which the rule of names (`layer.NAME`) forbids a field.
Held by ``tests/acceptance/test_any_names.py``, which imports a file whose columns are all words of our statements.
"""

from __future__ import annotations

# A tile's row as ST_AsMVT is given it, and the column of its geometry.
TILE_ROW = "_row"
TILE_PLACE = "_place"
# Columns that PostgreSQL gives to every table: no other column of a table can be called so.
SYSTEM_COLUMNS = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
# What a table's history has beside the columns of the table (`publish.history`).
HISTORY_COLUMNS = ("h_id", "h_op", "h_at", "h_actor", "h_xid")
