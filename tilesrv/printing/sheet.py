"""The sheet drawn: ReportLab writes what stands around the map, the map is Mapnik's page put into its frame."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cache
from html import escape

import segno
from pypdf import PdfReader, PdfWriter, Transformation
from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from gis_core.days import CITY_ZONE
from gis_core.spoken import number
from gis_core.words import Text
from tilesrv.assets.fonts import font_faces
from tilesrv.printing import words
from tilesrv.printing.asked import GRIDS, Asked
from tilesrv.printing.graticule import bar_length, grid_lines, spacing, written
from tilesrv.printing.legend_columns import Placed, in_columns
from tilesrv.printing.paper import MM, Layout, Rect
from tilesrv.styles.legend import Section
from tilesrv.styles.legend_layout import FACE, HEADING_FACE
from tilesrv.styles.legend_png import legend_png

INK, QUIET = "#1C2430", "#55606E"
SMALL, BODY = 6.5, 8.0
TITLES = (15.0, 12.0, 10.0)  # the largest in which the title finds room
MOST_PAGES = 40  # far beyond what twenty layers explain
BAR = 50.5 * MM  # the scale bar at its longest
FACTS_X, SEAL = 64 * MM, 32 * MM  # where the words of the foot begin, and what is left for the seal


@dataclass(frozen=True)
class Contents:
    """What is on a sheet besides the map."""

    asked: Asked
    title: str
    sections: Sequence[Section]
    sources: Sequence[Text]
    notices: Sequence[Text]
    timed: Sequence[Text]  # the layers that are of the moment that is asked for
    at: datetime
    address: str  # of the page that checks the sheet
    code: str


@cache
def register_fonts() -> None:
    for name, path in font_faces().items():
        pdfmetrics.registerFont(TTFont(name, str(path)))


def composed(contents: Contents, map_pdf: bytes) -> bytes:
    """The whole sheet as PDF; ``map_pdf`` is one page of the size of the map's frame."""
    register_fonts()
    layout = contents.asked.layout
    out = io.BytesIO()
    canvas = Canvas(
        out, pagesize=(layout.width, layout.height), pageCompression=1, lang=contents.asked.language
    )
    canvas.setTitle(contents.title)
    canvas.setAuthor("Hương")
    canvas.setCreator("Hương")
    Drawing(canvas, contents, layout).draw()
    canvas.save()
    return merged(out.getvalue(), map_pdf, layout.map)


def merged(sheet_pdf: bytes, map_pdf: bytes, frame: Rect) -> bytes:
    """The map under the lines of the first page, fitted into its frame and cut at its edges."""
    sheet = PdfReader(io.BytesIO(sheet_pdf))
    picture = PdfReader(io.BytesIO(map_pdf)).pages[0]
    writer = PdfWriter()
    for page in sheet.pages:
        writer.add_page(page)
    fitted = Transformation().scale(frame.width / float(picture.mediabox.width)).translate(frame.x, frame.y)
    writer.pages[0].merge_transformed_page(picture, fitted, over=False)
    writer.add_metadata(sheet.metadata or {})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


