"""The generated project in Debian's QGIS 3.22, headless: every layer there, styled, named, with its form and grounds.

What QGIS says of a layer is compared with what the other addresses say of it: legends, MapLibre styles, the API.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.city_plugin import ROOT
from tests.clients.installed_qgis import said_by_qgis
from tests.live_city import LiveCity

PATIENCE_S = 300
PROJECT = "/qgis/huong.qgz"
COUNTED = ("admin_units", "reports", "parcels", "facilities")
SIZE = (800, 560)


def download(city: LiveCity, who: str | None = None, **asked: str) -> bytes:
    with city.client(who) as client:
        answer = client.get(PROJECT, params={"lang": "vi", **asked})
    assert answer.status_code == 200, answer.text
    return answer.content


def document(archive: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.namelist() == ["huong.qgs"]
        return opened.read("huong.qgs").decode()


def open_in_qgis(folder: Path, archive: bytes, **asked: Any) -> dict[str, Any]:
    """What `qgis_project.py` says of the project."""
    (folder / "huong.qgz").write_bytes(archive)
    fonts = [str(path) for path in (ROOT / "web" / "dist" / "fonts").glob("*.ttf")]
    question = {"project": str(folder / "huong.qgz"), "home": str(folder), "fonts": fonts, **asked}
    (folder / "asked.json").write_text(json.dumps(question))
    said: dict[str, Any] = said_by_qgis(
        "qgis_project.py",
        str(folder / "asked.json"),
        home=folder,
        patience_s=PATIENCE_S,
        QGIS_AUTH_DB_DIR_PATH=str(folder),
    )
    assert said["opened"], said["error"]
    return said


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures") / "project.png"


@pytest.fixture(scope="module")
def said(live_city: LiveCity, tmp_path_factory: pytest.TempPathFactory, picture: Path) -> dict[str, Any]:
    """The citizen's project, opened and drawn; twice, since a busy server may keep QGIS waiting for the first tiles."""
    job = {"path": str(picture), "size": SIZE}
    folder = tmp_path_factory.mktemp("citizen")
    return open_in_qgis(folder, download(live_city), count=COUNTED, pictures=[job, job])


