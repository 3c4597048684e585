"""Our icons as other programs embed them: a document that they carry along, never a file or an address of ours."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

ICONS = Path(__file__).parent.parent / "assets" / "icons"
SVG = "http://www.w3.org/2000/svg"
# Silhouettes take the colour of the style; other icons keep their own.
TINTED = frozenset({"circle", "drop", "wedge", "diamond", "bar", "square"})
PAINT = ("fill", "stroke", "stroke-width", "style")
EMPTY_SVG = "base64:" + b64encode(f'<svg xmlns="{SVG}" width="1" height="1"/>'.encode()).decode()


@dataclass(frozen=True)
class Icon:
    """An icon's SVG document. ``width`` and ``height`` are px at size 1."""

    name: str
    text: str
    width: float
    height: float

    @property
    def embedded(self) -> str:
        """As QGIS carries it in a style."""
        return "base64:" + b64encode(self.text.encode()).decode()


@cache
def icon_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in ICONS.glob("*.svg")))


def is_tinted(name: str) -> bool:
    return name in TINTED


@cache
def icon_svg(name: str) -> Icon | None:
    """The icon with this name, for QGIS: a silhouette asks for the style's colours (``param(fill)``)."""
    if name not in icon_names():
        return None
    ET.register_namespace("", SVG)
    root = ET.fromstring((ICONS / f"{name}.svg").read_text())
    width, height = size_of(root)
    if is_tinted(name):
        for element in root.iter():
            for paint in PAINT:
                element.attrib.pop(paint, None)
        root.attrib |= {
            "fill": "param(fill)",
            "stroke": "param(outline)",
            "stroke-width": "param(outline-width)",
            "stroke-linejoin": "round",
        }
    return Icon(name, ET.tostring(root, encoding="unicode"), width, height)


def size_of(root: ET.Element) -> tuple[float, float]:
    """Width and height in px: those of the document, else of its view box."""
    given = [re.match(r"[\d.]+", root.get(side, "")) for side in ("width", "height")]
    if given[0] and given[1]:
        return float(given[0][0]), float(given[1][0])
    *_, width, height = (float(part) for part in root.get("viewBox", "0 0 24 24").split())
    return width, height
