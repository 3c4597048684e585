"""Printing in the browser: the form with and without script, the way from the map, the check of a sheet."""

from __future__ import annotations

import io
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import WIDE, OpenPage, live, views
from tests.browser.test_access import violations

PAGES = [
    "/print",
    "/print?place=phu+bai&paper=A4&scale=5000&layers=basemap",
    "/print?place=truong+tieu+hoc&paper=A4&scale=9&layers=",
    "/print/check",
    "/print/check?code=AAAA",
]
FORM = "paper=A4&orientation=portrait&scale=5000&layers=basemap&crs=9214&lang=vi&mode=print&place=16.4637,107.5906"


def parameters(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def sheet(site: str, address: str) -> PdfReader:
    """The sheet at the address that a page led to."""
    answer = httpx.get(site + address, timeout=60)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf", answer.text[
        :300
    ]
    return PdfReader(io.BytesIO(answer.content))


def words(site: str, given: str) -> str:
    """The text of the first page of a sheet, as one line."""
    return " ".join(sheet(site, f"/print/map.pdf?{given}").pages[0].extract_text().split())


def colours(png: bytes) -> int:
    """How many colours a picture has; one of nothing has one."""
    return len(Image.open(io.BytesIO(png)).convert("RGB").getcolors(1_000_000) or ())


def has_picture(page: Page) -> bool:
    """Whether the preview's picture has come and is one."""
    wait = "() => { const img = document.querySelector('.framed img'); return img && img.complete; }"
    page.wait_for_function(wait)
    return bool(page.eval_on_selector(".framed img", "img => img.naturalWidth > 0"))


def test_without_script_the_form_ends_in_a_pdf(open_page: OpenPage, site: str) -> None:
    """Fill, look, print: three steps, none of which needs a script."""
    page = open_page("/print", java_script_enabled=False)
    page.get_by_label("Giữa tờ giấy").fill("16,4637; 107,5906")
    page.get_by_label("Tỷ lệ", exact=True).select_option("2000")
    page.get_by_label("Hoặc tỷ lệ khác").fill("")
    page.get_by_label("Khổ giấy").select_option("A3")
    page.get_by_label("Ngang").check()
    page.get_by_label("Tiêu đề").fill("Khu vực chợ Đông Ba")
    page.get_by_label("Thửa đất").check()
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator("[data-summary]")).to_contain_text("A3 ngang, 1:2.000")
    expect(page.get_by_label("Tiêu đề")).to_have_value("Khu vực chợ Đông Ba")
    address = page.locator("a.pdf").get_attribute("href")
    assert address is not None
    reader = sheet(site, address)
    text = " ".join(reader.pages[0].extract_text().split())
    assert "Khu vực chợ Đông Ba" in text and "1:2.000" in text
    assert round(float(reader.pages[0].mediabox.width) / 72 * 25.4) == 420
    with page.expect_request("**/print/map.pdf**") as asked:
        page.get_by_role("button", name="Xuất bản in").click(no_wait_after=True)
    assert parameters(asked.value.url) == parameters(address)


def test_a_sheet_says_what_is_on_it(site: str) -> None:
    """Would fail if a legend showed the layer alone, or classes that are not on the sheet; if invented roads were
    credited to OpenStreetMap; or if a map of another day did not say so, or drew the units of today."""
    place = "center=107.5762,16.4757&scale=500&paper=A3&orientation=landscape"
    vi, en = (words(site, f"{place}&layers=basemap,parcels,dams&lang={lang}") for lang in ("vi", "en"))
    assert "Chú giải Thửa đất" in vi and "ODT · Đất ở tại đô thị" in vi
    assert "Legend Land parcels" in en and "ODT · Urban residential" in en
    for absent in ("LMU", "SON", "hồ", "dam"):
        assert absent not in vi.partition("Chú giải")[2].partition("Tỷ lệ")[0]
        assert absent not in en.partition("Legend")[2].partition("Scale")[0]
    assert "Dữ liệu minh họa, không có thật" in vi and "Đường" in vi.partition("không có thật: ")[2]
    assert "Invented for show, not real: " in en and "Roads" in en.partition("not real: ")[2]
    assert "OpenStreetMap" not in vi.partition("Nguồn:")[2].partition("Độ chính xác")[0]
    then = "center=107.5906,16.4637&scale=100000&layers=basemap&t="
    old, new = words(site, then + "2025-06-30"), words(site, then + "2025-07-01")
    assert "Theo thời điểm 30/06/2025: " in old and "Theo thời điểm 01/07/2025: " in new
    assert "Theo thời điểm" not in words(site, then.removesuffix("&t="))


