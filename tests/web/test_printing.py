"""The form of a sheet and the check of one, as they leave the server: what they offer, refuse and lead to."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from gis_core.audiences import CITIZEN
from gis_core.config import Config
from gis_core.crs import from_degrees
from gis_core.reading import config
from tests.acceptance.asking import staff
from tilesrv.printing.asked import asked_for
from tilesrv.printing.paper import layout
from tilesrv.printing.proof import Facts, sealed
from web import city
from web.coordinates import coordinates, written
from web.printing import places, scales
from web.printing.form import offered, read_form
from web.printing.preview import framed
from web.window import to_mercator

CITY = "demo"
pytestmark = pytest.mark.usefixtures("city")
GOOD = "paper=A4&orientation=portrait&place=16.4637,107.5906&scale=5000&layers=basemap&layers=parcels&crs=9214&lang=vi"


@pytest.fixture
def client(city: Config) -> Client:
    return Client(raise_request_exception=False)


def pdf_of(text: str) -> dict[str, list[str]]:
    """The parameters of the PDF's address on a page."""
    (address,) = re.findall(r'class="pdf" href="([^"]+)"', text)
    parts = urlsplit(address.replace("&amp;", "&"))
    assert parts.path == "/print/map.pdf"
    return parse_qs(parts.query)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_form_opens_with_the_whole_city_and_a_way_to_its_pdf(client: Client, prefix: str) -> None:
    page = client.get(f"{prefix}/print")
    assert page.status_code == 200
    asked = {name: values[0] for name, values in pdf_of(page.content.decode()).items()}
    assert asked["lang"] == ("en" if prefix else "vi")
    assert asked_for(asked, "vi").layers[0] == "basemap"


def test_what_the_form_says_the_pdf_is_asked(client: Client) -> None:
    text = client.get(f"/print?{GOOD}&title=Trích+lục&mode=day&other=3.000").content.decode()
    assert pdf_of(text) == {
        "center": ["107.590600,16.463700"], "scale": ["3000"], "paper": ["A4"], "orientation": ["portrait"],
        "crs": ["9214"], "layers": ["basemap,parcels"], "lang": ["vi"], "mode": ["day"], "title": ["Trích lục"],
    }  # fmt: skip
    assert "/pictures/basemap,parcels/" in text


def test_do_print_leads_to_the_pdf_and_only_without_fault(client: Client) -> None:
    answer = client.get(f"/print?{GOOD}&do=print")
    assert answer.status_code == 302 and answer["Location"].startswith(
        "/print/map.pdf?center=107.590600,16.463700"
    )
    assert client.get(f"/print?{GOOD}&do=print&title={'x' * 121}").status_code == 400


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"place": ""}, "place", ("Hãy nhập tọa độ", "Enter coordinates")),
        ({"place": "zzzqqq"}, "place", ("Chưa tìm thấy", "was found")),
        ({"place": "95; 200"}, "place", ("ngoài bản đồ", "off the map")),
        ({"scale": "7"}, "scale", ("từ 100 đến 1.000.000", "from 100 to 1,000,000")),
        ({"scale": "", "other": "1:abc"}, "scale", ("từ 100 đến 1.000.000", "from 100 to 1,000,000")),
        ({"scale": "²"}, "scale", ("từ 100 đến 1.000.000", "from 100 to 1,000,000")),
        ({"title": "x" * 121}, "title", ("Tiêu đề dài 121 ký tự", "The title has 121 characters")),
        ({"title": "a\nb"}, "title", ("một dòng chữ", "one line of text")),
        ({"layers": ""}, "layers", ("ít nhất một lớp", "at least one layer")),
        ({"layers": "no_such"}, "layers", ("không còn hoặc không dành cho bạn: no_such", "gone, or not for you")),
        ({"paper": "B5"}, "paper", ("mục có sẵn", "what is offered")),
        ({"orientation": "round"}, "orientation", ("mục có sẵn", "what is offered")),
        ({"crs": "4326"}, "crs", ("mục có sẵn", "what is offered")),
        ({"mode": "night"}, "mode", ("mục có sẵn", "what is offered")),
        ({"lang": "fr"}, "lang", ("mục có sẵn", "what is offered")),
    ],
)  # fmt: skip
def test_a_fault_is_said_beside_its_field(
    client: Client, changes: dict[str, str], field: str, said: tuple[str, str]
) -> None:
    query = QueryDict(GOOD, mutable=True)
    for name, value in changes.items():
        query[name] = value
    for prefix, words in (("", said[0]), ("/en", said[1])):
        page = client.get(f"{prefix}/print?{query.urlencode()}")
        text = page.content.decode()
        assert page.status_code == 400
        assert words in text
        assert f'<a href="#f-{field}">' in text and f'id="f-{field}"' in text
        assert "/print/map.pdf" not in text


