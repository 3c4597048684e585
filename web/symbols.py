"""The silhouettes that a page's picture and legend show, as symbols of SVG: the same icons as on every other map."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from xml.etree import ElementTree as ET

from django.utils.safestring import SafeString, mark_safe

from tilesrv.styles.icons import SVG, icon_names, is_tinted, tinted_svg


def is_symbol(name: str) -> bool:
    """Whether there is a silhouette of this name, to be shown in any colour."""
    return name in icon_names() and is_tinted(name)


@cache
def symbol(name: str) -> SafeString:
    """``<symbol id="s-NAME">`` with the shapes of an icon of ours."""
    icon = tinted_svg(name)
    assert icon is not None
    root = ET.fromstring(icon.text)
    shapes = "".join(ET.tostring(part, encoding="unicode") for part in root).replace(f' xmlns="{SVG}"', "")
    box = root.get("viewBox", f"0 0 {icon.width:g} {icon.height:g}")
    return mark_safe(f'<symbol id="s-{name}" viewBox="{box}">{" ".join(shapes.split())}</symbol>')


def symbols(names: Iterable[str]) -> list[SafeString]:
    """Each of the silhouettes once."""
    return [symbol(name) for name in sorted(set(names)) if is_symbol(name)]