def test_without_script_errors_stand_beside_their_fields(open_page: OpenPage) -> None:
    page = open_page("/en/print", java_script_enabled=False)
    page.get_by_label("Middle of the sheet").fill("zzzqqq")
    page.get_by_label("Or another scale").fill("7")
    page.get_by_label("Title").fill("x" * 130)
    for box in page.locator("input[name=layers]").all():
        box.uncheck()
    page.get_by_role("button", name="Make the PDF").click()
    for field, said in (
        ("Middle of the sheet", "was found"),
        ("Or another scale", "from 100 to 1,000,000"),
        ("Title", "130 characters"),
    ):
        place = page.get_by_label(field)
        expect(place).to_have_attribute("aria-invalid", "true")
        expect(place).to_have_accessible_description(re.compile(said))
    expect(page.get_by_role("group", name="Layers")).to_have_accessible_description(
        re.compile("at least one")
    )
    expect(page.get_by_role("alert")).to_contain_text("Middle of the sheet, Scale, Layers, Title")
    expect(page.locator("a.pdf")).to_have_count(0)
    page.get_by_role("alert").get_by_role("link", name="Title").click()
    assert page.evaluate("location.hash") == "#f-title"


def test_the_preview_follows_what_is_typed(open_page: OpenPage) -> None:
    """With script nothing is sent by hand: picture, summary, errors and the page's own address follow."""
    page = open_page(f"/print?{FORM}", viewport=WIDE)
    assert has_picture(page)
    before = page.locator(".framed polygon").get_attribute("points")
    page.get_by_label("Ngang").check()
    expect(page.locator("[data-summary]")).to_contain_text("A4 ngang")
    assert page.locator(".framed polygon").get_attribute("points") != before
    page.get_by_label("Hoặc tỷ lệ khác").fill("7")
    expect(page.locator("#e-scale")).to_contain_text("từ 100 đến 1.000.000")
    expect(page.locator(".sheet")).to_contain_text("Chưa xem trước được")
    expect(page.get_by_label("Hoặc tỷ lệ khác")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Tỷ lệ", exact=True).select_option("10000")
    expect(page.locator("[data-summary]")).to_contain_text("1:10.000")
    expect(page.get_by_label("Hoặc tỷ lệ khác")).not_to_have_attribute("aria-invalid", "true")
    assert parameters(page.url)["scale"] == "10000"
    assert has_picture(page)
    page.reload()
    expect(page.locator("[data-summary]")).to_contain_text("A4 ngang, 1:10.000")


def test_the_frame_shows_what_the_paper_shows(open_page: OpenPage) -> None:
    """Layers that lie over each other come as one picture, in the order in which they are printed."""
    page = open_page(f"/print?{FORM}&layers=parcels&layers=reports")
    assert has_picture(page)
    source = page.locator(".framed img").get_attribute("src")
    assert source is not None and source.startswith("/pictures/basemap-print,parcels-print,reports-print/")


@pytest.mark.parametrize("script", [False, True])
def test_the_map_leads_to_its_own_view_on_paper(open_page: OpenPage, script: bool) -> None:
    page = open_page(
        "/?z=15.00&lat=16.46370&lon=107.59060&layers=admin_units,roads,reports,parcels",
        viewport=WIDE,
        java_script_enabled=script,
    )
    page.locator("a[data-print]").click()
    page.wait_for_url("**/print?*")
    expect(page.get_by_label("Giữa tờ giấy")).to_have_value("16,46370; 107,59060")
    address = page.locator("a.pdf").get_attribute("href")
    assert address is not None
    asked = parameters(address)
    assert (asked["center"], asked["scale"]) == ("107.590600,16.463700", "10000")
    assert asked["layers"] == "basemap,parcels,reports"


def test_the_live_map_leads_to_where_it_was_moved(open_page: OpenPage) -> None:
    """The link is that of the view at the moment of the click, not of the page as it came."""
    page = open_page("/en/?z=13.00&lat=16.46000&lon=107.59000&layers=roads,reports", viewport=WIDE)
    live(page)
    page.evaluate("window.__map.jumpTo({ center: [107.7, 16.3], zoom: 16 })")
    page.wait_for_function("location.search.includes('lon=107.70000')")
    page.get_by_role("link", name="Print", exact=True).click()
    page.wait_for_url("**/en/print?*")
    expect(page.get_by_label("Middle of the sheet")).to_have_value("16.30000, 107.70000")
    expect(page.get_by_label("Scale", exact=True)).to_have_value("5000")


def test_a_feature_leads_to_itself_on_paper(open_page: OpenPage) -> None:
    page = open_page("/feature/admin_units/5", java_script_enabled=False)
    name = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="In nơi này").click()
    expect(page.get_by_label("Giữa tờ giấy")).to_have_value(name)
    expect(page.get_by_label("Tiêu đề")).to_have_value(name)
    expect(page.locator("[data-summary]")).to_contain_text(f"Giữa tờ: {name}")


