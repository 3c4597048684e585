"""Entity tags and what a client makes of them: If-Match and If-None-Match (RFC 9110, 8.8.3 and 13)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from isal.isal_zlib import adler32, crc32

# With the empty members around it, which a reader of a list passes over (RFC 9110, 5.6.1).
TAG = re.compile(r'[\s,]*(?:(W/)?"([^"]*)"|([^",\s]+))\s*(?:,[\s,]*|$)')


class EntityTag(NamedTuple):
    """One tag, without its quotes."""

    opaque: str
    weak: bool = False


@dataclass(frozen=True)
class Tags:
    """A list of tags; ``anything`` is the ``*`` that stands for whatever there is."""

    listed: tuple[EntityTag, ...] = ()
    anything: bool = False

    def have(self, etag: str, *, weakly: bool) -> bool:
        """Whether ``etag`` is among them. A strong comparison never finds a weak tag (RFC 9110, 8.8.3.2)."""
        if self.anything:
            return True
        opaque, weak = read_tag(etag)
        return any(one.opaque == opaque and (weakly or not (one.weak or weak)) for one in self.listed)


def read_tag(text: str) -> EntityTag:
    """The tag that a header of ours holds: ``"a"`` or ``W/"a"``."""
    return EntityTag(text.removeprefix("W/").strip('"'), text.startswith("W/"))


def tags_of(header: str) -> Tags:
    """The tags in a header; one without quotes is taken as it is, what cannot be read names no tag."""
    text = header.strip()
    if text == "*":
        return Tags(anything=True)
    found, place = [], 0
    while place < len(text):
        match = TAG.match(text, place)
        if match is None:
            return Tags()
        found.append(EntityTag(match[3] if match[2] is None else match[2], match[1] is not None))
        place = match.end()
    return Tags(tuple(found))


def is_held(if_none_match: str | None, etag: str) -> bool:
    """Whether the client says that it holds ``etag`` already: by a weak comparison, in a list or by ``*``."""
    return if_none_match is not None and tags_of(if_none_match).have(etag, weakly=True)


def outcome(method: str, headers: Mapping[str, str], etag: str | None) -> Literal[304, 412] | None:
    """What the conditions in ``headers`` make of a request for what has ``etag`` (None: there is nothing yet).

    None: it goes on as if there were none. 304: the client has it. 412: it is not in the state that was named. In the
    order of RFC 9110, 13.2.2; nothing of ours has a Last-Modified.
    """
    reading = method in ("GET", "HEAD")
    if_match, if_none_match = headers.get("if-match"), headers.get("if-none-match")
    if if_match is not None and (etag is None or not tags_of(if_match).have(etag, weakly=False)):
        return 412
    if etag is not None and is_held(if_none_match, etag):
        return 304 if reading else 412
    return None


def strong(body: bytes, coding: str = "") -> str:
    """The tag of exactly these bytes; the same ones in another ``coding`` are another representation."""
    mark = f"-{coding}" if coding else ""
    return f'"{summed(body)}{mark}"'


def summed(body: bytes | memoryview) -> str:
    """What tells one answer of an address from the next, as the opaque part of a tag: two sums and the length.

    A cryptographic sum costs fifty times as much, and nobody gains by two answers that look alike.
    """
    return f"{crc32(body):08x}{adler32(body):08x}-{len(body):x}"
