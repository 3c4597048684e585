"""Every colour of Hương, once: pages, live map, drawn picture and printed sheet take theirs from here.

``python -m gis_core.palette > web/src/tokens.css`` writes the pages' custom properties; a test holds the file to it.
Contrast of each text colour on both backgrounds is at least 4.5 (WCAG 2.2 AA), of lines and marks at least 3; a test
computes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Tone(NamedTuple):
    """One colour by day and by night, ``#RRGGBB``."""

    light: str
    dark: str


TEXT_TONES: Mapping[str, Tone] = {
    "text": Tone("#1C2430", "#E8ECF1"),
    "muted": Tone("#55606E", "#A3AFBC"),
    "brand": Tone("#5B2A86", "#C9A2EE"),
    "link": Tone("#0B5C8A", "#7CC4EE"),
    "ok": Tone("#1B6E3C", "#6FD398"),
    "warn": Tone("#8A5A00", "#F2C14E"),
    "bad": Tone("#B3261E", "#FF8A80"),
}

PAGE_TONES: Mapping[str, Tone] = {
    "bg": Tone("#FFFFFF", "#0E1318"),
    "surface": Tone("#F5F3EE", "#182028"),
    **TEXT_TONES,
    "focus": Tone("#B4460F", "#FFB37A"),
    "no-data": Tone("#6B7280", "#9AA3AE"),
    # A line that only parts two areas; what must be seen to use a control takes ``no-data`` or ``muted``.
    "rule": Tone("#DDD8CC", "#2B3641"),
    "on-brand": Tone("#FFFFFF", "#0E1318"),
}

MAP_TONES: Mapping[str, Tone] = {
    "map-outside": Tone("#E7E9E8", "#0A0E12"),
    "map-land": Tone("#F6F4EF", "#12181E"),
    "map-water": Tone("#CFE3EF", "#0B2230"),
    "map-water-name": Tone("#2F6F94", "#6FA9C9"),
    "map-green": Tone("#DDE8D3", "#15221A"),
    "map-field": Tone("#EDF0DE", "#141D18"),
    "map-sand": Tone("#F3EBD6", "#1D1F1E"),
    "map-built": Tone("#EFEBE4", "#161C23"),
    "map-building": Tone("#E6E1D8", "#1E262E"),
    # A road is seen by its casing, which has 3:1 on every ground.
    "map-road": Tone("#FFFFFF", "#3A4651"),
    "map-road-main": Tone("#F7D58A", "#9A8750"),
    "map-road-casing": Tone("#857C6C", "#66727E"),
    "map-border": Tone("#B9AFA0", "#3D4853"),
    "map-name": Tone("#4A4F57", "#C3CBD4"),
    "map-halo": Tone("#FFFFFF", "#0A0E12"),
    # The rim of a mark: whatever colour is in it, its shape is seen on every ground.
    "map-mark-rim": Tone("#1C2430", "#E8ECF1"),
    # Slopes away from the light and towards it.
    "map-shade": Tone("#3D3A30", "#000000"),
    "map-light": Tone("#FFFFFF", "#7A8A9B"),
}

TONES: Mapping[str, Tone] = {**PAGE_TONES, **MAP_TONES}

# On paper the ground is the paper; what differs from the colours of day.
PRINT_TONES: Mapping[str, str] = {
    "map-outside": "#FFFFFF",
    "map-land": "#FFFFFF",
    "map-water": "#DCEBF4",
    "map-green": "#EBF2E4",
    "map-building": "#E3E3E3",
    "map-road-main": "#F3E3BD",
    "map-road-casing": "#7F7F7F",
    "map-border": "#6B6B6B",
    "map-name": "#1C2430",
}

# Okabe and Ito (2008), "Color Universal Design": eight categories that colour-blind readers tell apart.
CATEGORIES: tuple[str, ...] = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#56B4E9",
    "#F0E442",
    "#000000",
)

# Fixed by rule and used for nothing else; always shown with the Roman numeral.
FLOOD_ALARMS: Mapping[str, str] = {"I": "#C77700", "II": "#C2410C", "III": "#A50E0E", "historic": "#6A1B9A"}


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB`` (WCAG 2.2, definition of relative luminance)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on ``#RRGGBB``: never less than 4.5 to 1."""
    return max(("#ffffff", "#000000"), key=lambda ink: contrast(ink, colour))


def _rules(lines: Iterable[str], indent: str) -> str:
    return "\n".join(f"{indent}{line}" for line in lines)


def css() -> str:
    """The text of ``web/src/tokens.css``: the tones as custom properties, by day and by night."""
    day = _rules((f"--{name}: {tone.light.lower()};" for name, tone in TONES.items()), "  ")
    night = _rules((f"--{name}: {tone.dark.lower()};" for name, tone in TONES.items()), "    ")
    marks = _rules((f"--mark-{n}: {c.lower()};" for n, c in enumerate(CATEGORIES)), "  ")
    return (
        "/* Written by `python -m gis_core.palette`; change the colours there. */\n"
        f":root {{\n  color-scheme: light dark;\n{day}\n{marks}\n}}\n\n"
        f"@media (prefers-color-scheme: dark) {{\n  :root {{\n{night}\n  }}\n}}\n"
    )


if __name__ == "__main__":
    print(css(), end="")
