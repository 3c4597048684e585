"""A picture's edge: what lies beyond it and reaches in is drawn, as it is where the edge lies further out."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gis_core.audiences import CITIZEN
from gis_core.styles import parse_layers
from gis_core.terrain import Terrain
from gis_core.words import Text
from tests.tilesrv.conftest import A_LUOI, STEP, TileCity
from tests.tilesrv.test_pictures import renderer_of
from tilesrv.grid import web_mercator
from tilesrv.render.compiling import BUFFER_PX, compile_picture
from tilesrv.render.picture import Drawing, Picture
from tilesrv.render.png import png_of

INNER, MARGIN = 120, 150
LOOKS: dict[str, dict[str, Any]] = {
    "fill": {"type": "fill", "paint": {"fill-color": "#336699", "fill-outline-color": "#ff0000"}},
    "wide line": {"type": "line", "paint": {"line-width": 14, "line-color": "#336699"}},
    "line beside its way": {"type": "line", "paint": {"line-width": 3, "line-offset": 9}},
    "line by feature": {
        "type": "line",
        "paint": {"line-width": ["match", ["get", "kind"], "house", 30, 4], "line-opacity": 0.5},
    },
    "circle": {
        "type": "circle",
        "paint": {"circle-radius": 18, "circle-stroke-width": 9, "circle-stroke-color": "#ff0000"},
    },
}


def drawing(city: TileCity, look: str, side: int, background: str | None = None) -> tuple[Image.Image, int]:
    """``side`` px about a corner of the plots, 40 px to a plot, and the buffer that was asked for."""
    style = parse_layers(
        [{"id": "a", **LOOKS[look]}], id="edge", title=Text("x", "x"), collection="test_plots"
    )
    x, y = web_mercator(A_LUOI[0] + 4.1 * STEP, A_LUOI[1] + 4.3 * STEP)
    px = (web_mercator(A_LUOI[0] + STEP, 0)[0] - web_mercator(A_LUOI[0], 0)[0]) / 40
    half = side / 2 * px
    with renderer_of(city, size=1) as (runner, renderer, watch):
        published = watch.now.catalogue.get("test_plots", CITIZEN)
        box = (x - half, y - half, x + half, y + half)
        picture = Picture((Drawing(style, (published,)),), 3857, box, side, side, background=background)
        body = runner.run(renderer.draw(CITIZEN, picture))
        connection = city.config.connection("citizen")
        job = compile_picture(picture, watch.now, CITIZEN, connection, Terrain(city.config.var))
    return Image.open(io.BytesIO(body)), job.sources[0].buffer


@pytest.mark.parametrize("look", LOOKS)
def test_a_smaller_picture_is_a_part_of_the_larger(tile_city: TileCity, look: str) -> None:
    small, buffer = drawing(tile_city, look, INNER)
    large, _ = drawing(tile_city, look, INNER + 2 * MARGIN)
    part = large.crop((MARGIN, MARGIN, MARGIN + INNER, MARGIN + INNER))
    assert len(small.getcolors(INNER**2)) > 3, "nothing is drawn"
    different = (np.asarray(small) != np.asarray(part)).any(axis=2).sum()
    assert different <= INNER**2 * 0.001  # where a line is cut off, rounding may differ
    assert buffer == BUFFER_PX if look == "line by feature" else buffer < BUFFER_PX, (
        "far more is read than drawn"
    )


def test_a_picture_on_a_ground_has_no_opacity_and_the_same_colours(tile_city: TileCity) -> None:
    clear, _ = drawing(tile_city, "fill", INNER)
    solid, _ = drawing(tile_city, "fill", INNER, "#ffffff")
    assert (clear.mode, solid.mode) == ("RGBA", "RGB")
    flat = Image.new("RGBA", clear.size, "#ffffff")
    flat.alpha_composite(clear)
    far = np.abs(np.asarray(flat.convert("RGB"), dtype=int) - np.asarray(solid, dtype=int))
    assert far.max() <= 2


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.randoms(use_true_random=False), st.booleans())
def test_a_png_holds_the_pixels_that_it_was_given(
    width: int, height: int, seed: Any, is_opaque: bool
) -> None:
    rgba = bytearray(seed.randbytes(width * height * 4))
    if is_opaque:
        rgba[3::4] = b"\xff" * (width * height)
    with Image.open(io.BytesIO(png_of(bytes(rgba), width, height, is_opaque=is_opaque))) as read:
        read.verify()
    read = Image.open(io.BytesIO(png_of(bytes(rgba), width, height, is_opaque=is_opaque)))
    assert read.mode == ("RGB" if is_opaque else "RGBA")
    assert read.convert("RGBA").tobytes() == bytes(rgba)
