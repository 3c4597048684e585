"""SQL texts with their parameters, and the way to write them without parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from psycopg import sql


class Sql(NamedTuple):
    """A piece of SQL for psycopg: ``%s`` stands for a parameter, ``%%`` for a percent sign."""

    text: str
    params: tuple[object, ...] = ()


def identifier(*names: str) -> Sql:
    """``"a"."b"``, quoted, with percent signs doubled."""
    quoted = ".".join('"' + name.replace('"', '""') + '"' for name in names)
    return Sql(quoted.replace("%", "%%"))


def infix(operator: str, parts: Iterable[Sql]) -> Sql:
    """``(a OP b OP c)``."""
    listed = tuple(parts)
    text = f" {operator} ".join(part.text for part in listed)
    return Sql(f"({text})", tuple(p for part in listed for p in part.params))


def call(function: str, argument: Sql) -> Sql:
    return Sql(f"{function}({argument.text})", argument.params)


def inlined(piece: Sql) -> str:
    """``piece`` with its parameters written in as SQL literals and its percent signs undoubled."""
    values = iter(piece.params)
    return re.sub(
        "%s|%%", lambda m: "%" if m[0] == "%%" else sql.Literal(next(values)).as_string(None), piece.text
    )
