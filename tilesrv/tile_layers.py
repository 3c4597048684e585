"""What lies in the tiles of a layer: the features and the parts beside them, each with the attributes it may carry.

TileJSON, the tileset of OGC API and the metadata of archives say it each in its own form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gis_core.layer import Field, FieldType
from gis_core.registry import Published
from gis_core.styles.parts import ALONE, APART, COUNT, EDGES, GROUPS, NAMES, PartOfTile, described_parts
from gis_core.words import Text

PART_TITLES = {
    NAMES: Text("điểm đặt tên", "where names stand"),
    EDGES: Text("ranh giới, mỗi đường một lần", "borders, each once"),
    GROUPS: Text("số điểm theo ô", "points counted by squares"),
}


@dataclass(frozen=True)
class Attribute:
    """One attribute: what it is called, of which type, in which unit (UCUM)."""

    label: Text
    type: FieldType
    unit: str | None = None


CELL_FIELDS = {
    "n": Attribute(Text("Số đối tượng trong ô lưới", "Features in the cell"), "integer"),
    "area_m2": Attribute(Text("Tổng diện tích (m²)", "Total area (m²)"), "number"),
    "share": Attribute(
        Text("Phần của ô được phủ (0 đến 1)", "Share of the cell that is covered (0 to 1)"), "number"
    ),
    "class": Attribute(Text("Loại chiếm nhiều nhất", "Class that takes the most"), "text"),
    "_cell": Attribute(
        Text("Ô lưới tổng hợp, không phải đối tượng", "A cell of an overview, not a feature"), "boolean"
    ),
}
APART_FIELD = {APART: Attribute(Text("Tên nằm ở lớp điểm đặt tên", "Named in the layer of names"), "boolean")}
GROUP_FIELDS = {
    COUNT: Attribute(Text("Số điểm trong ô", "Points in the square"), "integer"),
    ALONE: Attribute(Text("Chỉ có một điểm trong ô", "Alone in its square"), "boolean"),
}


@dataclass(frozen=True)
class TileLayer:
    """One layer within the tiles. ``part`` is None for the features themselves; ``zooms`` are both included."""

    id: str
    title: Text
    zooms: tuple[int, int]
    attributes: Mapping[str, Attribute]
    part: PartOfTile | None = None


def tile_layers(
    published: Published,
    fields: Sequence[Field],
    zooms: tuple[int, int],
    *,
    has_cells: bool,
    all_fields: bool = False,
) -> list[TileLayer]:
    """The layers within the tiles of one collection at ``zooms``, the features first.

    ``fields`` are what the features carry, ``has_cells`` says whether they are cells from afar, and ``all_fields``
    whether every zoom has every attribute (archives).
    """
    layer = published.layer
    parts = described_parts(layer, published.drawn, zooms)
    known = {f.name: Attribute(f.label, f.type, f.unit) for f in fields}
    cells = CELL_FIELDS if has_cells else {}
    apart = APART_FIELD if any(part.ending == NAMES for part in parts) else {}
    found = [TileLayer(layer.id, layer.title, zooms, {**known, **cells, **apart})]
    for part in parts:
        everything = all_fields and part.is_counted
        own = {name: each for name, each in known.items() if everything or name in part.fields}
        said = PART_TITLES[part.ending]
        found.append(
            TileLayer(
                f"{layer.id}{part.ending}",
                Text(f"{layer.title.vi}: {said.vi}", f"{layer.title.en}: {said.en}"),
                part.zooms,
                {**own, **(GROUP_FIELDS if part.is_counted else {})},
                part,
            )
        )
    return found
