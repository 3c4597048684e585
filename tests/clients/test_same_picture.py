"""One style, many renderers: MapLibre in Chromium, Mapnik, and QGIS 3.22 by QML and by SLD draw the same picture.

Everything goes through the addresses that clients use. Set HUONG_TEST_PICTURES to a folder to keep the contact sheet.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg
import pyogrio
import pytest
import shapely
from PIL import Image
from playwright.sync_api import sync_playwright

from gis_core.config import Config
from gis_core.publish import publish_layers
from gis_core.styles import parse_layers
from gis_core.styles.colours import Colour
from gis_core.styles.evaluation import evaluate
from gis_core.styles.properties import PROPERTIES
from gis_core.styles.reader import OPERATORS
from gis_core.words import Text
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.clients.installed_qgis import need_qgis, said_by_qgis
from tests.clients.same_picture import maplibre
from tests.clients.same_picture.cases import CASES, Case
from tests.clients.same_picture.features import (
    COLUMNS,
    FEATURES,
    LAYERS,
    SIDE,
    ZOOM,
    box,
    centre,
    declared,
    fill_tables,
    wkt,
)
from tests.clients.same_picture.measure import STEPS, TOLERANCES, differences, measured
from tests.clients.same_picture.sheet import sheet
from tests.ports import free_port
from tests.tilesrv.conftest import start_process
from tests.waiting import wait_until_served
from tilesrv.assets.fonts import font_files

pytestmark = pytest.mark.timeout(900)  # some 80 styles, drawn four times
RENDERERS = {"maplibre": "MapLibre", "mapnik": "Mapnik", "qml": "QGIS: QML", "sld": "QGIS: SLD"}
# One of each geometry and kind of symbol: the sheet that stands in the docs.
SHOWN = (
    "match",
    "outlined",
    "pattern",
    "zoom-by-kind",
    "dashes",
    "circle-stroke",
    "icon-turned",
    "text-colour",
)
# What no two programs could be held to: taste, room, or a third dimension that a flat map has not.
UNMEASURED = frozenset(
    {
        "visibility",
        "line-join",
        "symbol-placement",
        "symbol-spacing",
        "symbol-sort-key",
        "text-max-width",
        "text-letter-spacing",
        "text-optional",
        "icon-optional",
        "icon-rotation-alignment",
        "fill-extrusion-base",
        "fill-extrusion-opacity",
    }
)


@dataclass
class Drawn:
    """Pictures by case and renderer, and what the renderers complained of."""

    pictures: dict[str, dict[str, Image.Image]]
    complaints: dict[str, list[str]]


@pytest.fixture(scope="module")
def tile_server(_database_of_module: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = Config.from_env()
    with psycopg.connect(**config.connection("owner"), autocommit=True) as owner:  # type: ignore[arg-type]
        fill_tables(owner)
    with psycopg.connect(**config.connection("owner")) as connection, connection.cursor() as cursor:  # type: ignore[arg-type]
        for layer in LAYERS:
            styles = [(case.id, list(case.layers)) for case in CASES if case.layer == layer]
            publish_layers(cursor, [declared(layer, styles)])
    var, port = tmp_path_factory.mktemp("same"), free_port()
    process = start_process(var, port)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_served(f"{url}/tiles/same_points.json")
        yield url
    finally:
        process.terminate()
        process.wait(60)


def name_of(case: Case) -> str:
    return f"same_{case.layer}:{case.id}"


def by_mapnik(client: httpx.Client, case: Case) -> Image.Image:
    lon, lat = centre()
    answer = client.get(f"/pictures/{name_of(case)}/{lon:.8f},{lat:.8f},{ZOOM:g}/{SIDE}x{SIDE}.png")
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content)).convert("RGBA")


def by_maplibre(client: httpx.Client, drawn: Drawn) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"MapLibre needs {CHROMIUM} (Debian's package chromium)")
    with maplibre.page_server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page(viewport={"width": SIDE, "height": SIDE})
        page.goto(address)
        page.wait_for_function("window.ready === true")
        for case in CASES:
            style = client.get(f"/styles/{name_of(case)}.json").json()
            picture, errors = maplibre.draw(page, style, ZOOM)
            drawn.pictures[case.id]["maplibre"] = picture
            drawn.complaints[f"{case.id} maplibre"] = errors
        browser.close()


def by_qgis(client: httpx.Client, folder: Path, drawn: Drawn) -> None:
    need_qgis()
    jobs = [
        job for case in CASES for form in ("qml", "sld") for job in [qgis_job(client, folder, case, form)]
    ]
    asked = folder / "jobs.json"
    asked.write_text(json.dumps({"fonts": [str(path) for path in font_files()], "jobs": jobs}))
    answers = said_by_qgis("same_picture/qgis_draw.py", str(asked), home=folder, patience_s=600)
    for name, said in answers.items():
        case, _, form = name.rpartition(" ")
        good = said["loaded"] and said["valid"] and said["features"] == len(FEATURES)
        drawn.complaints[name] = said["errors"] + ([] if good else [json.dumps(said)])
        drawn.pictures[case][form] = Image.open(folder / f"{case}.{form}.png").convert("RGBA")


def qgis_job(client: httpx.Client, folder: Path, case: Case, form: str) -> dict[str, Any]:
    answer = client.get(f"/styles/{name_of(case)}.{form}")
    assert answer.status_code == 200, answer.text
    style = folder / f"{case.id}.{form}"
    style.write_bytes(answer.content)
    return {
        "name": f"{case.id} {form}",
        "data": str(folder / f"{case.layer}.gpkg"),
        "style": str(style),
        "box": box(),
        "side": SIDE,
        "picture": str(folder / f"{case.id}.{form}.png"),
    }


def write_data(folder: Path) -> None:
    """The features as a GeoPackage, typed as the API gives them."""
    for layer, geometry in LAYERS.items():
        shapes = np.array([shapely.to_wkb(shapely.from_wkt(wkt(layer, feature))) for feature in FEATURES])
        columns = [column(name) for name in COLUMNS]
        pyogrio.raw.write(
            str(folder / f"{layer}.gpkg"),
            shapes,
            [values for values, _ in columns],
            fields=list(COLUMNS),
            field_mask=[mask for _, mask in columns],
            geometry_type=geometry,
            crs="EPSG:3857",
            layer=layer,
            driver="GPKG",
        )


def column(name: str) -> tuple[Any, Any]:
    """The values of a field, and where they are null."""
    values = [feature.values.get(name) for feature in FEATURES]
    empty: Any = {"text": "", "float8": 0.0, "boolean": False}[COLUMNS[name]]
    dtype: Any = {"text": object, "float8": float, "boolean": bool}[COLUMNS[name]]
    filled = np.array([empty if value is None else value for value in values], dtype=dtype)
    return filled, np.array([value is None for value in values])


@pytest.fixture(scope="module")
def drawn(tile_server: str, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    folder = tmp_path_factory.mktemp("qgis")
    made = Drawn({case.id: {} for case in CASES}, {})
    write_data(folder)
    with httpx.Client(base_url=tile_server, timeout=60) as client:
        for case in CASES:
            made.pictures[case.id]["mapnik"] = by_mapnik(client, case)
        by_maplibre(client, made)
        by_qgis(client, folder, made)
    keep_sheets(made)
    return made


def keep_sheets(made: Drawn) -> None:
    folder = os.environ.get("HUONG_TEST_PICTURES")
    if folder:
        rows = [(case.id, made.pictures[case.id]) for case in CASES]
        Path(folder).mkdir(parents=True, exist_ok=True)
        for at in range(0, len(rows), 12):
            sheet(rows[at : at + 12], RENDERERS).save(Path(folder) / f"styles-{at // 12 + 1:02}.png")
        small = [(name, made.pictures[name]) for name in SHOWN]
        sheet(small, RENDERERS, 0.65).quantize(128).save(Path(folder) / "styles.png", optimize=True)


def test_every_renderer_takes_every_style(city: Config, drawn: Drawn) -> None:
    """Fails where a style does not load, or a renderer says that something in it is wrong."""
    assert {name: said for name, said in drawn.complaints.items() if said} == {}


@pytest.mark.parametrize("renderer", ["mapnik", "qml", "sld"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_picture_is_that_of_maplibre(city: Config, drawn: Drawn, case: Case, renderer: str) -> None:
    """Colours, widths, places and amounts of ink of each feature, within a fraction of a px."""
    pictures = drawn.pictures[case.id]
    reference = "mapnik" if "maplibre" in case.without else "maplibre"
    if renderer in case.without or renderer == reference:
        pytest.skip(f"{renderer} is not compared here")
    tolerances = TOLERANCES[case.measured]
    if renderer == "sld" and '"interpolate"' in json.dumps(case.layers):
        tolerances = {name: STEPS.get(name, limit) for name, limit in tolerances.items()}
    found = differences(measured(pictures[renderer]), measured(pictures[reference]), tolerances)
    assert not found, "; ".join(found)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.measured in ("fill", "blend")], ids=lambda case: case.id
)
def test_the_colour_is_what_the_style_means(city: Config, drawn: Drawn, case: Case) -> None:
    """MapLibre's own colours are those that `evaluate` gives: the reference is held to the specification's words."""
    (layer,) = parse_layers(list(case.layers), id="x", title=Text("x", "x"), collection="same").layers
    names = [f"{layer.type}-color", f"{layer.type}-opacity"]
    for feature, found in zip(FEATURES, measured(drawn.pictures[case.id]["mapnik"]), strict=True):
        kept = layer.filter is None or evaluate(layer.filter, feature.values, geometry="Polygon")
        values = [evaluate(layer.get(name), feature.values, geometry="Polygon") for name in names]
        defaults = [PROPERTIES[layer.type][name].default for name in names]
        colour, opacity = (d if v is None else v for v, d in zip(values, defaults, strict=True))
        shown = Colour.parse(colour)
        share = shown.alpha * opacity if kept else 0.0
        wanted = [255 + (part - 255) * share for part in shown[:3]]
        assert np.abs(found.middle - wanted).max() <= 4, (
            f"feature {feature.number}: {found.middle} for {wanted}"
        )


def test_the_cases_are_the_whole_subset() -> None:
    """Each operator and each property that can be measured is in some style; a new one fails here first."""
    written = json.dumps([case.layers for case in CASES])
    operators = {word for word in OPERATORS if f'["{word}"' not in written}
    drawn_types = ("fill", "line", "circle", "symbol", "fill-extrusion")
    properties = {name for type in drawn_types for name in PROPERTIES[type]} - UNMEASURED
    assert operators == set()
    assert {name for name in properties if f'"{name}"' not in written} == set()
