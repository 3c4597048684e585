"""What a client would rather have: Accept, Accept-Language and Accept-Encoding by their q-values (RFC 9110, 12.4).

``q=0`` refuses; what is said of exactly one thing counts before what is said of a family of things.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from gis_core.problems import Problem
from gis_core.words import LANGUAGES, Language, Text

QUALITY = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")
LONGEST = 2000  # characters of a header that are read; browsers send fewer than 200
CHOICE = "language"  # the cookie by which a reader's choice of language is kept
HELD = 512  # headers whose meaning is remembered in each process: clients say the same ones over and over


class Wish(NamedTuple):
    """One member of such a header: what it names (in lower case), its other parameters, and its quality, 0 to 1."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    quality: float


@lru_cache(HELD)
def wishes(header: str) -> tuple[Wish, ...]:
    """The members in the order in which they stand; one whose quality is no quality is passed over."""
    found = []
    for member in header[:LONGEST].lower().split(","):
        name, *rest = (part.strip() for part in member.split(";"))
        pairs = [tuple(part.strip(' "') for part in one.partition("=")[::2]) for one in rest]
        quality = next((value for key, value in pairs if key == "q"), "1")
        if name and QUALITY.fullmatch(quality):
            others = tuple((key, value) for key, value in pairs if key and key != "q")
            found.append(Wish(name, others, float(quality)))
    return tuple(found)


# Languages ----------------------------------------------------------------------------------------------------------


@lru_cache(HELD)
def language(header: str) -> Language:
    """The language that a reader would rather have; Vietnamese where it is all the same."""
    said = wishes(header)
    anything = next((wish.quality for wish in said if wish.name == "*"), None)

    def rank(number: int) -> tuple[float, bool, int]:
        spoken = LANGUAGES[number]
        # ``en-GB`` is English to us (RFC 4647, 3.4: looked up by its shorter forms).
        named = [(w.quality, -place) for place, w in enumerate(said) if w.name.partition("-")[0] == spoken]
        if named:
            quality, place = max(named)
            return quality, quality > 0, place
        # What is not named comes before what is refused.
        return anything or 0.0, anything != 0, -len(said) - number

    return LANGUAGES[max(range(len(LANGUAGES)), key=rank)]


def readers_language(cookies: str, accepted: str) -> Language:
    """The language that a reader has chosen on a page of ours (Cookie), else what Accept-Language wishes for."""
    for member in cookies[:LONGEST].split(";"):
        name, _, value = member.strip().partition("=")
        if name == CHOICE:
            for known in LANGUAGES:
                if value == known:
                    return known
    return language(accepted)


# Codings ------------------------------------------------------------------------------------------------------------


@lru_cache(HELD)
def takes_gzip(header: str) -> bool:
    """Whether an answer had better be compressed with gzip. Without the header nobody has asked for it."""
    said = {wish.name: wish.quality for wish in wishes(header)}
    quality = max((said[name] for name in ("gzip", "x-gzip") if name in said), default=said.get("*", 0.0))
    return quality > 0 and quality >= said.get("identity", 0.0)


# Formats ------------------------------------------------------------------------------------------------------------


def specificity(wish: Wish, media_type: str) -> int:
    """How exactly ``wish`` names ``media_type`` (3 itself, 2 and 1 a family); 0 where it names another one.

    ``application/*+json`` as a media type of ours stands for every name that ends so. A parameter divides only where
    both sides have it: ``version=1.0`` is not ``version=1.1``.
    """
    name, *rest = (part.strip() for part in media_type.lower().split(";"))
    ours = {key: value for key, _, value in (one.partition("=") for one in rest)}
    if any(ours.get(key, value) != value for key, value in wish.parameters):
        return 0
    kind, _, subtype = name.partition("/")
    if wish.name == name or (subtype.startswith("*+") and wish.name.startswith(f"{kind}/")
                             and wish.name.endswith(subtype[1:])):  # fmt: skip
        return 3
    return 2 if wish.name == f"{kind}/*" else 1 if wish.name == "*/*" else 0


def quality_of(said: Sequence[Wish], media_types: Sequence[str]) -> float:
    """How much a format is wished for that has these names: what names it most exactly counts."""
    found = [(specificity(wish, media_type), wish.quality) for wish in said for media_type in media_types]
    exactly, quality = max(found)
    return quality if exactly else 0.0


def preferred(header: str, offered: Mapping[str, Sequence[str]]) -> str | None:
    """The name in ``offered`` (names with their media types, ours first) that ``header`` (Accept) wishes for most.

    The first one where nothing is wished for; None where all are refused.
    """
    said = wishes(header)
    if not said:
        return next(iter(offered))
    found = [(quality_of(said, media_types), name) for name, media_types in offered.items()]
    quality, name = max(found, key=lambda each: each[0])  # the first of equals
    return name if quality > 0 else None


def chosen_format(asked: str | None, accept: str, offered: Mapping[str, Sequence[str]]) -> str:
    """``f=`` decides, then Accept; a 400 or 406 Problem where neither names a format that there is."""
    if asked is not None:
        if asked in offered:
            return asked
        listed = ", ".join(offered)
        words = Text(f"“f” phải là một trong: {listed}.", f"“f” must be one of: {listed}.")
        raise Problem(400, "bad-f", words, parameter="f")
    found = preferred(accept, offered)
    if found is None:
        listed = ", ".join(offered)
        words = Text(
            f"Không có định dạng được yêu cầu; ở đây có: {listed}.",
            f"There is no such format; here are: {listed}.",
        )
        raise Problem(406, "no-such-format", words)
    return found
