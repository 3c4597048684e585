"""The tree of layers of a project (``layer-tree-group``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from tilesrv.qgis.map_layers import MapLayer

CHECKED, UNCHECKED = "Qt::Checked", "Qt::Unchecked"


@dataclass(frozen=True)
class Group:
    """A group of layers and groups, the uppermost first.

    ``one_of``: showing one member hides the others; the first is shown.
    """

    title: str
    members: Sequence[Group | MapLayer]
    one_of: bool = False
    shown: bool = True
    expanded: bool = True

    def layers(self) -> list[MapLayer]:
        """Every layer in the group, the uppermost first."""
        return [
            layer for each in self.members for layer in (each.layers() if isinstance(each, Group) else [each])
        ]


def layer_tree(groups: Sequence[Group]) -> Element:
    """The root of the tree."""
    root = Element("layer-tree-group")
    _no_properties(root)
    for group in groups:
        _add_group(root, group, shown=group.shown)
    return root


def _add_group(into: Element, group: Group, *, shown: bool) -> None:
    made = SubElement(
        into,
        "layer-tree-group",
        name=group.title,
        checked=CHECKED if shown else UNCHECKED,
        expanded="1" if group.expanded else "0",
    )
    if group.one_of:
        made.attrib |= {"mutually-exclusive": "1", "mutually-exclusive-child": "0"}
    _no_properties(made)
    for at, each in enumerate(group.members):
        visible = at == 0 if group.one_of else each.shown
        if isinstance(each, Group):
            _add_group(made, each, shown=visible)
        else:
            _add_layer(made, each, shown=visible)


def _add_layer(into: Element, layer: MapLayer, *, shown: bool) -> None:
    made = SubElement(
        into,
        "layer-tree-layer",
        id=layer.id,
        name=layer.title,
        checked=CHECKED if shown else UNCHECKED,
        expanded="0",
        source=layer.source.uri,
        providerKey=layer.source.provider,
    )
    _no_properties(made)


def _no_properties(element: Element) -> None:
    SubElement(SubElement(element, "customproperties"), "Option")
