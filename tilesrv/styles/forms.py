"""Every form that a style is given in, made once for each catalogue and audience."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import orjson

from gis_core.audiences import Caller
from gis_core.problems import not_found
from gis_core.registry import Catalogue, Published
from gis_core.styles.colours import Mode
from gis_core.styles.model import MapStyle
from gis_core.terrain import HeightModel
from gis_core.words import Language
from tilesrv.recent import Recent
from tilesrv.styles.book import BASEMAP, name_and_mode, style_named
from tilesrv.styles.document import Where, style_json, title_of
from tilesrv.styles.legend import SEEN_AT, Section, legend, legend_json
from tilesrv.styles.legend_layout import sheet
from tilesrv.styles.legend_png import legend_png, text_width
from tilesrv.styles.legend_svg import legend_svg
from tilesrv.styles.qml import layer_qml
from tilesrv.styles.sld import SldContext, style_sld

MOST_BYTES = 32 * 2**20  # of forms that are kept
# Legends for other screens than the usual ones are made for each asker: there are as many of them as numbers.
KEPT_DENSITIES = frozenset({1.0, 1.25, 1.5, 2.0, 3.0, 4.0})

Form = Literal["json", "sld", "qml", "legend.json", "legend.svg", "legend.png"]


@dataclass(frozen=True)
class Asked:
    """A form of a style by name. ``url``: our address; ``density``: px of the device to each of a legend's."""

    name: str
    form: Form
    mode: Mode
    language: Language
    url: str = ""
    density: float = 1.0


class Forms:
    """Makes forms, and keeps those that were asked for last."""

    def __init__(self) -> None:
        self._held: Recent[tuple[int, str, bool, Asked, HeightModel | None], bytes] = Recent(MOST_BYTES)

    def __len__(self) -> int:
        return len(self._held)

    async def get(
        self, catalogue: Catalogue, caller: Caller, asked: Asked, terrain: HeightModel | None = None
    ) -> bytes:
        """The form as bytes; ``terrain`` is the city's height model, of which only ``json`` speaks.

        The 404 Problems of `style_named`, and ``no-such-format``.
        """
        writes = caller.actor is not None and caller.writes  # a form of QGIS is open to who may write
        key = (catalogue.revision, caller.audience, writes, asked, terrain)
        made = self._held.get(key)
        if made is None:
            made = await asyncio.to_thread(make, catalogue, caller, asked, terrain)
            if asked.density in KEPT_DENSITIES:
                self._held.put(key, made, len(made))
        return made


def make(catalogue: Catalogue, caller: Caller, asked: Asked, terrain: HeightModel | None = None) -> bytes:
    """`Forms.get`, made anew."""
    name, mode = name_and_mode(asked.name, asked.mode)
    style = style_named(catalogue, caller, name, mode=mode)
    published = {each: catalogue.get(each, caller) for each in style.collections()}
    if asked.form == "json":
        where = Where(asked.url, asked.language, terrain)
        return orjson.dumps(style_json(style, name, published, mode, where))
    if asked.form == "sld":
        return style_sld(style, sld_context(published, caller, asked)).encode()
    if asked.form == "qml":
        if name == BASEMAP:
            raise no_such_format(asked.name, "qml")
        layer_id = name.partition(":")[0]
        return layer_qml(catalogue.get(layer_id, caller), caller, style, asked.language).encode()
    sections = legend(style, published, caller, SEEN_AT)
    return LEGENDS[asked.form](Made(style, published, sections, mode, asked))


def sld_context(published: dict[str, Published], caller: Caller, asked: Asked) -> SldContext:
    fields = {
        name: {field.name: field.type for field in each.layer.fields_for(caller.audience)}
        for name, each in published.items()
    }
    layers = {name: each.layer for name, each in published.items()}
    return SldContext(layers, fields, asked.url, asked.language)


@dataclass(frozen=True)
class Made:
    """A legend and what it is of."""

    style: MapStyle
    published: dict[str, Published]
    sections: list[Section]
    mode: Mode
    asked: Asked


def _json(made: Made) -> bytes:
    title = title_of(made.style, made.published)
    return orjson.dumps(legend_json(made.asked.name, title, made.sections, made.asked.language))


def _svg(made: Made) -> bytes:
    title = title_of(made.style, made.published).to(made.asked.language)
    return legend_svg(sheet(made.sections, made.asked.language, made.mode, text_width), title).encode()


def _png(made: Made) -> bytes:
    return legend_png(sheet(made.sections, made.asked.language, made.mode, text_width), made.asked.density)


LEGENDS: dict[str, Callable[[Made], bytes]] = {
    "legend.json": _json,
    "legend.svg": _svg,
    "legend.png": _png,
}


def no_such_format(name: str, form: str) -> Exception:
    return not_found(
        "no-such-format",
        f"Kiểu hiển thị “{name[:80]}” không có dạng {form}.",
        f"The style “{name[:80]}” has no form {form}.",
    )
