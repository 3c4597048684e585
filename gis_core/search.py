"""Search over every layer's declared search fields, without diacritics: "duong hue" finds "Đường Huế"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gis_core.audiences import CITIZEN_TIMEOUT_MS, Caller
from gis_core.called import beginning, fields_of_name, folded, naming_fields, searched_name, telling_fields
from gis_core.layer import Field, Layer
from gis_core.naming import JOINT, Speaker, cut
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
MOST_CANDIDATES = 1000  # of one layer: those that are called so come first
MOST_BEGINNING, MOST_NAMED = 100, 400  # of these: whose name begins so, whose name has all the words
ALIKE, NEARLY = 0.55, 0.1  # how like a field must be to be what was said; what is as good as the best
# The index of search texts is one of trigrams: a shorter word is looked for where words begin, for which it has some.
TRIGRAM = 3
ESCAPED = "huong.like_escaped(huong.fold(%s))"


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
    return _words_of(_clean(text))


def _clean(text: str) -> str:
    return nfc(text.replace("\x00", " "))[:MAX_TEXT]


def _words_of(clean: str) -> list[str]:
    return [word for word in WORD.findall(clean) if any(c.isalnum() for c in word)][:MAX_WORDS]


@dataclass(frozen=True)
class Wanted:
    """What a text asks of a layer: words to find, and numbers of fields that it names ("tờ 12")."""

    words: Sequence[str]
    numbers: Sequence[tuple[Field, int]] = ()


def wanted(layer: Layer, caller: Caller, text: str) -> Wanted:
    """``text`` as a layer reads it; what it names by a word of `Field.asked` and a number is no word to find."""
    text = _clean(text)
    found: list[tuple[Field, int]] = []
    for field in layer.fields_for(caller.audience):
        if field.asked:
            text = _take_number(field, text, found)
    return Wanted(_words_of(text), found)


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

    Of a layer where more than `MOST_CANDIDATES` do, so many are looked at: those whose name begins so in the order of
    the names, those whose name has the words, and the rest by their fids: never as they happen to lie in the table,
    where what nobody may see moves them. A word that stands in every row costs no more than one that stands in a
    thousand, and nobody who is called so stands behind those that only speak of it. Columns: fid, longitude, latitude,
    rank, likeness of a field to all the words, then `said_of`.
    """
    layer, audience = published.layer, caller.audience
    view = f'"{audience}"."{layer.id}"'
    label = naming_fields(layer, audience)[0]
    columns = "".join(f', "{field.name}"' for field in said_of(layer, caller))
    phrase = " ".join(asked.words)
    numbers = [f'"{field.name}" = {number}' for field, number in asked.numbers]
    parts: list[tuple[str, list[Any]]] = []
    name = searched_name(layer, audience)
    if name is not None and asked.words and not numbers:
        key = beginning(name.name)
        parts.append(
            (
                f"{key} like {ESCAPED} || '%%' order by {key} using ~<~, \"fid\" limit {MOST_BEGINNING}",
                [phrase],
            )
        )
        tests, values = word_tests(folded(name.name), asked.words)
        parts.append((f'{tests} order by "fid" limit {MOST_NAMED}', values))
    tests, values = word_tests('"search"', asked.words)
    rest = MOST_CANDIDATES - (MOST_BEGINNING + MOST_NAMED if parts else 0)
    parts.append((f'{" and ".join(filter(None, [*numbers, tests]))} order by "fid" limit {rest}', values))
    fids = " union all ".join(f'(select "fid" from {view} where {test})' for test, _ in parts)
    names = [label, *(f for f in layer.fields_for(audience) if f.alias and f != label)]
    rank = ", ".join(f"similarity(_q, {folded(f.name)})" for f in names)
    likeness = ", ".join(f"similarity(_q, {folded(f.name)})" for f in texts_of(layer, caller)) or "0"
    sql = (
        f'{published.mark} select "fid", st_x(_p), st_y(_p), _rank, _said{columns}'
        f" from (select *, {point_on('"geom"')} as _p from"
        f' (select *, word_similarity(_q, "search") + coalesce(greatest({rank}), 0) as _rank,'
        f" coalesce(greatest({likeness}), 0) as _said"
        f' from (select *, huong.fold(%s) as _q from {view} where "fid" = any(array({fids}))) _candidates'
        ' order by _rank desc, length("search"), "fid" limit %s) _ranked) _found'
        ' order by _rank desc, length("search"), "fid"'
    )
    return sql, [phrase, *(value for _, values in parts for value in values), limit]