@pytest.mark.parametrize(
    "text",
    [
        "16.4637, 107.5906", "16.4637,107.5906", "16,4637; 107,5906", "107.5906 16.4637", "16,46370° B; 107,59060° Đ",
        "1.820.978,8 562.865,9", "562865.9; 1820978.8", "X=1820978.8; Y=562865.9",
    ],
)  # fmt: skip
def test_coordinates_are_read_as_people_write_them(text: str) -> None:
    found = coordinates(text, 9214)
    assert found is not None
    x, y = from_degrees(9214).transform(*found)
    wanted = from_degrees(9214).transform(107.5906, 16.4637)
    assert (x, y) == pytest.approx(wanted, abs=8)


def test_a_written_place_is_read_again() -> None:
    for language in ("vi", "en"):
        assert coordinates(written(107.5906, -16.4637, language), 9214) == (107.5906, -16.4637)
    for name in ("phu bai", "Kiệt 12 Nguyễn Huệ", "12", "", "A1 B2", "Lô 5; thửa 7 8"):
        assert coordinates(name, 9214) is None, name


def test_a_name_that_is_one_unit_is_the_middle_and_its_scale_is_offered(client: Client) -> None:
    text = client.get(f"/print?{GOOD}".replace("16.4637,107.5906", "phu bai")).content.decode()
    assert "Giữa tờ: Phường Phú Bài" in text and "rộng hơn tờ giấy" in text
    (address,) = re.findall(r'href="(/print\?[^"]*fit=1[^"]*)"', text)
    fitted = client.get(address.replace("&amp;", "&")).content.decode()
    assert "rộng hơn tờ giấy" not in fitted
    assert int(pdf_of(fitted)["scale"][0]) > 5000


def test_a_name_of_several_places_is_asked_back(client: Client) -> None:
    page = client.get(f"/print?{GOOD}".replace("16.4637,107.5906", "truong tieu hoc"))
    text = page.content.decode()
    assert page.status_code == 400 and "chỉ nhiều nơi" in text
    choice = re.findall(r'href="(/print\?[^"]*pick=[^"]*)"', text)[0].replace("&amp;", "&")
    picked = client.get(choice)
    assert picked.status_code == 200 and "Giữa tờ: Trường" in picked.content.decode()


def test_a_picked_place_gives_way_to_another_that_is_typed() -> None:
    pick = "&pick=admin_units/5"
    query = QueryDict(GOOD + pick, mutable=True)
    draft = read_form(query, CITIZEN, "vi")
    assert draft.place is not None and not draft.place.title and not draft.fields.pick


def test_the_link_of_a_view_carries_place_scale_and_layers() -> None:
    """A zoom becomes the nearest scale that is offered; what the map draws as its ground is the basemap."""
    draft = read_form(QueryDict("z=15.5&lat=16.46&lon=107.6&layers=admin_units,roads,reports"), CITIZEN, "vi")
    assert draft.asked is not None
    assert draft.asked.layers == ("basemap", "reports")
    assert draft.asked.center == (107.6, 16.46)
    assert draft.asked.scale == 5000  # 1:6,130 on a screen of 96 dpi
    assert [scales.of_zoom(zoom, 16.46) for zoom in (4, 12, 14, 18, 20)] == [
        250_000,
        50_000,
        25_000,
        1000,
        500,
    ]


