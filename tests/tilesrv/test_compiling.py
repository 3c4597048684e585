"""A picture is compiled once for those that differ in place alone; what differs by feature, as cheaply as it can be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gis_core.audiences import CITIZEN, Caller
from gis_core.layer import Field, Geometry, Layer, Style
from gis_core.registry import Catalogue, Published
from gis_core.styles import parse_layers
from gis_core.styles import standard as standard_styles
from gis_core.styles.standard import styles_of
from gis_core.terrain import HeightModel, Terrain
from gis_core.words import Text
from tilesrv.catalogue import Served
from tilesrv.render import compiling
from tilesrv.render.compiling import Compilations
from tilesrv.render.job import Job
from tilesrv.render.mapnik_import import mapnik
from tilesrv.render.picture import Drawing, Picture
from tilesrv.styles.book import basemap, layer_style

TITLE = Text("Thử", "Test")
OFFICER = Caller("officer", ("46", "48"), actor="user:1")
BOX = (11_970_000.0, 1_820_000.0, 11_972_000.0, 1_821_500.0)
WIDTH, HEIGHT = 800, 600


def plots(**more: Any) -> Layer:
    names = ("kind", "owner")
    return Layer(
        id="plots",
        title=TITLE,
        description=TITLE,
        geometry=Geometry(type="Polygon"),
        fields=tuple(Field(name=name, label=TITLE, type="text") for name in names),
        table="dataset.plots",
        **more,
    )


def served(layer: Layer | None = None) -> Served:
    return Served(Catalogue(1, {"plots": Published(layer or plots(), 1, True, 10)}))


def picture_of(there: Served, caller: Caller = CITIZEN, **more: Any) -> Picture:
    published = there.catalogue.get("plots", caller)
    given = {"srid": 3857, "box": BOX, "width": WIDTH, "height": HEIGHT, **more}
    return Picture((Drawing(layer_style(published, caller), (published,)),), **given)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[Picture]:
    """The pictures that were compiled."""
    seen: list[Picture] = []
    real = compiling.compile_picture

    def noting(picture: Picture, *given: Any, **more: Any) -> Job:
        seen.append(picture)
        return real(picture, *given, **more)

    monkeypatch.setattr(compiling, "compile_picture", noting)
    return seen


def connection() -> dict[str, str]:
    return {"dbname": "huong", "user": "reader"}


def test_pictures_that_differ_in_place_and_size_are_compiled_once(
    tmp_path: Path, compiled: list[Picture]
) -> None:
    compilations, there = Compilations(Terrain(tmp_path)), served()
    jobs = [
        compilations.job(
            picture_of(
                there,
                box=tuple(value + moved for value in BOX),
                width=WIDTH + 4 * moved,
                height=HEIGHT,
                zoom=15.00004,
            ),
            there,
            CITIZEN,
            connection,
        )
        for moved in (0, 1, 2)
    ]
    assert len(compiled) == 1
    assert [job.box[0] - BOX[0] for job in jobs] == [0, 1, 2]
    assert [job.width - WIDTH for job in jobs] == [0, 4, 8]
    assert {job.key for job in jobs} == {jobs[0].key}


def test_a_box_whose_last_digits_differ_has_the_same_zoom(tmp_path: Path, compiled: list[Picture]) -> None:
    compilations, there = Compilations(Terrain(tmp_path)), served()
    for moved in range(20):
        box = tuple(float(f"{value + moved * 1.0007:.3f}") for value in BOX)
        compilations.job(picture_of(there, box=box), there, CITIZEN, connection)
    assert len(compiled) == 1


def test_whoever_else_looks_and_whatever_else_is_drawn_is_compiled_anew(
    tmp_path: Path, compiled: list[Picture]
) -> None:
    terrain = Terrain(tmp_path)
    compilations, there = Compilations(terrain), served()
    plain = picture_of(there)

    def is_new(picture: Picture = plain, at: Served = there, by: Caller = CITIZEN, **more: Any) -> bool:
        before = len(compiled)
        compilations.job(picture, at, by, connection, **more)
        return len(compiled) > before

    assert is_new() and not is_new()
    assert is_new(by=OFFICER) and not is_new(by=OFFICER)
    assert is_new(by=replace(OFFICER, units=("46",)))
    later = served(plots(style=Style(colour="#112233")))
    assert is_new(picture_of(later), later)
    assert is_new(at=served())  # cells stand ready now, perhaps
    assert is_new(cut=4) and is_new(without={"plots": TITLE}) and not is_new(without={"plots": TITLE})
    for change in ({"srid": 4326}, {"scale": 2.0}, {"background": "#ffffff"}, {"format": "jpg"}, {"zoom": 9}):
        assert is_new(replace(plain, **change)), change  # type: ignore[arg-type]
    terrain.folder.mkdir(parents=True)
    Terrain(tmp_path).publish(HeightModel("heights-1.tif", 12, BOX, 0, 100, ()))
    assert is_new()


def test_a_job_is_for_the_caller_that_it_was_asked_for(tmp_path: Path) -> None:
    compilations, there = Compilations(Terrain(tmp_path)), served()
    for _ in range(2):
        jobs = [compilations.job(picture_of(there, by), there, by, connection) for by in (CITIZEN, OFFICER)]
        assert ['"citizen"."plots"' in job.sources[0].table for job in jobs] == [True, False]
        assert ["46,48" in job.connection for job in jobs] == [False, True]


def test_what_a_layer_is_drawn_by_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = plots()
    styles, there = styles_of(layer), served(layer)
    ground = basemap(there.catalogue, CITIZEN)
    drawn = layer_style(there.catalogue.layers["plots"], CITIZEN)
    monkeypatch.setattr(standard_styles, "to_json", lambda layer: pytest.fail("written out once more"))
    assert styles_of(layer) is styles
    assert layer_style(there.catalogue.layers["plots"], CITIZEN) is drawn
    assert layer_style(there.catalogue.layers["plots"], CITIZEN, mode="night") is not drawn
    assert basemap(there.catalogue, CITIZEN) is ground


# Colours ------------------------------------------------------------------------------------------------------------


BY_KIND = ["match", ["get", "kind"], "house", "#ff0000", "field", "rgba(0,128,0,0.5)", "#0000ff"]
BY_OWNER = ["case", ["==", ["get", "owner"], "state"], "#ffff00", "#00ffff"]


def job_of(tmp_path: Path, drawn: dict[str, Any]) -> Job:
    there = served()
    style = parse_layers([{"id": "a", **drawn}], id="x", title=TITLE, collection="plots")
    picture = replace(picture_of(there), drawings=(Drawing(style, tuple(there.catalogue.layers.values())),))
    job = Compilations(Terrain(tmp_path)).job(picture, there, CITIZEN, connection)
    mapnik.load_map_from_string(mapnik.Map(16, 16), f"<Map>{job.styles}</Map>")
    return job


@pytest.mark.parametrize(
    ("kind", "property"), [("fill", "fill-color"), ("line", "line-color"), ("circle", "circle-color")]
)
def test_a_colour_that_is_chosen_is_a_number_for_mapnik(tmp_path: Path, kind: str, property: str) -> None:
    job = job_of(tmp_path, {"type": kind, "paint": {property: BY_KIND}})
    assert job.styles.count("<Rule>") == 4  # the default, where there is no value, is one more
    for at, colour in enumerate(("#ff0000", "rgba(0,128,0,0.5)", "#0000ff")):
        assert f"<Filter>[_c0] = {at}</Filter>" in job.styles and f'"{colour}"' in job.styles
        assert colour not in job.sources[0].table


def test_two_colours_that_are_chosen_are_texts(tmp_path: Path) -> None:
    paint = {"circle-color": BY_KIND, "circle-stroke-color": BY_OWNER, "circle-stroke-width": 2}
    job = job_of(tmp_path, {"type": "circle", "paint": paint})
    assert job.styles.count("<Rule>") == 1
    assert "[circle" not in job.styles
    for colour in ("#ff0000", "rgba(0,128,0,0.5)", "#0000ff", "#ffff00", "#00ffff"):
        assert f"'{colour}'" in job.sources[0].table


@pytest.mark.parametrize(
    "expression",
    [
        ["interpolate", ["linear"], ["to-number", ["get", "kind"]], 0, "#ff0000", 9, "#0000ff"],
        ["get", "kind"],
        [
            "match",
            ["get", "kind"],
            *(part for i in range(40) for part in (f"k{i}", f"#0000{i:02}")),
            "#ffffff",
        ],
    ],
)
def test_a_colour_of_many_is_a_text(tmp_path: Path, expression: Any) -> None:
    job = job_of(tmp_path, {"type": "fill", "paint": {"fill-color": expression}})
    assert job.styles.count("<Rule>") == 1
    assert 'fill="[_c0]"' in job.styles