class Drawing:
    """Draws the parts of a sheet on a ReportLab canvas: the map's page, and what it had no room for on further ones."""

    def __init__(self, canvas: Canvas, contents: Contents, layout: Layout) -> None:
        self._canvas = canvas
        self._contents = contents
        self._layout = layout
        self._asked = contents.asked
        self._growth = layout.growth
        self._left_legend: list[Section] = []
        self._left_words: list[Paragraph] = []

    def draw(self) -> None:
        self.head(self._contents.title)
        self.grid()
        self.legend()
        self.scale()
        self.facts()
        self.seal()
        page = 1
        while (self._left_legend or self._left_words) and page < MOST_PAGES:
            page += 1
            self.further(page)

    def say(self, text: Text) -> str:
        return text.to(self._asked.language)

    def text(
        self, x: float, y: float, text: str, size: float = BODY, face: str = FACE, ink: str = INK
    ) -> None:
        """``text`` from ``x`` on, its baseline at ``y``; ``size`` as on A4."""
        self._canvas.setFillColor(ink)
        self._canvas.setFont(face, size * self._growth)
        self._canvas.drawString(x, y, text)

    def paragraph(self, text: str, size: float, face: str = FACE, ink: str = QUIET) -> Paragraph:
        """A text that is broken to its room, within a word where the word alone is too long."""
        size *= self._growth
        style = ParagraphStyle(
            "words",
            fontName=face,
            fontSize=size,
            leading=size * 1.3,
            textColor=HexColor(ink),
            splitLongWords=1,
        )
        return Paragraph(escape(text), style)

    def head(self, title: str) -> None:
        """Title in the largest letters in which it finds room, and what the map is in figures."""
        head, asked, growth = self._layout.head, self._asked, self._growth
        room = head.height - 15 * growth
        for size in TITLES:
            heading = self.paragraph(title, size, HEADING_FACE, INK)
            _, high = heading.wrap(head.width, head.height)
            if high <= room:
                break
        heading.drawOn(self._canvas, head.x, head.top - high)
        north, east = self.say(words.NORTH), self.say(words.EAST)
        lon, lat = (f"{each:.5f}" for each in asked.center)
        if asked.language == "vi":
            lon, lat = lon.replace(".", ","), lat.replace(".", ",")
        line = self.say(words.SUBTITLE).format(
            scale=self.figure(asked.scale),
            grid=f"{GRIDS[asked.srid]} (EPSG:{asked.srid})",
            middle=f"{lat}° {north}; {lon}° {east}",
        )
        self.text(head.x, head.top - high - 10 * growth, line, BODY, ink=QUIET)

    def figure(self, value: int) -> str:
        return written(value, self._asked.language)

    def grid(self) -> None:
        """The frame, the lines of the grid within it, and their coordinates in the band around it."""
        frame, canvas, growth = self._layout.map, self._canvas, self._growth
        canvas.saveState()
        canvas.setStrokeColor("#7A8490", alpha=0.55)
        canvas.setLineWidth(0.3 * growth)
        lines = grid_lines(self._asked.box, frame, self._asked.scale)
        for line in lines:
            if line.axis == "x":
                canvas.line(line.at, frame.y, line.at, frame.top)
            else:
                canvas.line(frame.x, line.at, frame.right, line.at)
        canvas.restoreState()
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.8 * growth)
        canvas.rect(frame.x, frame.y, frame.width, frame.height)
        size = SMALL * growth
        canvas.setFont(FACE, size)
        canvas.setFillColor(INK)
        for line in lines:
            value = self.figure(line.value)
            if line.axis == "x":
                canvas.drawCentredString(line.at, frame.top + 3 * growth, value)
                canvas.drawCentredString(line.at, frame.y - size - 2 * growth, value)
            else:
                self.upright(frame.x - 3 * growth, line.at, value)
                self.upright(frame.right + size + 2 * growth, line.at, value)

    def upright(self, x: float, y: float, text: str) -> None:
        self._canvas.saveState()
        self._canvas.translate(x, y)
        self._canvas.rotate(90)
        self._canvas.drawCentredString(0, 0, text)
        self._canvas.restoreState()

    def legend(self) -> None:
        place = self._layout.legend
        if place is not None and self._contents.sections:
            self._left_legend = self.legend_in(place, self._contents.sections, words.LEGEND)
            if self._left_legend:
                self.text(
                    place.x + 50 * self._growth, place.top - BODY, self.say(words.MORE), SMALL, ink=QUIET
                )

    def legend_in(self, place: Rect, sections: Sequence[Section], heading: Text) -> list[Section]:
        """As much of a legend as there is room for in ``place``; what is left."""
        asked = self._asked
        self.text(place.x, place.top - BODY * self._growth, self.say(heading), BODY, HEADING_FACE)
        room = replace(place, height=place.height - 12 * self._growth)
        placed, rest = in_columns(sections, room, self._growth, asked.language, asked.mode)
        for each in placed:
            self.legend_piece(each)
        return rest

    def legend_piece(self, placed: Placed) -> None:
        """Swatches as one picture, their words as text."""
        piece, scale = placed.piece, placed.scale
        picture = ImageReader(io.BytesIO(legend_png(replace(piece, lines=()), density=4)))
        width, height = piece.width * scale, piece.height * scale
        self._canvas.drawImage(picture, placed.x, placed.y, width, height)
        for line in piece.lines:
            up = placed.y + (piece.height - line.y) * scale
            size = line.size * scale / self._growth
            self.text(placed.x + line.x * scale, up, line.text, size, line.face)

    def scale(self) -> None:
        """Scale in figures, its bar, the distance of the grid, north."""
        foot, asked, canvas, growth = self._layout.foot, self._asked, self._canvas, self._growth
        x, y = foot.x, foot.top - 12 * MM * growth
        heading = f"{self.say(words.SCALE)} 1:{self.figure(asked.scale)}"
        self.text(x, y + 14 * growth, heading, 10, HEADING_FACE)
        metres = bar_length(asked.scale, BAR * growth)
        long = metres * 1000 * MM / asked.scale
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.5 * growth)
        for quarter in range(4):
            canvas.setFillColor(INK if quarter % 2 == 0 else "#FFFFFF")
            canvas.rect(x + quarter * long / 4, y, long / 4, 4 * growth, fill=1)
        self.text(x, y - 8 * growth, "0", SMALL)
        end = f"{self.figure(metres)} m" if metres < 2000 else f"{self.figure(metres // 1000)} km"
        self.text(x + long - 4 * growth, y - 8 * growth, end, SMALL)
        apart = self.say(words.GRID).format(metres=self.figure(spacing(asked.scale)))
        self.text(x, y - 20 * growth, apart, SMALL, ink=QUIET)
        self.north(x + (BAR + 8 * MM) * growth, y - 4 * growth)

    def north(self, x: float, y: float) -> None:
        """North of the grid, which is up."""
        canvas, growth = self._canvas, self._growth
        canvas.setLineWidth(0.5 * growth)
        for side, ink in ((-1, INK), (1, "#FFFFFF")):
            path = canvas.beginPath()
            path.moveTo(x, y + 24 * growth)
            path.lineTo(x + side * 6 * growth, y)
            path.lineTo(x, y + 5 * growth)
            path.close()
            canvas.setFillColor(ink)
            canvas.drawPath(path, fill=1, stroke=1)
        canvas.setFillColor(INK)
        canvas.setFont(HEADING_FACE, 8 * growth)
        canvas.drawCentredString(x, y + 27 * growth, self.say(words.NORTH))

    def facts(self) -> None:
        """When, from what, how sure; in the foot as much as there is room for."""
        foot, growth = self._layout.foot, self._growth
        start, line = foot.x + FACTS_X * growth, SMALL * growth
        width, room = foot.right - SEAL * growth - start - 3 * MM, foot.height - 3 * MM * growth
        for size in (SMALL, SMALL * 0.88):
            said = self.statements(size)
            if sum(each.wrap(width, 1e6)[1] + 2 * growth for each in said) <= room - line:
                break
        # The lowest line is for saying that there is more.
        self.words_in(Rect(start, foot.y + line, width, room - line), said)
        if self._left_words:
            self.text(start, foot.y, self.say(words.MORE), SMALL, ink=INK)

    def statements(self, size: float) -> list[Paragraph]:
        contents = self._contents
        when = f"{contents.at.astimezone(CITY_ZONE):%d/%m/%Y %H:%M}"
        said = [self.paragraph(self.say(words.PRINTED).format(when=when), BODY)]
        if contents.timed and self._asked.at is not None:
            titles = ", ".join(dict.fromkeys(self.say(each) for each in contents.timed))
            line = self.say(words.AS_OF).format(when=moment_said(self._asked.at), titles=titles)
            said.append(self.paragraph(line, BODY))
        page = contents.address.partition("?")[0]
        said.append(self.paragraph(self.say(words.CHECK).format(address=page), size))
        for heading, texts in ((words.SOURCES, contents.sources), (words.ACCURACY, contents.notices)):
            sentences = dict.fromkeys(sentence(self.say(each)) for each in texts)
            said.append(self.paragraph(f"{self.say(heading)}: {' '.join(sentences)}", size))
        return said

    def words_in(self, place: Rect, said: Sequence[Paragraph]) -> float:
        """As many of the paragraphs as there is room for from the top of ``place`` on; the y below them.

        What is left is kept for a further page.
        """
        y, left = place.top, list(said)
        while left:
            room = y - place.y
            _, high = left[0].wrap(place.width, room)
            if high > room:
                pieces = left[0].split(place.width, room)
                if len(pieces) < 2:
                    break
                left[:1] = pieces
                continue
            left.pop(0).drawOn(self._canvas, place.x, y - high)
            y -= high + 2 * self._growth
        self._left_words = left
        return y

    def seal(self) -> None:
        """The code by which the sheet is checked, for a telephone and for eyes."""
        foot, growth = self._layout.foot, self._growth
        picture = io.BytesIO()
        segno.make(self._contents.address, error="m", micro=False).save(
            picture, kind="png", scale=8, border=2
        )
        side = 27 * MM * growth
        x, y = foot.right - side, foot.top - side
        self._canvas.drawImage(ImageReader(io.BytesIO(picture.getvalue())), x, y, side, side)
        left = foot.right - SEAL * growth + 2 * MM * growth
        self.text(left, y - 7 * growth, self.say(words.SCAN), SMALL, ink=QUIET)
        groups = self._contents.code.split("-")
        codes = ["-".join(groups[at : at + 4]) for at in range(0, len(groups), 4)]
        widest = max(pdfmetrics.stringWidth(code, HEADING_FACE, SMALL * growth) for code in codes)
        size = SMALL * min(1.0, (foot.right - left) / widest)
        for row, code in enumerate(codes):
            self.text(left, y - (16 + 8 * row) * growth, code, size, HEADING_FACE)

    def further(self, page: int) -> None:
        """A page of what the sheet had no room for, that says which sheet it belongs to."""
        self._canvas.showPage()
        head, body, growth = self._layout.head, self._layout.body, self._growth
        title = self.paragraph(self._contents.title, BODY, HEADING_FACE, INK)
        _, high = title.wrap(head.width, head.height)
        title.drawOn(self._canvas, head.x, head.top - high)
        belongs = self.say(words.PAGE).format(page=number(page, "en"), code=self._contents.code)
        self.text(head.x, head.top - high - 9 * growth, belongs, SMALL, ink=QUIET)
        below = self.words_in(body, self._left_words)
        if self._left_legend and below - body.y > body.height / 4:
            place = replace(body, height=below - body.y)
            self._left_legend = self.legend_in(place, self._left_legend, words.LEGEND)


def moment_said(moment: datetime) -> str:
    """A moment in the city's time; one that begins a day is the day."""
    local = moment.astimezone(CITY_ZONE)
    return f"{local:%d/%m/%Y}" if local.time() == time.min else f"{local:%d/%m/%Y %H:%M}"


def sentence(text: str) -> str:
    """``text`` with the full stop that lets another follow."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
