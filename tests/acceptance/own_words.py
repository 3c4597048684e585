"""The words of our own SQL, taken from the sources: names that a column of somebody's file may have as well."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from gis_core.layer import NAME
from gis_core.sql_names import SYSTEM_COLUMNS
from tests.city_plugin import ROOT

ROOMS = ("gis_core", "tilesrv", "ogc_api", "web", "imports")
LOOKS_LIKE_SQL = re.compile(r"\bselect\b|\bfrom \(|\bgroup by\b|\border by\b|\bst_|\)\w* [a-z_]+( where.*)?$")
# What names a table or a column: after "as", after a closing bracket, after a table.
ALIAS = re.compile(
    r"\bas \"?([a-z_]\w*)|\)\s+\"?([a-z_]\w*)|\b(?:from|join)\s+[\w.\"{}]+\s+([a-z_]\w*)|\bwith ([a-z_]\w*) as"
    r"|\b([a-z_]\w*)\.[\"a-z*]"
)
# Short names that somebody will write next, and that files have.
SHORT = {
    *"abcdefghijklmnopqrstuvwxyz",
    "id",
    "part",
    "shape",
    "row",
    "point",
    "place",
    "cell",
    "found",
    "rank",
}
RESERVED = {
    "select",
    "from",
    "where",
    "order",
    "group",
    "table",
    "user",
    "default",
    "all",
    "not",
    "null",
    "true",
    "limit",
}


def texts(tree: ast.AST) -> Iterator[str]:
    """The string constants of a module but docstrings; an f-string as one text with ``{}`` for what is put in."""
    inside: set[ast.AST] = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside.update(node.values)
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.value


def aliases(path: Path) -> set[str]:
    """What ``path`` names in its SQL, as far as a look at the text can tell."""
    found = (text for text in texts(ast.parse(path.read_text())) if LOOKS_LIKE_SQL.search(text))
    return {word for text in found for match in ALIAS.finditer(text) for word in match.groups() if word}


def sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from (path for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts)


def words() -> list[str]:
    """Every name that a column of a file may have and that a statement of ours, or PostgreSQL, has a use for."""
    found = {word for path in sources() for word in aliases(path)} | SHORT | RESERVED | SYSTEM_COLUMNS
    return sorted(word for word in found if NAME.fullmatch(word))


# What the house says ----------------------------------------------------------------------------------------------

PLACEHOLDER = re.compile(r"\{\w*\}")
PEOPLE_READ = ("gis_core", "web", "tilesrv", "ogc_api", "imports", "layers", "sensors", "cameras")


def said(node: ast.expr) -> str | None:
    """The text of a constant or an f-string, without what is put into it; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return PLACEHOLDER.sub(" ", node.value)
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else " " for part in node.values)
        return "".join(map(str, parts))
    return None


def sayings() -> Iterator[tuple[str, str, str]]:
    """Each Vietnamese text of the sources that has its English after it: where, the one, the other."""
    for room in PEOPLE_READ:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())) if "migrations" not in path.parts else ():
                texts_given = [said(each) for each in node.args] if isinstance(node, ast.Call) else []
                for vi, en in pairwise(texts_given):
                    if vi and en and not vi.isascii() and " " in vi:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", vi, en


COMMENT = re.compile(r"(?<!:)//[^\n]*|/\*.*?\*/", re.DOTALL)
BETWEEN_TAGS = re.compile(r">([^<>${}`=();|&\[\]]*)<")
ATTRIBUTE = re.compile(r'(?:aria-label|title|placeholder|alt)="([^"$]+)"')
SET = re.compile(
    r'(?:(?:textContent|ariaLabel|placeholder|title|alt|innerText|label)\s*[=:]|announce\()\s*["`]([^"`$]*)["`]'
)


def literal_words(source: str) -> list[str]:
    """What a script writes into a page in words of its own, where it should say the page's (`say`)."""
    source = COMMENT.sub("", source)
    found = (each.strip() for pattern in (BETWEEN_TAGS, ATTRIBUTE, SET) for each in pattern.findall(source))
    return [each for each in found if re.search(r"[^\W\d_]{2}", each)]
