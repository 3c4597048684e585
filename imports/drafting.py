"""The declaration of a new dataset, drafted from what its file turned out to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gis_core.datasets import table_name
from gis_core.layer import Audience, Field, Geometry, Layer, Style
from gis_core.styles.standard import KINDS
from gis_core.words import Text, nfc
from imports.naming import field_keys, folded
from imports.profile import Profile

SOURCE_ID = "source_id"
GROUP = Text("Tập dữ liệu đã nhập", "Imported datasets")
# Words of a field's name that say it names the thing, the likeliest first.
NAMING = ("name", "ten", "title", "ten_goi", "label", "nhan", "full_name", "fullname", "ten_day_du")
ADDRESSES = ("address", "dia_chi", "street", "duong")
# Areas let the map shine through; points and lines cover little of it, and must be seen.
NOT_COVERING = 0.9
MAX_SEARCHED = 4
MAX_SORTED = 3


@dataclass(frozen=True)
class Draft:
    """A layer, and from which name of the file each field is filled (None: the row's identity in the file)."""

    layer: Layer
    sources: Mapping[str, str | None]


def draft(
    dataset_id: str,
    title: Text,
    profile: Profile,
    *,
    repair: bool,
    audiences: frozenset[Audience],
    credit: Text | None,
    file_name: str,
) -> Draft:
    """The layer of a dataset: typed fields under stable keys, a label, a few fields to search and sort by."""
    names = list(profile.fields)
    keeps_id = bool(profile.identity.kinds - {type(None)})
    keys = field_keys(names, taken=(SOURCE_ID,) if keeps_id else ())
    types = {keys[name]: profile.fields[name].type for name in names}
    naming = naming_keys([key for key in keys.values() if types[key] == "text"])
    label = naming[0] if naming else next((k for k in keys.values() if types[k] == "text"), None)
    searched = naming[:MAX_SEARCHED] or ([label] if label else [])
    sorted_by = sortable_keys(types, label)
    fields = [
        Field(
            name=keys[name],
            label=Text(nfc(name), nfc(name)),
            type=types[keys[name]],
            searchable=keys[name] in searched,
            sortable=keys[name] in sorted_by,
        )
        for name in names
    ]
    if keeps_id:
        fields.append(identity_field(profile))
    geometry = Geometry(type=profile.geometry_type(repair=repair))
    layer = Layer(
        id=dataset_id,
        title=title,
        description=Text(f"Nhập từ tệp {file_name}.", f"Imported from the file {file_name}."),
        geometry=geometry,
        style=Style() if KINDS[geometry.type] == "area" else Style(opacity=NOT_COVERING),
        fields=tuple(fields),
        table=table_name(dataset_id),
        audiences=audiences,
        label=label,
        credit=credit,
        group=GROUP,
    )
    return Draft(layer, {keys[name]: name for name in names} | ({SOURCE_ID: None} if keeps_id else {}))


def identity_field(profile: Profile) -> Field:
    return Field(
        name=SOURCE_ID,
        label=Text("Mã trong tệp gốc", "Id in the source file"),
        type="integer" if profile.identity.kinds <= {int, type(None)} else "text",
        sortable=True,
    )


def naming_keys(keys: list[str]) -> list[str]:
    """Those of ``keys`` that name or place the thing: exact words first, then keys that contain one."""
    words = (*NAMING, *ADDRESSES)
    exact = [word for word in words if word in keys]
    holding = [k for k in keys if k not in exact and any(part in words for part in folded(k).split("_"))]
    return exact + holding


def sortable_keys(types: Mapping[str, str], label: str | None) -> set[str]:
    """The label and the first few dates and numbers: each costs an index."""
    ordered = [label] if label else []
    ordered += [k for k, kind in types.items() if kind in ("date", "datetime")]
    ordered += [k for k, kind in types.items() if kind in ("integer", "number")]
    return set(ordered[:MAX_SORTED])