def word_tests(text: str, words: Sequence[str]) -> tuple[str, list[Any]]:
    """SQL of whether ``text`` has every word, with the values that it takes; empty for no words."""
    tests, values = [], []
    for word in words:
        if len(word) >= TRIGRAM:
            tests.append(f"{text} like '%%' || {ESCAPED} || '%%'")
            values.append(word)
        else:
            tests.append(f"({text} like {ESCAPED} || '%%' or {text} like '%% ' || {ESCAPED} || '%%')")
            values += [word, word]
    return " and ".join(tests), values


def texts_of(layer: Layer, caller: Caller) -> list[Field]:
    """The texts of which one may be what the words say whole."""
    return [f for f in layer.fields_for(caller.audience) if f.searchable and f.type == "text"]


def said_of(layer: Layer, caller: Caller) -> tuple[Field, ...]:
    """The fields that a hit is named and told by; without any told, the first of those that were searched."""
    named = fields_of_name(layer, caller.audience)
    if telling_fields(layer, caller.audience):
        return named
    others = [f for f in layer.fields_for(caller.audience) if f.searchable and f not in named]
    return (*named, *others[:MOST_OTHERS])


@dataclass(frozen=True)
class Found:
    """What a search found, best first, and the layers that gave no answer.

    ``unsaid`` are the fields that would tell the hits apart, where others of their layer were given by their names.
    """

    hits: Sequence[Hit] = ()
    missing: Sequence[Missing] = ()
    unsaid: Sequence[Field] = ()


def search(caller: Caller, text: str, language: str, limit: int = 20, shares: Shares | None = None) -> Found:
    """What ``text`` finds in the layers that the caller sees; nothing for an empty text.

    All layers together have `SEARCH_S`, or what is left of ``shares``. Who gives numbers by their names means the
    layers that have them: the others are asked only where these find nothing.
    """
    if not words_of(text):
        return Found()
    shares = shares or Shares(caller, SEARCH_S)
    speaker = Speaker(caller, language, shares)
    layers = [each for each in registry().current().seen_by(caller) if is_searched(each.layer, caller)]
    asked = {each.layer.id: wanted(each.layer, caller, text) for each in layers}
    named = [each for each in layers if asked[each.layer.id].numbers]
    for group in (named, [each for each in layers if each not in named]):
        hits = hits_in(group, caller, asked, speaker, limit, language, shares)
        if hits:
            hits.sort(key=lambda hit: (-hit.rank, len(hit.title), hit.layer_id, hit.fid))
            unsaid = unsaid_of(hits, named, asked, caller) if group is named else ()
            return Found(hits[:limit], shares.missing, unsaid)
    return Found((), shares.missing)


def is_searched(layer: Layer, caller: Caller) -> bool:
    return layer.listed and any(f.searchable for f in layer.fields_for(caller.audience))


def hits_in(
    group: Sequence[Published],
    caller: Caller,
    asked: Mapping[str, Wanted],
    speaker: Speaker,
    limit: int,
    language: str,
    shares: Shares,
) -> list[Hit]:
    """The hits of some layers, layer by layer. Of those that were given by numbers, where a field of some is what the
    words say ("thửa 331 tờ 8 Phú Xuân"), these alone."""
    none: list[tuple[Any, ...]] = []
    queries = (search_sql(each, caller, asked[each.layer.id], limit) for each in group)
    answers = shares.ask_all(
        [
            (each.layer, partial(rows, caller, sql, params))
            for each, (sql, params) in zip(group, queries, strict=True)
        ],
        none,
    )
    hits: list[Hit] = []
    for published, found in zip(group, answers, strict=True):
        wanted = asked[published.layer.id]
        if wanted.numbers and wanted.words and found:
            best = max(row[4] for row in found)
            found = [row for row in found if best < ALIKE or row[4] >= best - NEARLY]
        hits += hits_of(published.layer, caller, speaker, found, language, len(wanted.numbers))
    return hits


def unsaid_of(
    hits: Sequence[Hit], named: Sequence[Published], asked: Mapping[str, Wanted], caller: Caller
) -> tuple[Field, ...]:
    """The fields by whose names the hits could be told apart still; none for one hit."""
    if len(hits) < 2:
        return ()
    layer = next(each.layer for each in named if each.layer.id == hits[0].layer_id)
    given = [field for field, _ in asked[layer.id].numbers]
    return tuple(f for f in layer.fields_for(caller.audience) if f.asked and f not in given)


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
    values = [dict(zip((f.name for f in fields), row[5:], strict=True)) for row in found]
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