def test_a_sheet_is_checked_by_what_stands_on_it(open_page: OpenPage, site: str) -> None:
    """The letters below the QR code, read off the paper, tell date, scale and place."""
    reader = sheet(site, "/print/map.pdf?center=107.5906,16.4637&scale=2000&lang=vi&title=Thử")
    lines = re.findall(r"(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}", reader.pages[0].extract_text())
    page = open_page("/", java_script_enabled=False)
    page.get_by_role("link", name="Kiểm tra bản in").click()
    page.get_by_label("Mã trên tờ giấy").fill(" ".join(lines).lower())
    page.get_by_role("button", name="Kiểm tra").click()
    source = page.locator(".framed img").get_attribute("src")
    assert source is not None and colours(httpx.get(site + source, timeout=60).content) > 10
    expect(page.get_by_role("heading", level=2)).to_contain_text("Bản in đúng là của hệ thống này")
    expect(page.locator("dl")).to_contain_text("1:2.000")
    expect(page.locator("dl")).to_contain_text("16,46370; 107,59060")
    page.get_by_role("link", name="In lại nơi này").click()
    expect(page.locator("[data-summary]")).to_contain_text("A4 dọc, 1:2.000")


@pytest.mark.parametrize(("prefix", "path", "viewport", "scheme"), views(PAGES))
def test_axe_finds_nothing(
    open_page: OpenPage, prefix: str, path: str, viewport: dict[str, int], scheme: str
) -> None:
    page = open_page(prefix + path, viewport=viewport, color_scheme=scheme)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_targets_are_large_enough_for_a_thumb(open_page: OpenPage) -> None:
    page = open_page("/print?place=truong+tieu+hoc&paper=A4&scale=5000&layers=basemap")
    sizes = page.eval_on_selector_all(
        "main button, main select, main .rows a, main label:has(input), main .field > input",
        "all => all.filter(e => e.checkVisibility()).map(e => [e.textContent, e.getBoundingClientRect().height])",
    )
    assert len(sizes) > 20
    assert [size for size in sizes if size[1] < 48] == []
