"""``/print/map.pdf`` draws a sheet. The pages around it, a form and a check of the paper, are those of ``web``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.invented import invented_said
from gis_core.problems import not_found
from gis_core.registry import Published
from gis_core.terrain import Terrain
from gis_core.words import Text
from tilesrv.catalogue import Watch
from tilesrv.database import Database
from tilesrv.http import Request, Response, busy
from tilesrv.metadata import Metadata
from tilesrv.printing import words
from tilesrv.printing.asked import PARAMETERS, Asked, asked_for
from tilesrv.printing.on_sheet import Sheet, looked_at
from tilesrv.printing.paper import PX
from tilesrv.printing.proof import Facts, sealed
from tilesrv.printing.shown import drawn_at, sheet_zoom
from tilesrv.render.of_then import drawings_of_then
from tilesrv.render.picture import Drawing, Picture
from tilesrv.render.pool import Renderer
from tilesrv.styles.book import BASEMAP, style_named
from tilesrv.styles.legend import Section, legend
from tilesrv.terrain.models import has_relief

DEADLINE_S = 40.0  # with the wait for a turn, less than the front door waits for us
MOST_RELIEF_PX = 2**24  # the largest sheet is read from so far that its points are fine enough
MOST_WAITING = 8  # beyond, a sheet would be ready long after its asker has gone
# Pages of `web` to which a sheet's QR code leads, by the sheet's language.
CHECK_PAGES = {"vi": "/print/check", "en": "/en/print/check"}


class Print:
    """Printed maps of this process."""

    def __init__(
        self, config: Config, watch: Watch, metadata: Metadata, renderer: Renderer, database: Database
    ) -> None:
        self._config = config
        self._database = database
        self._watch = watch
        self._metadata = metadata
        self._renderer = renderer
        # A sheet of A0 is drawn for seconds: one process is always left to the maps on screens.
        self._turns = asyncio.Semaphore(max(1, renderer.size - 1))
        self._waiting = 0

    async def answer(self, request: Request, caller: Caller, name: str) -> Response:
        """``name`` is what follows ``/print/``. Problems: 400 for what is asked wrongly, 404, 503."""
        if name == "map.pdf":
            return await self._sheet(request, caller)
        raise not_found("no-such-page", "Không có địa chỉ này.", "There is no such address.")

    async def _sheet(self, request: Request, caller: Caller) -> Response:
        asked = asked_for(request.parameters(PARAMETERS), request.language)
        drawings = self._drawings(caller, asked)
        picture = picture_of(asked, drawings)
        async with self._turn():
            now = datetime.now(UTC)
            sheet = await looked_at(self._database, caller, asked, drawings, sheet_zoom(asked))
            map_pdf = await self._renderer.draw(caller, picture, deadline_s=DEADLINE_S)
            body = await asyncio.to_thread(
                self._composed, request, caller, asked, drawings, sheet, now, map_pdf
            )
        name = f"huong-1-{asked.scale}.pdf".encode()
        headers = [
            (b"content-type", b"application/pdf"),
            (b"content-disposition", b'inline; filename="' + name + b'"'),
            (b"cache-control", b"private, no-store"),
        ]
        return Response(200, body, headers)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """A place at the press; Problem 503 where many wait for one already."""
        if self._waiting >= MOST_WAITING:
            raise busy(10)
        self._waiting += 1
        try:
            async with self._turns:
                yield
        finally:
            self._waiting -= 1

    def _drawings(self, caller: Caller, asked: Asked) -> tuple[Drawing, ...]:
        catalogue = self._watch.now.catalogue
        styles = [style_named(catalogue, caller, name, mode=asked.mode) for name in asked.layers]
        return drawings_of_then(catalogue, caller, styles, asked.at)

    def _legend(self, drawing: Drawing, caller: Caller, asked: Asked, sheet: Sheet) -> Sequence[Section]:
        """The lines of what is on the sheet at its scale; the ground explains itself."""
        if drawing.style.id == BASEMAP:
            return ()
        published = {each.layer.id: each for each in drawing.published}
        zoom = sheet_zoom(asked)
        return legend(drawn_at(drawing.style, published, zoom), published, caller, zoom, sheet.present)

    def _composed(
        self,
        request: Request,
        caller: Caller,
        asked: Asked,
        drawings: Sequence[Drawing],
        sheet: Sheet,
        now: datetime,
        map_pdf: bytes,
    ) -> bytes:
        from tilesrv.printing.sheet import (  # what it needs weighs 40 MB: not for who never prints
            Contents,
            composed,
        )

        title = asked.title or words.TITLE.to(asked.language)
        drawn = [each for drawing in drawings for each in drawing.published]
        shown = [each for each in drawn if sheet.of(each.layer.id).is_there]
        seal = sealed(self._config, Facts.of(asked, title, caller, now))
        contents = Contents(
            asked=asked,
            title=title,
            sections=[line for each in drawings for line in self._legend(each, caller, asked, sheet)],
            sources=[*credits_of(shown, sheet), *self._heights(drawings)] or [words.NO_SOURCE],
            notices=[words.TRANSFORMATION, *texts(shown, "notice")],
            timed=[each.layer.title for each in shown if each.layer.has_intervals] if asked.at else (),
            at=now,
            address=f"{self._metadata.origin(request)}{CHECK_PAGES[asked.language]}?d={seal.text}",
            code=seal.code,
        )
        return composed(contents, map_pdf)

    def _heights(self, drawings: Sequence[Drawing]) -> Iterator[Text]:
        """Whose heights the relief on a sheet is drawn from."""
        model = Terrain(self._config.var).now()  # of this thread alone
        if model and model.credit and has_relief(*(each.style for each in drawings)):
            yield Text(model.credit, model.credit)


def picture_of(asked: Asked, drawings: tuple[Drawing, ...]) -> Picture:
    """The map for its frame: a page of Mapnik's is as many points as the frame, or twice as many where relief, which
    is a picture of a px to a point, is to be finer than its points."""
    frame = asked.layout.map
    is_shaded = has_relief(*(each.style for each in drawings))
    finer = 2 if is_shaded and frame.width * frame.height * 4 <= MOST_RELIEF_PX else 1
    return Picture(
        drawings=drawings,
        srid=asked.srid,
        box=asked.box,
        width=frame.width / PX,
        height=frame.height / PX,
        scale=PX * finer,
        background="#ffffff",
        format="pdf",
        zoom=sheet_zoom(asked),
    )


def credits_of(shown: Sequence[Published], sheet: Sheet) -> list[Text]:
    """Whose data is on the sheet; of the layers whose features there are invented, that they are."""
    credits = [each.layer.credit for each in shown if each.layer.credit and sheet.of(each.layer.id).real]
    invented = [each.layer.title for each in shown if sheet.of(each.layer.id).invented]
    if invented:
        credits.append(Text(invented_said(invented, "vi"), invented_said(invented, "en")))
    return credits


def texts(shown: Sequence[Published], name: str) -> Iterator[Text]:
    for each in shown:
        said = getattr(each.layer, name)
        if said is not None:
            yield said
