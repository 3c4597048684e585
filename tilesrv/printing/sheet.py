"""The sheet drawn: ReportLab writes what stands around the map, the map is Mapnik's page put into its frame."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import segno
from pypdf import PdfReader, PdfWriter, Transformation
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from gis_core.words import Text
from tilesrv.assets.fonts import font_faces
from tilesrv.printing import words
from tilesrv.printing.asked import GRIDS, Asked
from tilesrv.printing.graticule import bar_length, grid_lines, spacing, written
from tilesrv.printing.paper import MM, Layout, Rect
from tilesrv.styles.legend import Section
from tilesrv.styles.legend_layout import FACE, HEADING_FACE, ROW, Sheet, sheet
from tilesrv.styles.legend_png import legend_png, text_width

INK, QUIET = "#1C2430", "#55606E"
HCM = ZoneInfo("Asia/Ho_Chi_Minh")
SMALL, BODY, TITLE = 6.5, 8.0, 15.0
LEGEND_SCALE = 0.55  # points to a px of the legend
LEGEND_COLUMN = 58 * MM


@dataclass(frozen=True)
class Contents:
    """What is on a sheet besides the map."""

    asked: Asked
    title: str
    sections: Sequence[Section]
    sources: Sequence[Text]
    notices: Sequence[Text]
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
    """The map under the sheet's lines, moved into its frame and cut at its edges."""
    page = PdfReader(io.BytesIO(sheet_pdf)).pages[0]
    picture = PdfReader(io.BytesIO(map_pdf)).pages[0]
    writer = PdfWriter()
    target = writer.add_page(page)
    target.merge_transformed_page(picture, Transformation().translate(frame.x, frame.y), over=False)
    writer.add_metadata(PdfReader(io.BytesIO(sheet_pdf)).metadata or {})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def in_parts(sections: Sequence[Section], rows: int) -> Iterator[Section]:
    """The sections, the long ones in pieces of ``rows`` lines that find room in a column."""
    for section in sections:
        for at in range(0, len(section.entries), rows):
            yield replace(section, entries=section.entries[at : at + rows])


