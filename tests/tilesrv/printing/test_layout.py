"""What stands where on a sheet: nothing over the edge of the paper, nothing over something else, nothing lost."""

from __future__ import annotations

import io
import itertools
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import NumberObject
from reportlab.pdfgen.canvas import Canvas

from gis_core.words import Text
from tilesrv.printing.asked import Asked, asked_for
from tilesrv.printing.graticule import spacing
from tilesrv.printing.legend_columns import in_columns
from tilesrv.printing.paper import MARGIN, ORIENTATIONS, PAPERS_MM, Rect, layout
from tilesrv.printing.sheet import Contents, composed
from tilesrv.styles.legend import Drawn, Entry, Section

FULL = os.environ.get("HUONG_TEST_FULL") == "1"
SHEETS = list(itertools.product(PAPERS_MM, ORIENTATIONS))
LONG = "Bản đồ quy hoạch và phản ánh khu vực phường Thuận Hóa, phường Phú Xuân và vùng lân cận phía nam sông Hương"
NOTICE = (
    "Chỗ ghi “gần đúng” là phác họa, sai lệch tới vài trăm mét, không thay cho khảo sát ngoài thực địa số {}"
)


def section(number: int, lines: int, label: str = "Đất trồng cây lâu năm") -> Section:
    look = (("circle-color", "#cc2222"), ("circle-radius", 5.0), ("circle-opacity", 1.0))
    look += (("circle-stroke-width", 0.0), ("circle-stroke-color", "#000000"), ("circle-stroke-opacity", 1.0))
    entries = tuple(
        Entry(Text(f"{label} {number}.{at}", f"{label} {number}.{at}"), "point", (Drawn("circle", look),))
        for at in range(lines)
    )
    return Section(f"layer{number}", Text(f"Lớp {number}", f"Layer {number}"), entries)


def asked(**given: str) -> Asked:
    return asked_for({"center": "107.59,16.46", "layers": "basemap,parcels", **given}, "vi")


def sheet(contents: Contents) -> PdfReader:
    frame = contents.asked.layout.map
    blank = io.BytesIO()
    canvas = Canvas(blank, pagesize=(frame.width, frame.height))
    canvas.showPage()
    canvas.save()
    return PdfReader(io.BytesIO(composed(contents, blank.getvalue())))


def contents(given: Asked, **changes: Any) -> Contents:
    made = Contents(
        asked=given,
        title="Thử",
        sections=(),
        sources=[Text("Nguồn", "Source")],
        notices=[Text("Gần đúng", "Approximate")],
        timed=(),
        at=datetime(2026, 11, 22, tzinfo=UTC),
        address="http://localhost/print/check?d=" + "x" * 500,
        code="-".join(["MWMW"] * 8),
    )
    return replace(made, **changes)


@dataclass(frozen=True)
class Run:
    """A piece of text as a page writes it: where it begins, and how wide it is in its font (points)."""

    text: str
    x: float
    y: float
    right: float


