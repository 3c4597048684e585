"""The seal of a sheet: what was printed, signed, so that a paper can be held against what we know.

Nothing is kept. The QR code carries all facts of the sheet and their signature. The code that people read and type
carries those that fit into eight groups of four letters, which is all but the title and the names of the layers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson

from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.days import day_of
from gis_core.layer import AUDIENCES, Audience
from tilesrv.grid import Box
from tilesrv.printing.asked import GRIDS, SCALES, Asked, box_around
from tilesrv.printing.paper import ORIENTATIONS, PAPERS_MM, Layout, Orientation, layout

PURPOSE = "printed sheets"
TAG_BYTES = 15
LONGEST_TEXT = 4000
# The code of 32 letters of base 32: 104 bits of facts and 56 of signature, which nobody finds by asking us.
CODE_FACTS_BYTES, CODE_TAG_BYTES = 13, 7
CODE_BYTES = CODE_FACTS_BYTES + CODE_TAG_BYTES
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)  # minutes are counted from it, for 63 years
PLACES = 100_000  # parts of a degree, about a metre
LOOKALIKES = str.maketrans("018", "OIB")  # what base 32 has not, and what is meant by it
# Number of values of what a code holds, in the order in which it is packed.
MINUTES, LONGITUDES, LATITUDES = 2**25, 2**26, 2**25
PAPERS, SHEET_GRIDS = tuple(PAPERS_MM), tuple(GRIDS)


@dataclass(frozen=True)
class Facts:
    """What a seal vouches for: of the sheet, not of the person. ``printed`` in UTC, to the minute.

    ``title``, ``layers`` and ``day`` (of the map, ISO 8601; also empty for today) are empty where a code was typed.
    ``legend``: the sheet has room for one, its map less.
    """

    title: str
    layers: tuple[str, ...]
    center: tuple[float, float]
    scale: int
    paper: str
    orientation: Orientation
    srid: int
    printed: datetime
    audience: Audience
    legend: bool
    day: str = ""

    @classmethod
    def of(cls, asked: Asked, title: str, caller: Caller, now: datetime) -> Facts:
        """What is printed ``now`` (UTC) for ``caller``."""
        return cls(
            title,
            asked.layers,
            (round(asked.center[0], 5), round(asked.center[1], 5)),
            asked.scale,
            asked.paper,
            asked.orientation,
            asked.srid,
            now.replace(second=0, microsecond=0),
            caller.audience,
            asked.has_legend,
            day_of(asked.at).isoformat() if asked.at is not None else "",
        )

    @property
    def layout(self) -> Layout:
        return layout(self.paper, self.orientation, legend=self.legend)

    @property
    def box(self) -> Box:
        """minx, miny, maxx, maxy of the map in the sheet's grid, in metres."""
        return box_around(self.center, self.srid, self.scale, self.layout.map)


@dataclass(frozen=True)
class Seal:
    """``text`` is what the QR code's address carries, ``code`` what people read, in groups of four letters."""

    text: str
    code: str


def sealed(config: Config, facts: Facts) -> Seal:
    """The seal of a sheet with these facts."""
    day = [facts.day] if facts.day else []
    body = orjson.dumps([facts.title, list(facts.layers), *_numbers(facts), *day])
    tag = _tag(config, body, TAG_BYTES)
    return Seal(f"{_packed(body)}.{_packed(tag)}", code_of(config, facts))


def code_of(config: Config, facts: Facts) -> str:
    """The code of the facts without title, layers and day."""
    packed = _pack(facts)
    letters = base64.b32encode(packed + _tag(config, packed, CODE_TAG_BYTES)).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def facts_of_text(config: Config, text: str) -> Facts | None:
    """The facts of a QR code's text; None where it is not ours or was changed."""
    body_text, _, tag_text = text.partition(".")
    if len(text) > LONGEST_TEXT or not text.isascii():
        return None
    try:
        body, tag = _unpacked(body_text), _unpacked(tag_text)
    except ValueError:
        return None
    if not hmac.compare_digest(tag, _tag(config, body, TAG_BYTES)):
        return None
    title, layers, *numbers = orjson.loads(body)
    day = numbers.pop() if len(numbers) > len(RADICES) else ""
    return replace(_facts(numbers), title=title, layers=tuple(layers), day=day)


def facts_of_code(config: Config, code: str) -> Facts | None:
    """The facts of a code as somebody typed it, in any case and grouping; None where it is not ours."""
    letters = "".join(code.split()).replace("-", "").upper().translate(LOOKALIKES)
    try:
        packed = base64.b32decode(letters)
    except ValueError:
        return None
    body, tag = packed[:CODE_FACTS_BYTES], packed[CODE_FACTS_BYTES:]
    if len(packed) != CODE_BYTES or not hmac.compare_digest(tag, _tag(config, body, CODE_TAG_BYTES)):
        return None
    return _unpack(body)


def _numbers(facts: Facts) -> list[int]:
    """Everything but title, layers and day, as numbers."""
    longitude, latitude = facts.center
    return [
        int((facts.printed - EPOCH) / timedelta(minutes=1)),
        facts.scale,
        round((longitude + 180) * PLACES),
        round((latitude + 90) * PLACES),
        PAPERS.index(facts.paper),
        ORIENTATIONS.index(facts.orientation),
        SHEET_GRIDS.index(facts.srid),
        AUDIENCES.index(facts.audience),
        int(facts.legend),
    ]


def _facts(numbers: list[int]) -> Facts:
    minute, scale, longitude, latitude, paper, orientation, grid, audience, legend = numbers
    return Facts(
        "",
        (),
        (round(longitude / PLACES - 180, 5), round(latitude / PLACES - 90, 5)),
        scale,
        PAPERS[paper],
        ORIENTATIONS[orientation],
        SHEET_GRIDS[grid],
        EPOCH + timedelta(minutes=minute),
        AUDIENCES[audience],
        bool(legend),
    )


# The radix of each of `_numbers`: together they are one number below 2**104.
RADICES = (
    MINUTES,
    SCALES[1] + 1,
    LONGITUDES,
    LATITUDES,
    len(PAPERS),
    len(ORIENTATIONS),
    len(SHEET_GRIDS),
    len(AUDIENCES),
    2,
)


def _pack(facts: Facts) -> bytes:
    whole = 0
    for number, radix in zip(_numbers(facts), RADICES, strict=True):
        whole = whole * radix + number % radix
    return whole.to_bytes(CODE_FACTS_BYTES, "big")


def _unpack(packed: bytes) -> Facts:
    whole = int.from_bytes(packed, "big")
    numbers = []
    for radix in reversed(RADICES):
        whole, number = divmod(whole, radix)
        numbers.append(number)
    return _facts(numbers[::-1])


def _tag(config: Config, body: bytes, length: int) -> bytes:
    """The signature; that of a code is of another length, and so never that of a text."""
    message = length.to_bytes(1, "big") + body
    return hmac.new(config.derive(PURPOSE).encode(), message, hashlib.sha256).digest()[:length]


def _packed(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _unpacked(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
