"""Our icons as other programs embed them: a document that they carry along, never a file or an address of ours."""

from __future__ import annotations

import re
from base64 import b64encode
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from xml.etree import ElementTree as ET

from gis_core.styles.colours import Colour
from tilesrv.assets import ICONS
from tilesrv.assets.distance_field import BUFFER

SVG = "http://www.w3.org/2000/svg"
# Names of patterns begin so: they keep their own colour, and every other icon takes that of the style.
PATTERN = "hatch"
PAINT = ("fill", "stroke", "stroke-width", "style")
EMPTY_SVG = "base64:" + b64encode(f'<svg xmlns="{SVG}" width="1" height="1"/>'.encode()).decode()

ET.register_namespace("", SVG)


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
    return not name.startswith(PATTERN)


@cache
def icon_svg(name: str, opacity: float = 1.0) -> Icon | None:
    """The icon with this name, for QGIS: a silhouette asks for the style's colours (``param(fill)``) and is framed, a
    pattern has its ``opacity`` in it."""
    root = _document(name)
    if root is None:
        return None
    if is_tinted(name):
        _frame(root)
        root.attrib |= {
            "fill": "param(fill)",
            "fill-opacity": "param(fill-opacity)",
            "stroke": "param(outline)",
            "stroke-opacity": "param(outline-opacity)",
            "stroke-width": "param(outline-width)",
            "stroke-linejoin": "round",
        }
    elif opacity < 1:
        parts = list(root)
        for part in parts:
            root.remove(part)
        ET.SubElement(root, f"{{{SVG}}}g", {"opacity": f"{opacity:g}"}).extend(parts)
    return _icon(name, root)


def tinted_svg(
    name: str, tint: Colour | None = None, halo: Colour | None = None, halo_width: float = 0
) -> Icon | None:
    """The icon with this name, a silhouette in colour ``tint`` above a halo ``halo_width`` of its own px wide.

    The halo is the shape once more, below, since few readers of SVG know ``paint-order``.
    """
    root = _document(name)
    if root is None or not is_tinted(name) or tint is None:
        return _icon(name, root) if root is not None else None
    parts = list(root)
    for part in parts:
        root.remove(part)
    if halo is not None and halo_width > 0 and halo.alpha > 0:
        colours = {"fill": halo.hex, "stroke": halo.hex, "stroke-width": f"{2 * halo_width:g}"}
        ring = ET.SubElement(root, f"{{{SVG}}}g", {**colours, "stroke-linejoin": "round"})
        ring.set("opacity", f"{halo.alpha:g}")
        ring.extend(deepcopy(parts))
    ET.SubElement(root, f"{{{SVG}}}g", {"fill": tint.hex}).extend(parts)
    return _icon(name, root)


def framed_svg(
    name: str, tint: Colour, halo: Colour | None, halo_width: float, opacity: float = 1.0
) -> Icon | None:
    """`tinted_svg` with the frame that the sprite's icons have, which MapLibre counts as part of them."""
    made = tinted_svg(name, tint, halo, halo_width)
    if made is None:
        return None
    root = ET.fromstring(made.text)
    if is_tinted(name):
        _frame(root)
    if opacity < 1:
        root.set("opacity", f"{opacity:g}")
    return _icon(name, root)


def _frame(root: ET.Element) -> None:
    """Widen the document by the room that the sprite leaves for halos (`tilesrv.assets.distance_field`)."""
    width, height = (side + 2 * BUFFER for side in size_of(root))
    root.attrib |= {"width": f"{width:g}", "height": f"{height:g}"}
    root.set("viewBox", f"{-BUFFER} {-BUFFER} {width:g} {height:g}")


def _document(name: str) -> ET.Element | None:
    """The icon's document, a silhouette without colours of its own; None where there is none."""
    if name not in icon_names():
        return None
    root = ET.fromstring((ICONS / f"{name}.svg").read_text())
    root.set("overflow", "visible")
    if is_tinted(name):
        for element in root.iter():
            for paint in PAINT:
                element.attrib.pop(paint, None)
    return root


def _icon(name: str, root: ET.Element) -> Icon:
    return Icon(name, ET.tostring(root, encoding="unicode"), *size_of(root))


def size_of(root: ET.Element) -> tuple[float, float]:
    """Width and height in px: those of the document, else of its view box."""
    given = [re.match(r"[\d.]+", root.get(side, "")) for side in ("width", "height")]
    if given[0] and given[1]:
        return float(given[0][0]), float(given[1][0])
    *_, width, height = (float(part) for part in root.get("viewBox", "0 0 24 24").split())
    return width, height
