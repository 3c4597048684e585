"""Data that nobody thought of, in styles that take their values from it: one feature must not leave all undrawn."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from gis_core.audiences import CITIZEN
from gis_core.styles import parse_layers
from gis_core.words import Text
from tests.tilesrv.conftest import A_LUOI, STEP, TileCity
from tests.tilesrv.test_pictures import coloured, renderer_of
from tilesrv.catalogue import Watch
from tilesrv.grid import web_mercator
from tilesrv.render.picture import Drawing, Picture
from tilesrv.render.pool import Renderer

Pen = tuple[asyncio.Runner, Renderer, Watch]

# One plot of each: what stands in its text and in its number.
KINDS = (
    "#ff0000",
    "#0f0",
    "rgb(0,0,255)",
    "rgba(0,0,255,0.5)",
    "white",
    "rgb(1,2)",
    "rgb(300,0,0)",
    "#zzzzzz",
    "red;",
    "house",
)
AREAS = ("NaN", "Infinity", "-Infinity", "1e308", "-1.7e308", "5e-324", "1e-200", "0", "-0", "1e100")
FIELDS: dict[str, Any] = {
    "text": ["get", "kind"],
    "number": ["get", "area"],
    "truth": ["==", ["get", "area"], 0],
    "time": ["get", "seen_at"],
    "nothing": ["get", "no_such_field"],
    "joined": ["concat", "#", ["get", "kind"]],
    "product": ["*", ["get", "area"], ["*", ["get", "area"], 1e14]],
    "quotient": ["/", ["get", "area"], ["-", ["get", "area"], ["get", "area"]]],
    "of any type": ["coalesce", ["get", "area"], ["get", "kind"]],
    "constant of another type": ["concat", "a", "b"],
    "constant number": ["to-number", "12"],
}
LAYERS: dict[str, dict[str, Any]] = {
    "fill-color": {"type": "fill"},
    "fill-opacity": {"type": "fill"},
    "fill-outline-color": {"type": "fill"},
    "line-color": {"type": "line"},
    "line-width": {"type": "line"},
    "line-offset": {"type": "line"},
    "circle-radius": {"type": "circle", "paint": {"circle-stroke-width": 1}},
    "circle-stroke-width": {"type": "circle"},
    "circle-color": {"type": "circle"},
    "icon-image": {"type": "symbol", "layout": {"text-field": "x"}},
    "icon-size": {"type": "symbol", "layout": {"icon-image": "circle"}},
    "icon-rotate": {"type": "symbol", "layout": {"icon-image": "circle"}},
    "icon-color": {"type": "symbol", "layout": {"icon-image": "circle"}},
    "text-field": {"type": "symbol"},
    "text-size": {"type": "symbol", "layout": {"text-field": "x"}},
    "text-color": {"type": "symbol", "layout": {"text-field": "x"}},
    "text-halo-width": {"type": "symbol", "layout": {"text-field": "x"}, "paint": {"text-halo-color": "#ffffff"}},
    "symbol-sort-key": {"type": "symbol", "layout": {"text-field": "x"}},
}  # fmt: skip
IN_LAYOUT = frozenset(
    {"icon-image", "icon-size", "icon-rotate", "text-field", "text-size", "symbol-sort-key"}
)


@pytest.fixture(scope="module")
def wild(tile_servers: TileCity) -> TileCity:
    """The first column of plots, with what nobody thought of in it."""
    with tile_servers.owner() as owner:
        for j, (kind, area) in enumerate(zip(KINDS, AREAS, strict=True)):
            owner.execute(
                "update test_plots set kind = %s, area = %s where code = %s", [kind, area, f"L0_{j}"]
            )
        owner.execute("update test_plots set seen_at = 'infinity' where code = 'L0_0'")
        owner.execute("update test_plots set seen_at = '4713-01-01 BC' where code = 'L0_1'")
    tile_servers.publish(coloured())
    return tile_servers


@pytest.fixture(scope="module")
def pen(wild: TileCity) -> Iterator[Pen]:
    """One drawing process for two hundred pictures: it takes longer to start than to draw."""
    with renderer_of(wild, size=1) as made:
        yield made


def drawn(pen: Pen, *layers: dict[str, Any]) -> Image.Image:
    """The first column of plots, 10 px to a plot."""
    runner, renderer, watch = pen
    numbered = [{"id": f"l{number}", **layer} for number, layer in enumerate(layers)]
    style = parse_layers(numbered, id="wild", title=Text("w", "w"), collection="test_plots")
    west, south = web_mercator(*A_LUOI)
    east, north = web_mercator(A_LUOI[0] + 2 * STEP, A_LUOI[1] + len(KINDS) * STEP)
    published = watch.now.catalogue.get("test_plots", CITIZEN)
    picture = Picture((Drawing(style, (published,)),), 3857, (west, south, east, north), 20, 10 * len(KINDS))
    body = runner.run(renderer.draw(CITIZEN, picture))
    return Image.open(io.BytesIO(body)).convert("RGBA")


def middle(image: Image.Image, j: int) -> Any:
    """The pixel in the middle of plot 0, ``j``."""
    return image.getpixel((4, image.height - 1 - (10 * j + 4)))


@pytest.mark.parametrize("name", LAYERS)
def test_no_data_leaves_a_layer_undrawn(city: Any, pen: Pen, name: str) -> None:
    """Every property, from a value of every type: where it does not fit, the property's default is drawn."""
    for what, expression in FIELDS.items():
        layer = LAYERS[name]
        group = "layout" if name in IN_LAYOUT else "paint"
        layer = {**layer, group: {**layer.get(group, {}), name: expression}}
        ground = {"type": "fill", "paint": {"fill-color": "#eeeeee"}}
        assert middle(drawn(pen, ground, layer), 9)[3] == 255, what


def test_colours_of_the_data_are_drawn(city: Any, pen: Pen) -> None:
    """Those that are colours; the others are the property's default."""
    image = drawn(pen, {"type": "fill", "paint": {"fill-color": ["get", "kind"]}})
    red, green, blue, black = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 0, 255)
    wanted = [red, green, blue, (0, 0, 255, 128), (255, 255, 255, 255), *[black] * 5]
    found = [middle(image, j) for j in range(len(KINDS))]
    assert all(
        abs(a - b) <= 1
        for one, other in zip(found, wanted, strict=True)
        for a, b in zip(one, other, strict=True)
    ), found


def test_a_name_stands_where_there_is_no_icon(city: Any, pen: Pen) -> None:
    """Would fail if an icon that the sprite has not took the name with it."""
    name = {"text-field": "ĐĐĐ", "text-size": 12, "text-allow-overlap": True}
    layers = [
        {"type": "symbol", "layout": {**name, **icon}} for icon in ({}, {"icon-image": ["get", "kind"]})
    ]
    plain, with_icons = (drawn(pen, layer) for layer in layers)
    assert plain.getbbox() is not None and plain.tobytes() == with_icons.tobytes()


def test_icons_stand_where_there_are_some(city: Any, pen: Pen) -> None:
    """Would fail if the name or the icon were drawn of the wrong features."""
    icon = ["match", ["get", "kind"], "house", "square", "white", "circle", "no-such-icon"]
    image = drawn(
        pen,
        {
            "type": "symbol",
            "layout": {"icon-image": icon, "icon-allow-overlap": True, "icon-size": 0.3, "text-field": ""},
        },
    )
    assert [middle(image, j)[3] > 200 for j in range(len(KINDS))] == [
        kind in ("house", "white") for kind in KINDS
    ]
