"""A large dataset is seen from afar, in whatever style: as cells that sum it up, and it is said what they are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import mapbox_vector_tile
import psycopg
import pypdf
import pytest
from PIL import Image

from gis_core.audiences import CITIZEN
from gis_core.config import Config
from gis_core.layer import DeclaredStyle
from gis_core.overview_maintainer import catch_up
from gis_core.overviews import AUTOMATIC_FROM
from gis_core.reading import registry
from gis_core.styles.editing import set_styles
from gis_core.styles.standard import draws_cells, styles_of
from gis_core.words import Text
from imports.run import run_import
from tests.acceptance.asking import Call, Reply, citizen
from tests.acceptance.map_surfaces import map_query
from tests.acceptance.surfaces import LAT, LON, Subject
from tests.acceptance.tile_surfaces import TilesProcess, tile_at
from tests.imports.files import feature, geojson, point, request, square
from tilesrv.styles.words import CELLS

MANY = AUTOMATIC_FROM + 1
STEP = 0.0005
PLACE = f"{LON} + (n % 200) * {STEP}, {LAT} + (n / 200) * {STEP}"
FILL = {
    "dots": f"insert into dataset.dots (ten, geom) select 'Điểm', st_point({PLACE}, 4326)",
    "plots": "insert into dataset.plots (ten, geom) select 'Thửa',"
    f" st_expand(st_point({PLACE}, 4326), {STEP / 8})",
}
# Styles as staff write them: of features alone, with and without a word of cells that they do not draw.
OWN = (
    DeclaredStyle(
        id="red",
        title=Text("Đỏ", "Red"),
        layers=({"id": "red", "type": "circle", "paint": {"circle-color": "#d00000", "circle-radius": 3}},),
    ),
    DeclaredStyle(
        id="near",
        title=Text("Gần", "Near"),
        layers=(
            {"id": "near", "type": "circle", "filter": ["!", ["has", "_cell"]], "paint": {"circle-color": "#00a000"}},
        ),
    ),
)  # fmt: skip
NAMES = ("dots", "plots", "dots:red", "dots:near")
FAR = (4, 7, 10, 12)
MIDDLE = (LON + 100 * STEP, LAT + 50 * STEP)
LEAST_ALPHA = 40  # of 255: paler is not seen


@pytest.fixture(scope="module")
def large(_database_of_module: None, django_db_blocker: Any, tmp_path_factory: Any) -> None:
    folder: Path = tmp_path_factory.mktemp("large")
    with django_db_blocker.unblock():
        for name, shape in (("dots", point(LON, LAT)), ("plots", square(LON, LAT, STEP / 4))):
            run_import(request(geojson(folder, feature(shape, ten="Một"), name=f"{name}.geojson")))
        with psycopg.connect(**Config.from_env().connection("owner"), autocommit=True) as owner:  # type: ignore[arg-type]
            for statement in FILL.values():
                owner.execute(f"{statement} from generate_series(1, {MANY}) n")  # type: ignore[arg-type]
            with owner.transaction(), owner.cursor() as cursor:
                catch_up(cursor)
        registry().current(fresh=True)
        set_styles("dots", [*OWN], "user:1")


@pytest.fixture(scope="module")
def tiles(large: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TilesProcess]:
    process = TilesProcess(tmp_path_factory.mktemp("tiles"))
    yield process
    process.stop()


def strongest(reply: Reply) -> int:
    """The alpha of the strongest pixel of a picture."""
    assert reply.status == 200, reply.body[:300]
    return int(Image.open(io.BytesIO(reply.body)).convert("RGBA").getchannel("A").getextrema()[1])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("zoom", [*FAR, 13, 16])
def test_tiles_and_their_pictures_show_something(
    city: Config, tiles: TilesProcess, name: str, zoom: int
) -> None:
    x, y = tile_at(zoom, *MIDDLE)
    layer = name.partition(":")[0]
    body = tiles.ask(citizen(), Call(f"/tiles/{layer}/{zoom}/{x}/{y}.mvt")).body
    found = mapbox_vector_tile.decode(body)[layer]["features"]
    assert found and all(("_cell" in each["properties"]) == (zoom <= 12) for each in found)
    assert strongest(tiles.ask(citizen(), Call(f"/tiles/{name}/{zoom}/{x}/{y}.png"))) >= LEAST_ALPHA


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reach", [2_000_000.0, 100_000.0, 8_000.0, 500.0])
def test_maps_of_every_scale_show_something(
    city: Config, tiles: TilesProcess, name: str, reach: float
) -> None:
    layer, _, style = name.partition(":")
    subject = Subject(CITIZEN, registry().current().layers[layer], (1,), (), ())
    query = map_query(subject, MIDDLE, reach, styles=style, transparent="true")
    assert strongest(tiles.ask(citizen(), Call(f"/wms?{urlencode(query)}"))) >= LEAST_ALPHA


def test_cells_of_a_style_of_the_staff_have_its_colour(city: Config, tiles: TilesProcess) -> None:
    x, y = tile_at(10, *MIDDLE)
    picture = tiles.ask(citizen(), Call(f"/tiles/dots:red/10/{x}/{y}.png")).body
    colours = Image.open(io.BytesIO(picture)).convert("RGBA").getcolors(65536) or []
    drawn = [colour for _, colour in colours if isinstance(colour, tuple) and colour[3] > LEAST_ALPHA]
    assert drawn and all(r > 150 and g < 60 and b < 60 for r, g, b, _ in drawn)


def test_the_legend_says_what_the_cells_are(city: Config, tiles: TilesProcess) -> None:
    for name in NAMES:
        body = tiles.ask(citizen(), Call(f"/legend/{name}.json")).json
        entries = body["sections"][0]["entries"]
        assert [each["label"] for each in entries if each["swatch"] == "cell"] == [CELLS.vi], name
    fields = tiles.ask(citizen(), Call("/tiles/dots.json")).json["vector_layers"][0]["fields"]
    assert "_cell" in fields and "n" in fields


def test_the_page_shows_how_many_there_are_and_says_so(city: Config, large: None) -> None:
    page = citizen().get(f"/?z=10.00&lat={MIDDLE[1]}&lon={MIDDLE[0]}&layers=dots,plots").body.decode()
    counts = [int(part.split(">")[1].split("<")[0]) for part in page.split('dy=".35em"')[1:]]
    assert sum(counts) == 2 * (MANY + 1)
    assert "ô gộp nhiều đối tượng" in page and 'class="notice missing"' not in page


def test_a_sheet_shows_the_cells_and_its_legend_names_them(city: Config, tiles: TilesProcess) -> None:
    query = f"center={MIDDLE[0]:.6f},{MIDDLE[1]:.6f}&scale=500000&paper=A4&layers=dots&title=a"
    reply = tiles.ask(citizen(), Call(f"/print/map.pdf?{query}"))
    assert reply.status == 200, reply.body[:500]
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(reply.body)).pages)
    assert "ô gộp" in text


def test_qgis_has_pictures_for_the_scales_at_which_it_loads_no_features(
    city: Config, tiles: TilesProcess
) -> None:
    archive = zipfile.ZipFile(io.BytesIO(tiles.ask(citizen(), Call("/qgis/huong.qgz")).body))
    project = archive.read("huong.qgs").decode()
    assert "far_dots" in project and "far_plots" in project


def test_a_small_dataset_says_nothing_of_cells(city: Config, tiles: TilesProcess, tmp_path: Path) -> None:
    run_import(request(geojson(tmp_path, feature(ten="Một"), name="few.geojson")))
    layer = registry().current(fresh=True).layers["few"].layer
    assert layer.overview is None
    assert not any(draws_cells(each) for style in styles_of(layer) for each in style.layers)