def test_the_day_of_the_map_goes_to_the_sheet_and_on_it(client: Client) -> None:
    """Would fail if a map of another day were printed as of today, or its preview drawn so."""
    text = client.get("/?t=2025-06-30").content.decode()
    (link,) = re.findall(r'class="print" href="(/print\?[^"]+)"', text)
    form = client.get(link.replace("&amp;", "&")).content.decode()
    assert 'name="t" type="date" value="2025-06-30"' in form and "@2x.png?t=2025-06-30" in form
    assert pdf_of(form)["t"] == ["2025-06-30"]
    wrong = client.get(f"/en/print?{GOOD}&t=2025-02-30")
    assert wrong.status_code == 400 and "one of the calendar" in wrong.content.decode()
    before = city.registry().current().get("admin_units_history", CITIZEN)
    with city.read(CITIZEN) as cursor:
        row = cursor.execute(
            "select min(fid) from citizen.admin_units_history where valid_to = '2025-07-01'"
        ).fetchone()
    assert before.layer.has_intervals and row is not None
    assert pdf_of(client.get(f"/print?feature=admin_units_history/{row[0]}").content.decode())["t"] == [
        "2025-06-30"
    ]


def test_the_link_of_a_feature_shows_it_whole(client: Client) -> None:
    draft = read_form(QueryDict("feature=admin_units/5"), CITIZEN, "vi")
    assert draft.asked is not None and draft.place is not None and draft.place.box is not None
    minx, miny, maxx, maxy = draft.asked.box
    for x, y in ((0, 1), (2, 3)):
        lonlat = places.to_degrees(draft.place.box[x], draft.place.box[y])
        east, north = from_degrees(9214).transform(*lonlat)
        assert minx <= east <= maxx and miny <= north <= maxy
    text = client.get("/feature/admin_units/5").content.decode()
    assert 'href="/print?feature=admin_units/5"' in text
    assert client.get("/print?feature=no_such/1").status_code == 200


def test_a_link_whose_place_is_none_is_refused(client: Client) -> None:
    assert client.get("/print?z=x&lat=1&lon=1").status_code == 400


def test_only_what_the_reader_sees_is_offered(client: Client) -> None:
    """A layer of the land desk is in no citizen's form, and its name tells a citizen nothing."""
    names = offered(CITIZEN)
    assert names[0] == "basemap" and "reports" in names and "roads" not in names
    page = staff("land").get("/print")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert client.get("/print")["Cache-Control"] == "private, no-cache"


def test_the_frame_on_the_picture_is_the_sheets_own() -> None:
    """Its corners, read back from px, are those of the paper on the ground."""
    asked = asked_for({"center": "107.59,16.46", "scale": "10000", "layers": "basemap"}, "vi")
    found = framed(asked.layers, asked.box, 9214, "print")
    match = re.fullmatch(r"/pictures/basemap-print/([\d.]+),([\d.]+),([\d.]+)/480x400@2x\.png", found.address)
    assert match
    lon, lat, zoom = map(float, match.groups())
    metres = 78271.516964020485 / 2**zoom
    x0, y0 = to_mercator(lon, lat)
    corners = [tuple(map(float, point.split(","))) for point in found.frame.split()]
    for (px, py), (east, north) in zip(corners, [(0, 1), (2, 1), (2, 3), (0, 3)], strict=True):
        back = places.to_degrees(x0 + (px - 240) * metres, y0 - (py - 200) * metres)
        assert from_degrees(9214).transform(*back) == pytest.approx(
            (asked.box[east], asked.box[north]), abs=10
        )
        assert 0 < px < 480 and 0 < py < 400


def test_layers_that_a_scale_does_not_draw_are_named(client: Client) -> None:
    far = client.get(f"/print?{GOOD}".replace("scale=5000", "scale=1000000")).content.decode()
    near = client.get(f"/print?{GOOD}").content.decode()
    assert ("chưa vẽ" in far) and "chưa vẽ" not in near