def runs(reader: PdfReader, page: int = 0) -> list[Run]:
    """The horizontal texts of a page; the widths are those of its fonts."""
    found: list[Run] = []

    def heard(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        matrix = [float(each) for each in tm]
        if text.strip() and font is not None and matrix[1] == float(cm[1]) == 0:
            x = float(cm[0]) * matrix[4] + float(cm[4])
            y = float(cm[3]) * matrix[5] + float(cm[5])
            found.append(Run(text.strip(), x, y, x + width_of(text.strip("\n"), size)))

    reader.pages[page].extract_text(visitor_text=heard)
    return found


def width_of(text: str, size: float) -> float:
    from tilesrv.styles.legend_layout import FACE
    from tilesrv.styles.legend_png import text_width

    return max(text_width(line, size, FACE) for line in text.split("\n"))


@pytest.mark.parametrize(("paper", "orientation"), SHEETS)
@pytest.mark.parametrize("legend", [True, False])
def test_the_parts_of_a_sheet_are_apart_and_on_it(paper: str, orientation: Any, legend: bool) -> None:
    parts = layout(paper, orientation, legend=legend)
    rects = [each for each in (parts.head, parts.map, parts.legend, parts.foot) if each is not None]
    for rect in rects:
        assert rect.x >= MARGIN - 1e-6 and rect.y >= MARGIN - 1e-6, rect
        assert rect.right <= parts.width - MARGIN + 1e-6 and rect.top <= parts.height - MARGIN + 1e-6, rect
    for one, other in itertools.combinations(rects, 2):
        apart = (
            one.right <= other.x
            or other.right <= one.x
            or one.top <= other.y + 1e-6
            or other.top <= one.y + 1e-6
        )
        assert apart, (one, other)
    assert parts.map.width == int(parts.map.width) and parts.map.height == int(parts.map.height)


def test_without_a_legend_the_map_has_its_room() -> None:
    for paper, orientation in SHEETS:
        with_one, without = (layout(paper, orientation, legend=each).map for each in (True, False))
        assert without.width * without.height > 1.1 * with_one.width * with_one.height
    assert asked(layers="basemap").layout.legend is None and asked().layout.legend is not None


@pytest.mark.parametrize(("paper", "orientation"), SHEETS)
def test_long_titles_and_words_stay_on_the_paper(paper: str, orientation: str) -> None:
    """Would fail if a title of 120 letters, with or without spaces, ran over the edge."""
    for title in (LONG, "W" * 120):
        given = asked(paper=paper, orientation=orientation, title=title)
        notices = [Text(NOTICE.format(n), "x") for n in range(30)]
        reader = sheet(contents(given, title=title, notices=notices, sections=[section(1, 9)]))
        for page in range(len(reader.pages)):
            for run in runs(reader, page):
                assert run.x >= MARGIN - 1 and run.right <= given.layout.width - MARGIN + 4, run
                assert run.y >= MARGIN - 1, run
        text = "".join("".join(page.extract_text().split()) for page in reader.pages)
        assert "".join(title.split()) in text


@pytest.mark.parametrize(
    ("paper", "orientation"), [("A4", "portrait"), ("A4", "landscape"), ("A0", "portrait")]
)
@pytest.mark.parametrize("lines", [[3], [40, 2, 25], [120 if FULL else 40] * 4])
def test_no_line_of_a_legend_is_lost(paper: str, orientation: str, lines: list[int]) -> None:
    """What finds no room beside the map stands on a further page, which names the sheet."""
    sections = [section(number, many, "Đất ở tại nông thôn và đất") for number, many in enumerate(lines)]
    given = asked(paper=paper, orientation=orientation)
    reader = sheet(contents(given, sections=sections))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    for each in sections:
        for entry in each.entries:
            assert any(entry.label.vi in page for page in pages), entry.label
    assert all("MWMW-MWMW" in page for page in pages)
    assert (len(pages) > 1) == ("(tiếp ở trang sau)" in pages[0])


def test_every_word_on_accuracy_is_said() -> None:
    """Seven lines were all that the foot once had."""
    notices = [Text(NOTICE.format(number), "x") for number in range(60)]
    reader = sheet(contents(asked(), notices=notices))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    assert [number for number in range(60) if f"thực địa số {number}." not in text] == []


def test_labels_are_broken_to_their_column() -> None:
    place = Rect(100, 100, 160, 500)
    long = "Đất có di tích lịch sử - văn hóa, danh lam thắng cảnh, đất cơ sở tôn giáo và đất tín ngưỡng"
    placed, rest = in_columns([section(1, 8, long)], place, 1.0, "vi", "print")
    assert not rest
    for piece in placed:
        assert piece.x + piece.piece.width * piece.scale <= place.right + 1
        assert piece.y >= place.y and piece.y + piece.piece.height * piece.scale <= place.top + 1


def test_letters_grow_with_the_paper() -> None:
    """On a sheet of A0, read from farther off, the smallest words are no smaller than 10 points."""
    sizes = []

    def heard(text: str, cm: Any, tm: Any, font: Any, size: float | NumberObject) -> None:
        if text.strip():
            sizes.append(float(size))

    sheet(contents(asked(paper="A0"), sections=[section(1, 5)])).pages[0].extract_text(visitor_text=heard)
    assert min(sizes) >= 10


def test_figures_are_those_of_the_language() -> None:
    vi, en = (
        " ".join(sheet(contents(asked(scale="10000", lang=lang))).pages[0].extract_text().split())
        for lang in ("vi", "en")
    )
    assert "1:10.000" in vi and "16,46000° B" in vi and "107,59000° Đ" in vi
    assert "1:10,000" in en and "16.46000° N" in en and "1:10.000" not in en


def test_the_grid_is_of_round_numbers() -> None:
    """Lines stand 20 to 60 mm apart on every scale, at 1, 2 or 5 times a power of ten metres."""
    for scale in (100, 500, 1000, 5000, 25000, 1_000_000):
        step = spacing(scale)
        assert str(step).strip("0") in ("1", "2", "5")
        assert 20 <= step * 1000 / scale <= 60
