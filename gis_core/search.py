"""Search over every layer's declared search fields, without diacritics: "duong hue" finds "Đường Huế"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gis_core.audiences import CITIZEN_TIMEOUT_MS, Caller
from gis_core.layer import Field, Layer
from gis_core.naming import JOINT, Speaker, cut, fields_of_name, naming_fields, telling_fields
from gis_core.query.point_on import point_on
from gis_core.reading import read, registry
from gis_core.registry import Published
from gis_core.shares import Missing, Shares
from gis_core.words import nfc, plain_letters

MAX_TEXT = 100
MAX_WORDS = 8
SEARCH_S = 3.0  # for all layers together
WORD = re.compile(r"[^\s,;]+")
MOST_OTHERS = 3
MOST_CANDIDATES = 1000  # of one layer
# The index of search texts is one of trigrams: a shorter word is looked for where words begin, for which it has some.
TRIGRAM = 3
ESCAPED = "huong.like_escaped(huong.fold(%s))"
WITHIN = f"\"search\" like '%%' || {ESCAPED} || '%%'"
AT_START = f"(\"search\" like {ESCAPED} || '%%' or \"search\" like '%% ' || {ESCAPED} || '%%')"


@dataclass(frozen=True)
class Hit:
    """One found feature: what to call it, what it is, where it is (lon/lat of a point on it, EPSG:4326)."""

    layer_id: str
    fid: int
    title: str
    subtitle: str
    lon: float | None
    lat: float | None
    rank: float


def words_of(text: str) -> list[str]:
    """The words that must all be found, at most `MAX_WORDS` of the first `MAX_TEXT` characters; a mere sign is none."""
    clean = nfc(text.replace("\x00", " "))[:MAX_TEXT]
    return [word for word in WORD.findall(clean) if any(c.isalnum() for c in word)][:MAX_WORDS]


@dataclass(frozen=True)
class Wanted:
    """What a text asks of a layer: words to find, and numbers of fields that it names ("tờ 12")."""

    words: Sequence[str]
    numbers: Sequence[tuple[Field, int]] = ()


def wanted(layer: Layer, caller: Caller, text: str) -> Wanted:
    """``text`` as a layer reads it; what it names by a word of `Field.asked` and a number is no word to find."""
    text = nfc(text.replace("\x00", " "))[:MAX_TEXT]
    found: list[tuple[Field, int]] = []
    for field in layer.fields_for(caller.audience):
        if field.asked:
            text = _take_number(field, text, found)
    return Wanted(words_of(text), found)


def _take_number(field: Field, text: str, found: list[tuple[Field, int]]) -> str:
    """``text`` without the number that it gives for ``field``, which is added to ``found``."""
    said = "|".join(re.escape(plain_letters(word)) for word in sorted(field.asked, key=len, reverse=True))
    # The plain text has a letter for each of the text's, so that places in one are places in the other.
    match = re.search(
        rf"(?<!\w)(?:so\s+)?(?:{said})(?:\s+so)?\s*[:.]?\s*(\d{{1,9}})(?!\w)", plain_letters(text)
    )
    if match is None:
        return text
    found.append((field, int(match[1])))
    return f"{text[: match.start()]} {text[match.end() :]}"


def search_sql(published: Published, caller: Caller, asked: Wanted, limit: int) -> tuple[str, list[Any]]:
    """Features whose search text holds every word; those first whose name, then whose text, is most like it.

    Of a layer where more than `MOST_CANDIDATES` do, so many are looked at, as the index brings them: a word that
    stands in every row costs no more than one that stands in a thousand.
    """
    layer = published.layer
    label = naming_fields(layer, caller.audience)[0]
    columns = "".join(f', "{field.name}"' for field in said_of(layer, caller))
    tests = " and ".join(
        [*(f'"{field.name}" = {number}' for field, number in asked.numbers)]
        + [WITHIN if len(word) >= TRIGRAM else AT_START for word in asked.words]
    )
    sql = (
        f'{published.mark} select "fid", st_x(_p), st_y(_p),'
        f' word_similarity(_q, "search") + similarity(_q, huong.fold("{label.name}"::text)) as _rank{columns}'
        f" from (select *, huong.fold(%s) as _q, {point_on('"geom"')} as _p from"
        f' (select * from "{caller.audience}"."{layer.id}" where {tests} limit {MOST_CANDIDATES}) _candidates'
        ' order by length("search"), "fid" limit 200) _found'
        ' order by _rank desc, length("search"), "fid" limit %s'
    )
    bound = [part for word in asked.words for part in ([word] if len(word) >= TRIGRAM else [word, word])]
    return sql, [" ".join(asked.words), *bound, limit]


def said_of(layer: Layer, caller: Caller) -> tuple[Field, ...]:
    """The fields that a hit is named and told by; without any told, the first of those that were searched."""
    named = fields_of_name(layer, caller.audience)
    if telling_fields(layer, caller.audience):
        return named
    others = [f for f in layer.fields_for(caller.audience) if f.searchable and f not in named]
    return (*named, *others[:MOST_OTHERS])


@dataclass(frozen=True)
class Found:
    """What a search found, best first, and the layers that gave no answer."""

    hits: Sequence[Hit] = ()
    missing: Sequence[Missing] = ()


def search(caller: Caller, text: str, language: str, limit: int = 20, shares: Shares | None = None) -> Found:
    """What ``text`` finds in the layers that the caller sees; nothing for an empty text.

    All layers together have `SEARCH_S`, or what is left of ``shares``.
    """
    if not words_of(text):
        return Found()
    hits: list[Hit] = []
    none: list[tuple[Any, ...]] = []
    shares = shares or Shares(caller, SEARCH_S)
    speaker = Speaker(caller, language, shares)
    for published in registry().current().seen_by(caller):
        searchable = any(f.searchable for f in published.layer.fields_for(caller.audience))
        if not searchable or not published.layer.listed:
            continue
        asked = wanted(published.layer, caller, text)
        sql, params = search_sql(published, caller, asked, limit)
        found = shares.ask(published.layer, partial(rows, caller, sql, params), none)
        # Who gives a number by its name means the feature that has it.
        hits += hits_of(published.layer, caller, speaker, found, language, len(asked.numbers))
    hits.sort(key=lambda hit: (-hit.rank, len(hit.title), hit.layer_id, hit.fid))
    return Found(hits[:limit], shares.missing)


def hits_of(
    layer: Layer,
    caller: Caller,
    speaker: Speaker,
    found: Sequence[tuple[Any, ...]],
    language: str,
    above: float,
) -> Iterator[Hit]:
    """The rows of `search_sql` in words, ranked ``above`` what is only alike."""
    fields = said_of(layer, caller)
    named = fields_of_name(layer, caller.audience)
    values = [dict(zip((f.name for f in fields), row[4:], strict=True)) for row in found]
    speaker.learn(fields, values)
    kind = layer.title.to(language)
    for (fid, lon, lat, rank, *_), each in zip(found, values, strict=True):
        name = speaker.name(layer, each)
        others = [speaker.value(f, each[f.name]) for f in fields if f not in named and each[f.name]]
        under = JOINT.join(filter(None, (kind, name.under, *map(cut, others))))
        yield Hit(layer.id, fid, name.title or kind, under, lon, lat, rank + above)


def rows(caller: Caller, sql: str, params: list[Any], timeout_ms: int | None) -> list[tuple[Any, ...]]:
    """The rows of a search, found by the index: the planner takes a common word for one that is quickly met anywhere,
    and reads the whole table where it is not."""
    with read(caller, timeout_ms=timeout_ms or CITIZEN_TIMEOUT_MS) as cursor:
        cursor.execute("set local enable_seqscan = off")
        return cursor.execute(sql, params).fetchall()