@pytest.fixture(scope="module")
def said_to_land(live_city: LiveCity, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The land officer's project in a QGIS that holds the token under the identifier which the project names."""
    folder = tmp_path_factory.mktemp("land")
    token = live_city.tokens["land"]
    archive = download(live_city, "land")
    return open_in_qgis(folder, archive, user="test-land", token=token, authcfg="huong00", count=["parcels"])


@pytest.fixture(scope="module")
def client(live_city: LiveCity) -> Iterator[httpx.Client]:
    with live_city.client() as made:
        yield made


def features(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The layers of features by collection."""
    layers = said["layers"].items()
    return {name.removeprefix("huong_layer_"): each for name, each in layers if "huong_layer_" in name}


def test_every_layer_is_there_and_valid(said: dict[str, Any], client: httpx.Client) -> None:
    invalid = {name: each["error"] for name, each in said["layers"].items() if not each["valid"]}
    assert not invalid
    listed = {each["id"] for each in client.get("/tiles/").json()["layers"]}
    assert set(features(said)) == listed and listed
    assert not said["missing"]


def test_the_frame_of_the_project(said: dict[str, Any]) -> None:
    assert said["crs"] == "EPSG:9214"
    assert said["title"] == "Hương: bản đồ thành phố Huế"
    west, south, east, north, crs = said["view"]
    assert crs == "EPSG:9214"
    assert west < 561_900 < east and south < 1_820_800 < north  # the Citadel
    assert east - west < 50_000
    assert said["scales"] == sorted(said["scales"]) and {500, 1000, 2000} <= set(said["scales"])
    assert said["units"] == [0, 0, 0]  # metres and square metres


def test_groups_are_those_of_the_layers(said: dict[str, Any]) -> None:
    groups = {name: members for name, members, _, _ in said["tree"]}
    assert ["huong_layer_planning_zones", False] in groups["Đất đai, quy hoạch"]
    assert ["huong_layer_reports", True] in groups["Người dân và thành phố"]
    assert list(groups)[-1] == "Nền bản đồ"
    (choice,) = [each for each in groups["Nền bản đồ"] if len(each) == 4]
    _, members, one_of, _ = choice
    assert one_of
    assert [each[0] for each in members] == [
        "huong_picture_day",
        "huong_picture_night",
        "huong_picture_print",
        "huong_picture_vn2000",
        "Ô vectơ",
    ]
    assert [each[-1] for each in members] == [True, False, False, False, False]


def test_classes_are_those_of_the_legend(said: dict[str, Any], client: httpx.Client) -> None:
    """QGIS draws by rules what our own legend shows, class by class; cells of low zooms are in tiles only."""
    compared = 0
    for name, layer in features(said).items():
        assert layer["renderer"] in ("RuleRenderer", "nullSymbol"), name
        (section,) = client.get(f"/legend/{name}.json", params={"lang": "vi"}).json()["sections"]
        wanted = [each["label"] for each in section["entries"]]
        coded = {label for pairs in layer["maps"].values() for pair in pairs for label in pair}
        classes = [label for label in wanted if label in coded]
        rules = [label for label, _ in layer["rules"]]
        assert [label for label in classes if label not in rules] == [], name
        compared += len(classes)
    assert compared > 30


def test_names_are_drawn_where_the_style_draws_them(said: dict[str, Any], client: httpx.Client) -> None:
    named = 0
    for name, layer in features(said).items():
        style = client.get(f"/styles/{name}.json").json()
        texts = [each for each in style["layers"] if each.get("layout", {}).get("text-field", "") != ""]
        assert bool(layer["labels"]) == bool(texts), name
        named += bool(texts)
    assert named > 5


def test_names_and_classes_keep_to_their_scales(said: dict[str, Any], client: httpx.Client) -> None:
    """A style layer from zoom 15 on is a rule below 1:9,028; QGIS ignores a scale that it cannot read."""
    for name, layer in features(said).items():
        style = client.get(f"/styles/{name}.json").json()
        limited = {
            round(295829355.455 / 2 ** each["minzoom"]) for each in style["layers"] if "minzoom" in each
        }
        assert {scale for scale in layer["rule_scales"] if scale} == limited, name
    assert features(said)["reports"]["rule_scales"] == [9028]


def test_all_styles_of_a_layer_are_there(said: dict[str, Any], client: httpx.Client) -> None:
    for name, layer in features(said).items():
        listed = client.get(f"/ogcapi/collections/{name}/styles").json()["styles"]
        assert len(layer["styles"]) == len({each["id"] for each in listed}), name
    roads = features(said)["roads"]
    assert (roads["styles"], roads["style"]) == (["Mặc định", "Nền bản đồ"], "Mặc định")


def test_fields_have_their_names_and_lists(said: dict[str, Any]) -> None:
    reports = features(said)["reports"]
    assert reports["aliases"]["category"] == "Lĩnh vực"
    assert reports["aliases"]["due_on"] == "Hạn xử lý"
    assert {"Giao thông": "traffic"} in reports["maps"]["category"]
    parcels = features(said)["parcels"]
    assert parcels["aliases"]["area_m2"] == "Diện tích đo (m2)"
    assert {"ODT · Đất ở tại đô thị": "ODT"} in parcels["maps"]["land_use"]


def test_counts_are_those_of_the_api(said: dict[str, Any], client: httpx.Client) -> None:
    matched = {
        name: client.get(f"/ogcapi/collections/{name}/items", params={"limit": 1}).json()["numberMatched"]
        for name in COUNTED
    }
    assert said["counts"] == matched and all(matched.values())


def test_a_full_layer_is_pictures_from_afar(said: dict[str, Any]) -> None:
    """1,500 parcels, or 200,000, are not loaded to look at the whole city."""
    limited, widest = features(said)["parcels"]["scales"]
    assert limited and 10_000 < widest < 30_000
    far = said["layers"]["huong_far_parcels"]
    assert far["scales"] == [True, pytest.approx(widest)]


def test_vector_tiles_are_drawn_in_the_style(said: dict[str, Any], client: httpx.Client) -> None:
    """Each style layer of the basemap that draws something stands in the vector tile layer of its collection."""
    style = client.get("/styles/basemap.json").json()
    wanted = {
        each["id"]
        for each in style["layers"]
        if each["type"] in ("fill", "line", "circle", "fill-extrusion") and "source-layer" in each
    }
    drawn = {name for id_, each in said["layers"].items() if "_tiles_" in id_ for name in each["drawn"]}
    assert wanted <= drawn
    assert said["layers"]["huong_tiles_places"]["labels"] > 0


def close(colour: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Reports are a little transparent."""
    return all(abs(one - other) < 26 for one, other in zip(colour, wanted, strict=True))


def test_the_picture_shows_ground_and_data(said: dict[str, Any], picture: Path) -> None:
    assert said["drawn"][-1]["errors"] == []
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    assert image.size == SIZE
    colours = {colour: count for count, colour in image.getcolors(2**24) or []}
    white = colours.get((255, 255, 255), 0) / (SIZE[0] * SIZE[1])
    assert white < 0.2, "tiles of the ground are missing"
    near_orange = sum(count for colour, count in colours.items() if close(colour, (0xE6, 0x9F, 0x00)))
    assert near_orange > 200, "no report about traffic is to be seen"


def test_who_may_not_write_reads(said: dict[str, Any], said_to_land: dict[str, Any]) -> None:
    assert all(layer["read_only"] for layer in features(said).values())
    writable = {name for name, layer in features(said_to_land).items() if not layer["read_only"]}
    assert writable == {"parcels", "planning_zones"}
    assert "area_m2" in features(said_to_land)["parcels"]["locked"]  # reckoned from the place by the server


def test_a_signed_in_project_shows_what_its_audience_sees(
    said: dict[str, Any], said_to_land: dict[str, Any]
) -> None:
    """The layers sign in with the token that QGIS keeps: private fields are there, and only there."""
    assert said_to_land["signed_in"] is True
    assert not [name for name, each in said_to_land["layers"].items() if not each["valid"]]
    assert features(said_to_land)["parcels"]["aliases"]["certificate_no"] == "Số giấy chứng nhận"
    assert "certificate_no" not in features(said)["parcels"]["aliases"]
    assert said_to_land["counts"]["parcels"] > 0


def test_no_secret_and_no_private_field_stands_in_a_project(live_city: LiveCity) -> None:
    mine = document(download(live_city, "land"))
    assert live_city.tokens["land"] not in mine and "Bearer" not in mine
    assert "authcfg=huong00 " in mine and "certificate_no" in mine
    everybodys = document(download(live_city))
    assert "authcfg" not in everybodys and "certificate_no" not in everybodys
    own = document(download(live_city, "land", authcfg="a1B2c3D"))
    assert "authcfg=a1B2c3D " in own and "huong00" not in own


def test_newer_qgis_may_ask_for_the_surveyed_coordinates(live_city: LiveCity) -> None:
    """By ``crs=storage`` cadastre comes, and is written, in VN-2000; what is stored otherwise stays."""
    text = document(download(live_city, crs="storage"))
    assert "srsname='EPSG:9214' typename='parcels'" in text
    assert "srsname='OGC:CRS84' typename='reports'" in text
    assert "srsname='EPSG:9214' typename" not in document(download(live_city))


def test_a_project_is_kept_by_its_tag(client: httpx.Client) -> None:
    first = client.get(PROJECT)
    assert first.headers["content-type"] == "application/x-qgis-project"
    assert 'filename="huong.qgz"' in first.headers["content-disposition"]
    tag = first.headers["etag"]
    again = client.get(PROJECT, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    english = client.get(PROJECT, headers={"Accept-Language": "en", "If-None-Match": tag})
    assert english.status_code == 200
    assert "<title>Hương: the map of the city of Huế</title>" in document(english.content)


@pytest.mark.parametrize("asked", ["authcfg=x", "authcfg=huong0%27", "crs=EPSG:3857", "lang=fr", "map=1"])
def test_what_is_not_known_is_refused(client: httpx.Client, asked: str) -> None:
    answer = client.get(f"{PROJECT}?{asked}")
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert client.get("/qgis/other.qgz").status_code == 404
