"""The text of a filter before it is parsed: measured against the caps, and made safe and exact for the parser.

The parser (the ``cql2`` library) recurses without a limit, reads every number as a float, takes a timestamp without a
zone for UTC, and knows neither the backslash escapes of the standard (/req/cql2-text/escaping) nor exponents within
WKT. So the text is cut into tokens here, counted, and written anew: each string, and each number outside a geometry,
becomes ``#n``, the key of its exact value in a table.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from gis_core.cql2 import faults
from gis_core.cql2.limits import Limits
from gis_core.cql2.literals import checked_text, number
from gis_core.words import Text

TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'(?:[^'\\]|''|\\.)*')
      | (?P<name>"(?:[^"]|"")*")
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<word>(?:[^\W\d]|:)[\w.:\u0300-\u036f]*)
      | (?P<operator><>|<=|>=|!=|[=<>(),+*/%^-])""",
    re.VERBOSE | re.DOTALL,
)
GEOMETRY_WORD = re.compile(
    r"(?:POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION|BBOX)(?:ZM|Z|M)?"
)
ESCAPE = re.compile(r"''|\\(.)", re.DOTALL)
CONTROL = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "'": "'", "\\": "\\"}
COMPARISON = frozenset({"=", "<>", "!=", "<", "<=", ">", ">=", "LIKE", "IN", "BETWEEN"})
LITERAL = "#"


class Token(NamedTuple):
    kind: str
    text: str
    at: int


@dataclass
class Prepared:
    """A text for the parser, its literals by key, and where each piece of it stood in the original."""

    text: str = ""
    literals: dict[str, Decimal | str] = field(default_factory=dict)
    written: list[int] = field(default_factory=list)
    original: list[int] = field(default_factory=list)

    def position(self, offset: int) -> int:
        """The 1-based character of the original text that became ``offset`` of ``text``."""
        index = bisect_right(self.written, offset) - 1
        return self.original[max(index, 0)] + 1 if self.original else 1


def prepare(text: str, limits: Limits) -> Prepared:
    """Measure ``text`` (NFC) and rewrite it for the parser; Problem where a cap is passed or the text is broken."""
    prepared, pieces, length = Prepared(), [], 0
    measure = _Measure(limits)
    for token in _tokens(text):
        in_geometry = measure.take(token)
        piece = _rewritten(token, in_geometry, prepared.literals)
        prepared.written.append(length)
        prepared.original.append(token.at)
        pieces.append(piece)
        length += len(piece)
    measure.finish()
    prepared.text = "".join(pieces)
    return prepared


def unescaped(body: str) -> str:
    r"""The characters that the inside of a character literal stands for.

    ``''`` and ``\'`` are a quotation mark, ``\\`` a backslash, ``\n`` and its like control characters. A backslash
    before any other character stays, so that both ``'50\%'`` and ``'50\\%'`` (as QGIS writes it) reach LIKE as an
    escaped percent sign.
    """
    return ESCAPE.sub(lambda m: "'" if m[1] is None else CONTROL.get(m[1], m[0]), body)


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        assert match.lastgroup is not None
        yield Token(match.lastgroup, match[0], at)
        at = match.end()


def _unreadable(text: str, at: int) -> Exception:
    if text[at] == "'":
        return faults.syntax(
            f"chuỗi mở ở ký tự {at + 1} chưa đóng", f"the text opened at character {at + 1} is not closed"
        )
    if text[at] == '"':
        return faults.syntax(
            f"tên mở ngoặc kép ở ký tự {at + 1} chưa đóng",
            f"the quoted name opened at character {at + 1} is not closed",
        )
    return faults.syntax(
        f"ký tự «{text[at]}» ở vị trí {at + 1} không dùng được",
        f'character {at + 1}, "{text[at]}", has no meaning here',
    )


class _Measure:
    """Counts tokens against the caps and knows whether the current one is inside a geometry literal."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.open: list[tuple[bool, int]] = []
        self.terms = self.nots = self.signs = self.comparisons = 0
        self.geometry_next = False

    def take(self, token: Token) -> bool:
        """Count ``token``; True where it stands inside a geometry literal."""
        if token.kind == "space":
            return False
        inside = bool(self.open) and self.open[-1][0]
        self._count(token, inside)
        if token.text == "(":
            self.open.append((inside or self.geometry_next, token.at))
            self._cap(len(self.open), self.limits.depth, Text("ngoặc lồng nhau", "nested parentheses"))
        elif token.text == ")":
            if not self.open:
                raise faults.syntax(
                    f"dấu «)» ở ký tự {token.at + 1} không có dấu mở",
                    f'the ")" at character {token.at + 1} closes nothing',
                )
            self.open.pop()
        word = token.text.upper() if token.kind == "word" else ""
        self.geometry_next = bool(GEOMETRY_WORD.fullmatch(word)) or (
            self.geometry_next and word in ("Z", "M", "ZM")
        )
        return inside

    def _count(self, token: Token, inside: bool) -> None:
        self.terms += not inside
        self.nots += token.kind == "word" and token.text.upper() == "NOT"
        self.signs = self.signs + 1 if token.text in ("-", "+") else 0
        # The parser nests a = b = c (LIKE, powers ...) to the right, as deep as it is long. No arithmetic is compiled.
        self.comparisons += token.text.upper() in COMPARISON
        if token.text in ("*", "/", "%", "^"):
            raise faults.arithmetic(token.text)
        self._cap(self.terms, self.limits.terms, Text("số thành phần", "terms"))
        self._cap(self.comparisons, self.limits.nodes, Text("số điều kiện", "conditions"))
        self._cap(self.nots, self.limits.nots, Text("số NOT", "NOT operators"))
        self._cap(self.signs, self.limits.signs, Text("dấu trừ liền nhau", "minus signs in a row"))

    def _cap(self, count: int, limit: int, what: Text) -> None:
        if count > limit:
            raise faults.too_large(what, limit)

    def finish(self) -> None:
        if self.open:
            at = self.open[-1][1] + 1
            raise faults.syntax(f"dấu «(» ở ký tự {at} chưa đóng", f'the "(" at character {at} is not closed')
        if not self.terms:
            raise faults.syntax("bộ lọc rỗng", "the filter is empty")


def _rewritten(token: Token, in_geometry: bool, literals: dict[str, Decimal | str]) -> str:
    key = f"{LITERAL}{len(literals)}"
    match token.kind:
        case "space":
            return " "
        case "string":
            literals[key] = checked_text(unescaped(token.text[1:-1]))
            return f"'{key}'"
        case "name" if token.text.startswith('"' + LITERAL):
            raise faults.unknown_property(token.text[1:-1])
        case "number" if in_geometry:
            return format(number(token.text), "f")
        case "number":
            literals[key] = number(token.text)
            return f'"{key}"'
        case _:
            return token.text