class Drawing:
    """Draws the parts of a sheet on a ReportLab canvas."""

    def __init__(self, canvas: Canvas, contents: Contents, layout: Layout) -> None:
        self._canvas = canvas
        self._contents = contents
        self._layout = layout
        self._asked = contents.asked

    def draw(self) -> None:
        self.head()
        self.grid()
        self.legend()
        self.scale()
        self.facts()
        self.seal()

    def text(
        self, x: float, y: float, text: str, size: float = BODY, face: str = FACE, ink: str = INK
    ) -> None:
        self._canvas.setFillColor(ink)
        self._canvas.setFont(face, size)
        self._canvas.drawString(x, y, text)

    def paragraph(
        self, x: float, y: float, width: float, text: str, size: float = SMALL, most: int = 20
    ) -> float:
        """``text`` broken to ``width``, at most ``most`` lines; the y below it."""
        line = ""
        lines = []
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and text_width(longer, size, FACE) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
        if len(lines) > most > 0:
            lines[most - 1] += " …"
        for each in lines[:most]:
            self.text(x, y, each, size, ink=QUIET)
            y -= size * 1.4
        return y

    def head(self) -> None:
        head, asked = self._layout.head, self._asked
        self.text(head.x, head.top - TITLE, self._contents.title, TITLE, HEADING_FACE)
        north, east = words.NORTH.to(asked.language), words.EAST.to(asked.language)
        middle = f"{asked.center[1]:.5f}° {north}, {asked.center[0]:.5f}° {east}"
        line = words.SUBTITLE.to(asked.language).format(
            scale=written(asked.scale), grid=f"{GRIDS[asked.srid]} (EPSG:{asked.srid})", middle=middle
        )
        self.text(head.x, head.top - TITLE - 13, line, BODY, ink=QUIET)

    def grid(self) -> None:
        """The frame, the lines of the grid within it, and their coordinates in the band around it."""
        frame, canvas = self._layout.map, self._canvas
        canvas.saveState()
        canvas.setStrokeColor("#7A8490", alpha=0.55)
        canvas.setLineWidth(0.3)
        lines = grid_lines(self._asked.box, frame, self._asked.scale)
        for line in lines:
            if line.axis == "x":
                canvas.line(line.at, frame.y, line.at, frame.top)
            else:
                canvas.line(frame.x, line.at, frame.right, line.at)
        canvas.restoreState()
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.8)
        canvas.rect(frame.x, frame.y, frame.width, frame.height)
        canvas.setFont(FACE, SMALL)
        canvas.setFillColor(INK)
        for line in lines:
            if line.axis == "x":
                canvas.drawCentredString(line.at, frame.top + 3, written(line.value))
                canvas.drawCentredString(line.at, frame.y - SMALL - 2, written(line.value))
            else:
                self.upright(frame.x - 3, line.at, written(line.value))
                self.upright(frame.right + SMALL + 2, line.at, written(line.value))

    def upright(self, x: float, y: float, text: str) -> None:
        self._canvas.saveState()
        self._canvas.translate(x, y)
        self._canvas.rotate(90)
        self._canvas.drawCentredString(0, 0, text)
        self._canvas.restoreState()

    def legend(self) -> None:
        """Swatches as one picture for each part, their words as text, in as many columns as there is room for."""
        place, language = self._layout.legend, self._asked.language
        self.text(place.x, place.top - BODY, words.LEGEND.to(language), BODY, HEADING_FACE)
        room = place.height - 14
        x, y = place.x, room
        rows = int(room / (ROW * LEGEND_SCALE)) - 2
        for part in in_parts(self._contents.sections, max(rows, 1)):
            laid_out = sheet([part], language, "print", text_width)
            high = laid_out.height * LEGEND_SCALE
            if high > y:
                x, y = x + LEGEND_COLUMN, room
            if x + LEGEND_COLUMN > place.right + 2:
                self.text(place.x + 50, place.top - BODY, words.MORE.to(language), SMALL, ink=QUIET)
                return
            self.legend_part(laid_out, x, place.y + y - high)
            y -= high

    def legend_part(self, part: Sheet, x: float, y: float) -> None:
        """``part`` with its lower left corner at ``x``, ``y``."""
        scale = LEGEND_SCALE
        picture = ImageReader(io.BytesIO(legend_png(replace(part, lines=()), density=4)))
        self._canvas.drawImage(picture, x, y, part.width * scale, part.height * scale)
        for line in part.lines:
            up = y + (part.height - line.y) * scale
            self.text(x + line.x * scale, up, line.text, line.size * scale, line.face)

    def scale(self) -> None:
        """Scale in figures, its bar, the distance of the grid, north."""
        foot, asked, canvas = self._layout.foot, self._asked, self._canvas
        x, y = foot.x, foot.top - 12 * MM
        self.text(x, y + 14, f"{words.SCALE.to(asked.language)} 1:{written(asked.scale)}", 10, HEADING_FACE)
        metres = bar_length(asked.scale, 52 * MM)
        long = metres * 1000 * MM / asked.scale
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.5)
        for number in range(4):
            canvas.setFillColor(INK if number % 2 == 0 else "#FFFFFF")
            canvas.rect(x + number * long / 4, y, long / 4, 4, fill=1)
        self.text(x, y - 8, "0", SMALL)
        end = f"{written(metres)} m" if metres < 2000 else f"{written(metres // 1000)} km"
        self.text(x + long - 4, y - 8, end, SMALL)
        apart = words.GRID.to(asked.language).format(metres=written(spacing(asked.scale)))
        self.text(x, y - 20, apart, SMALL, ink=QUIET)
        self.north(x + 60 * MM, y - 4)

    def north(self, x: float, y: float) -> None:
        """North of the grid, which is up."""
        canvas = self._canvas
        for side, ink in ((-1, INK), (1, "#FFFFFF")):
            path = canvas.beginPath()
            path.moveTo(x, y + 24)
            path.lineTo(x + side * 6, y)
            path.lineTo(x, y + 5)
            path.close()
            canvas.setFillColor(ink)
            canvas.drawPath(path, fill=1, stroke=1)
        canvas.setFillColor(INK)
        canvas.setFont(HEADING_FACE, 8)
        canvas.drawCentredString(x, y + 27, words.NORTH.to(self._asked.language))

    def facts(self) -> None:
        """When, from what, how sure."""
        foot, language = self._layout.foot, self._asked.language
        x, y, width = foot.x + 72 * MM, foot.top - 4 * MM, foot.width - 72 * MM - 34 * MM
        when = self._contents.at.astimezone(HCM)
        y = self.paragraph(
            x, y, width, words.PRINTED.to(language).format(when=f"{when:%d/%m/%Y %H:%M}"), BODY, 2
        )
        if self._asked.at is not None:
            shown = self._asked.at.astimezone(HCM)
            y = self.paragraph(
                x, y, width, words.AS_OF.to(language).format(when=f"{shown:%d/%m/%Y %H:%M}"), BODY, 2
            )
        for heading, texts in (
            (words.SOURCES, self._contents.sources),
            (words.ACCURACY, self._contents.notices),
        ):
            said = " ".join(dict.fromkeys(each.to(language) for each in texts))
            y = self.paragraph(x, y - 2, width, f"{heading.to(language)}: {said}", SMALL, 7)

    def seal(self) -> None:
        """The code by which the sheet is checked, for a telephone and for eyes."""
        foot, language = self._layout.foot, self._asked.language
        code = segno.make(self._contents.address, error="m", micro=False)
        picture = io.BytesIO()
        code.save(picture, kind="png", scale=6, border=2)
        side = 30 * MM
        x, y = foot.right - side, foot.top - side - 2 * MM
        self._canvas.drawImage(ImageReader(io.BytesIO(picture.getvalue())), x, y, side, side)
        self.text(x, y - 7, words.CHECK.to(language), SMALL, ink=QUIET)
        first, second = self._contents.code[:14], self._contents.code[15:]
        self.text(x, y - 16, first, SMALL + 0.5, HEADING_FACE)
        self.text(x, y - 24, second, SMALL + 0.5, HEADING_FACE)
