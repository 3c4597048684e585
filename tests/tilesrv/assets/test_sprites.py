"""Icons and the sprite: its index agrees with its picture, its picture with what Mapnik makes of the same SVG files."""

from __future__ import annotations

import asyncio
import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from PIL import Image

from gis_core.config import ROOT
from gis_core.problems import Problem
from tilesrv.assets.serving import Assets
from tilesrv.http import Request, Response
from tilesrv.render.mapnik_import import mapnik
from tilesrv.styles.icon_shapes import icon_shapes
from tilesrv.styles.icons import ICONS, icon_names, is_tinted, tinted_svg

EDGE, PER_PX, BUFFER = 191.25, 255 / 8, 3
SILHOUETTES = ("circle", "drop", "wedge", "diamond", "bar", "square")


def ask(name: str, **headers: str) -> Response:
    given = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
    scope = {"method": "GET", "path": f"/sprites/{name}", "query_string": b"", "headers": given}
    nothing: Any = None
    return asyncio.run(Assets(ROOT).sprite(Request(scope, nothing), name))


@cache
def sprite(ratio: int) -> tuple[dict[str, Any], NDArray[np.uint8]]:
    """Index and RGBA picture, as served."""
    end = "" if ratio == 1 else "@2x"
    index = json.loads(ask(f"huong{end}.json").body)
    return index, np.asarray(Image.open(io.BytesIO(ask(f"huong{end}.png").body)).convert("RGBA"))


def opacity(name: str, ratio: int) -> NDArray[np.uint8]:
    index, picture = sprite(ratio)
    place = index[name]
    rows = slice(place["y"], place["y"] + place["height"])
    return picture[rows, place["x"] : place["x"] + place["width"], 3]


@pytest.mark.parametrize("ratio", [1, 2])
def test_the_index_has_every_icon_in_a_place_of_its_own(ratio: int) -> None:
    index, picture = sprite(ratio)
    assert set(index) == set(icon_names()) and set(SILHOUETTES) < set(index)
    taken = np.zeros(picture.shape[:2], int)
    for name, place in index.items():
        side = (24 + 2 * BUFFER if is_tinted(name) else 8) * ratio
        assert (place["width"], place["height"], place["pixelRatio"]) == (side, side, ratio)
        assert place.get("sdf", False) is is_tinted(name)
        here = taken[place["y"] : place["y"] + side, place["x"] : place["x"] + side]
        assert here.shape == (side, side), f"{name} reaches beyond the picture"
        here += 1
    assert taken.max() == 1
    assert not picture[..., 3][taken == 0].any()  # nothing lies between, which a blurred edge would draw in


