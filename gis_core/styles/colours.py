"""Colours of a style: ``#rgb``, ``#rrggbb``, ``rgb()``, ``rgba()``, or a name of the palette, ``@map-water``."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, Self

from gis_core.palette import CATEGORIES, PRINT_TONES, TONES

Mode = Literal["day", "night", "print"]
MODES: tuple[Mode, ...] = ("day", "night", "print")

HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
NUMBER = r"\s*(\d{1,3}(?:\.\d{1,4})?|\.\d{1,4})\s*"
RGB = re.compile(rf"rgba?\({NUMBER},{NUMBER},{NUMBER}(?:,{NUMBER})?\)")
NAMED = {"white": "#ffffff", "black": "#000000"}


class Colour(NamedTuple):
    """Red, green, blue from 0 to 255 and opacity from 0 to 1, in sRGB."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    @classmethod
    def parse(cls, text: str, mode: Mode = "day") -> Self:
        """The colour that ``text`` names; ValueError if it names none."""
        if text == "transparent":
            return cls(0, 0, 0, 0)
        text = NAMED.get(text, text)
        if text.startswith("@"):
            text = token(text[1:], mode)
        if match := HEX.fullmatch(text):
            digits = match[1] if len(match[1]) == 6 else "".join(2 * each for each in match[1])
            red, green, blue = (float(int(digits[at : at + 2], 16)) for at in (0, 2, 4))
            return cls(red, green, blue)
        if match := RGB.fullmatch(text):
            red, green, blue = (float(each) for each in match.group(1, 2, 3))
            alpha = float(match[4]) if match[4] else 1.0
            if max(red, green, blue) <= 255 and alpha <= 1:
                return cls(red, green, blue, alpha)
        raise ValueError(text)

    @property
    def hex(self) -> str:
        """``#rrggbb``, without the opacity."""
        return "#{:02x}{:02x}{:02x}".format(*(round(each) for each in self[:3]))

    @property
    def css(self) -> str:
        """``#rrggbb``, or ``rgba(...)`` where it is not opaque."""
        if self.alpha >= 1:
            return self.hex
        return f"rgba({round(self.red)},{round(self.green)},{round(self.blue)},{round(self.alpha, 4):g})"

    def towards(self, other: Colour, share: float) -> Colour:
        """The colour ``share`` (0 to 1) of the way to ``other``, each channel by itself as MapLibre mixes them."""
        return Colour(*(one + (two - one) * share for one, two in zip(self, other, strict=True)))


def token(name: str, mode: Mode) -> str:
    """The colour that the palette gives to ``name`` (``map-water``, ``mark-0``); ValueError if it has none."""
    if name.startswith("mark-") and name[5:].isdecimal() and int(name[5:]) < len(CATEGORIES):
        return CATEGORIES[int(name[5:])]
    tone = TONES.get(name)
    if tone is None:
        raise ValueError(name)
    if mode == "print":
        return PRINT_TONES.get(name, tone.light)
    return tone.dark if mode == "night" else tone.light