def test_a_grid_that_is_not_true_there_says_so(client: Client) -> None:
    sea = GOOD.replace("16.4637,107.5906", "16.5,112")
    assert "làm độ dài sai 0,3 %" in client.get(f"/print?{sea}").content.decode()
    assert "làm độ dài sai" not in client.get(f"/print?{sea.replace('9214', '3406')}").content.decode()


def test_showing_is_the_largest_scale_with_room() -> None:
    box = (*to_mercator(107.5, 16.4), *to_mercator(107.6, 16.5))
    paper = layout("A4", "portrait")
    scale = scales.showing(box, 9214, paper)
    assert scale == 100_000  # 10.7 by 11.1 km; the map is 170 by 154 mm
    assert scales.showing((0, 0, 0, 0), 9214, paper) == scales.OF_A_POINT
    assert scales.showing((*to_mercator(90, 0), *to_mercator(120, 40)), 9214, paper) is None


def facts() -> Facts:
    return Facts(
        title="Trích <lục>", layers=("basemap", "parcels"), center=(107.5906, 16.4637), scale=5000, paper="A3",
        orientation="landscape", srid=9214, printed=datetime(2026, 11, 22, 7, 15, tzinfo=UTC), audience="citizen",
        legend=True, day="2025-06-30",
    )  # fmt: skip


def test_a_scanned_sheet_says_what_it_was(client: Client) -> None:
    """Title, date, scale, box, for whom: in the language of the page; the verdict in both."""
    seal = sealed(config(), facts())
    vi, en = (client.get(f"{prefix}/print/check?d={seal.text}").content.decode() for prefix in ("", "/en"))
    for page in (vi, en):
        assert "Bản in đúng là của hệ thống này" in page and "This sheet was printed by this system" in page
        assert "Trích &lt;lục&gt;" in page and "22/11/2026 14:15" in page and seal.code in page
    assert "1:5.000" in vi and "mọi người" in vi and "Bản đồ nền, Thửa đất" in vi
    assert "1:5,000" in en and "everybody" in en
    minx, miny, maxx, maxy = facts().box
    assert f"{miny:,.0f}; {minx:,.0f} – {maxy:,.0f}; {maxx:,.0f}" in en
    again = re.findall(r'class="button" href="(/print\?[^"]+)"', vi)[0].replace("&amp;", "&")
    asked = pdf_of(client.get(again).content.decode())
    assert (asked["layers"], asked["t"]) == (["basemap,parcels"], ["2025-06-30"])
    # The place is shown with what was printed of it.
    assert (
        "/pictures/basemap-print,parcels-print/" in vi and "@2x.png?t=2025-06-30" in vi and "30/06/2025" in vi
    )


def test_a_typed_code_says_what_it_carries(client: Client) -> None:
    code = sealed(config(), facts()).code
    page = client.get("/en/print/check", {"code": code.lower().replace("-", " ")})
    text = page.content.decode()
    assert page.status_code == 200
    assert "1:5,000" in text and "A3, landscape" in text and "22/11/2026 14:15" in text and code in text
    assert "does not carry the title" in text


@pytest.mark.parametrize(
    "query", ["d=x", "d=x.y", "code=AAAA", "code=%00", "d=" + "a" * 9000, "code=" + "a" * 9000]
)
def test_what_is_not_ours_is_said_in_both_languages(client: Client, query: str) -> None:
    for prefix in ("", "/en"):
        page = client.get(f"{prefix}/print/check?{query}")
        text = page.content.decode()
        assert page.status_code == 404
        assert "Đừng tin tờ giấy" in text and "Do not trust the paper" in text


def test_the_check_without_a_code_is_a_form(client: Client) -> None:
    page = client.get("/print/check")
    assert page.status_code == 200 and 'name="code"' in page.content.decode()
    assert "Đừng tin" not in page.content.decode()