@pytest.mark.parametrize("ratio", [1, 2])
def test_values_of_a_field_are_distances_from_the_outline(ratio: int) -> None:
    """The square reaches from 5 to 19 px of 24: along its middle row the field is known exactly."""
    field = opacity("square", ratio).astype(float)
    x = (np.arange(field.shape[1]) + 0.5) / ratio - BUFFER
    inwards = np.minimum(x - 5, 19 - x)
    row = field[field.shape[0] // 2]
    assert np.abs(row - np.clip(EDGE + inwards * PER_PX, 0, 255)).max() <= 0.5


@pytest.mark.parametrize("name", [name for name in icon_names() if is_tinted(name)])
def test_mapnik_paints_an_icon_where_its_field_is_inside(name: str) -> None:
    """One file, two readers: pictures and print on one side, browsers on the other."""
    ratio = 2
    side = (24 + 2 * BUFFER) * ratio
    painted = by_mapnik(ICONS / f"{name}.svg", side, ratio)
    field = opacity(name, ratio)
    quarter = PER_PX / 4
    assert (field[painted >= 250] > EDGE - quarter).all() and (field[painted <= 5] < EDGE + quarter).all()
    covered = np.clip(
        (field - EDGE) / PER_PX * ratio + 0.5, 0, 1
    )  # as the shader turns distances into opacity
    assert float(covered.sum()) == pytest.approx(float((painted / 255).sum()), rel=0.02)


def by_mapnik(file: Path, side: int, ratio: int) -> NDArray[np.uint8]:
    """Opacity of the icon in the middle of a picture of ``side`` px."""
    point = '<Parameter name="type">csv</Parameter><Parameter name="inline">x,y\n0,0</Parameter>'
    symbol = (
        f'<MarkersSymbolizer file="{file}" transform="scale({ratio})" fill="#000000" stroke-opacity="0"/>'
    )
    drawn = mapnik.Map(side, side, "epsg:3857")
    mapnik.load_map_from_string(
        drawn,
        f'<Map srs="epsg:3857"><Style name="s"><Rule>{symbol}</Rule></Style>'
        f'<Layer name="l" srs="epsg:3857"><StyleName>s</StyleName><Datasource>{point}</Datasource></Layer></Map>',
    )
    drawn.resize(side, side)
    drawn.zoom_to_box(mapnik.Box2d(-1, -1, 1, 1))
    image = mapnik.Image(side, side)
    mapnik.render(drawn, image)
    return np.asarray(Image.open(io.BytesIO(image.to_string("png32"))))[..., 3]


@pytest.mark.parametrize("name", [name for name in icon_names() if not is_tinted(name)])
def test_a_pattern_meets_itself(name: str) -> None:
    """Laid side by side, no edge shows: the step across the seam is no larger than those within."""
    tile = opacity(name, 2).astype(int)
    assert 0.05 < (tile / 255).mean() < 0.6
    twice = np.tile(tile, (2, 2))
    side = tile.shape[0]
    assert (
        np.abs(np.diff(twice, axis=1))[:, side - 1].sum() <= np.abs(np.diff(twice, axis=1)).sum(axis=0).max()
    )
    if name in ("hatch", "hatch-night"):  # stripes: nothing changes along them, across seams neither
        assert (twice[1:, :-1] == twice[:-1, 1:]).all()


def test_files_are_of_the_make_that_every_reader_understands() -> None:
    """Only outlines, filled by the even-odd rule (Mapnik, fontTools and QGIS agree on it), and no colour of their own
    except in patterns."""
    for name in icon_names():
        text = (ICONS / f"{name}.svg").read_text()
        side = 24 if is_tinted(name) else 8
        assert f'width="{side}" height="{side}" viewBox="0 0 {side} {side}"' in text
        tags = re.findall(r"<(\w+)", text)
        assert tags[0] == "svg" and set(tags[1:]) == {"path"}
        assert text.count('fill-rule="evenodd"') == text.count("<path")
        assert ('fill="#' in text) is not is_tinted(name)


def test_an_icon_lies_about_the_middle_of_its_box() -> None:
    """Mapnik sets the middle of what is painted on the point, browsers and QGIS that of the box: they must be one."""
    for name in icon_names():
        icon = tinted_svg(name)
        assert icon is not None
        box = shapely.union_all([each.geometry for each in icon_shapes(icon)]).bounds
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        assert middle == pytest.approx((icon.width / 2, icon.height / 2), abs=0.02), name


@pytest.mark.parametrize("name", ["huong.svg", "hue.png", "huong@3x.png", "huong@2x", "", "../huong.png"])
def test_what_is_no_sprite_is_not_there(name: str) -> None:
    with pytest.raises(Problem) as refused:
        ask(name)
    assert refused.value.status == 404


@pytest.mark.parametrize("name", ["huong.png", "huong@2x.json"])
def test_a_sprite_is_known_again(name: str) -> None:
    """The index without the picture that it speaks of would draw the wrong icons: both have strong entity tags."""
    first = ask(name)
    etag = dict(first.headers)[b"etag"]
    assert etag.startswith(b'"') and ask(name, if_none_match=etag.decode()).status == 304
