"""GetLegendGraphic (OGC 05-078r4, clause 12), and how large the legends are that a capabilities document names."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from math import ceil

from gis_core.audiences import Caller
from gis_core.problems import Problem
from gis_core.registry import Catalogue
from gis_core.words import Language
from tilesrv.maps.drawings import drawing_named, picture_name
from tilesrv.maps.offered import Offer
from tilesrv.styles.forms import Asked, Forms
from tilesrv.styles.legend import SEEN_AT, legend
from tilesrv.styles.legend_layout import sheet
from tilesrv.styles.legend_png import text_width
from tilesrv.wms.map import not_defined, refuse_own_styles
from tilesrv.wms.parameters import not_offered, pixel_scale, required

FORMATS = {"image/png": "legend.png"}
MOST_HELD = 16
Sizes = Mapping[tuple[str, str], tuple[int, int]]  # width and height in px, by layer and style


class Legends:
    """The legends of this process."""

    def __init__(self) -> None:
        self._forms = Forms()
        self._sizes: OrderedDict[tuple[int, str, Language], Sizes] = OrderedDict()

    async def picture(
        self, given: Mapping[str, str], catalogue: Catalogue, caller: Caller, language: Language
    ) -> bytes:
        """The PNG that GetLegendGraphic asks for; an OwsException for what there is not."""
        refuse_own_styles(given)
        layer, style = required(given, "LAYER"), given.get("STYLE", "").strip()
        format_ = given.get("FORMAT") or "image/png"
        if format_.lower() not in FORMATS:
            raise not_offered("FORMAT", format_, FORMATS)
        density = pixel_scale(given)
        try:
            name = picture_name(layer, style)
            asked = Asked(name, "legend.png", "day", language, density=density)
            return await self._forms.get(catalogue, caller, asked)
        except Problem as problem:
            raise not_defined(problem, layer, style, "LAYER", "STYLE") from None

    def sizes(self, catalogue: Catalogue, caller: Caller, language: Language, offer: Offer) -> Sizes:
        """The size of each legend; laid out once for a catalogue, an audience and a language."""
        key = (catalogue.revision, caller.audience, language)
        held = self._sizes.get(key)
        if held is None:
            held = self._sizes[key] = {
                (each.name, style.id): size_of(catalogue, caller, language, each.name, style.id)
                for each in offer.all
                for style in each.styles
            }
            while len(self._sizes) > MOST_HELD:
                self._sizes.popitem(last=False)
        return held


def size_of(
    catalogue: Catalogue, caller: Caller, language: Language, layer: str, style_id: str
) -> tuple[int, int]:
    drawing = drawing_named(catalogue, caller, layer, style_id)
    published = {each.layer.id: each for each in drawing.published}
    laid_out = sheet(legend(drawing.style, published, caller, SEEN_AT), language, "day", text_width)
    return ceil(laid_out.width), ceil(laid_out.height)
