"""``/print/map.pdf`` draws a sheet, ``/print/check`` says whether one is ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from math import cos, radians

from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.problems import not_found
from gis_core.registry import Published
from gis_core.styles.folding import zoom_of
from gis_core.words import Text
from tilesrv import pages
from tilesrv.catalogue import Watch
from tilesrv.http import Request, Response, busy
from tilesrv.metadata import Metadata
from tilesrv.printing import words
from tilesrv.printing.asked import GRIDS, PARAMETERS, Asked, asked_for
from tilesrv.printing.graticule import written
from tilesrv.printing.paper import PX
from tilesrv.printing.proof import facts_of, signed
from tilesrv.render.picture import Drawing, Picture
from tilesrv.render.picture_tiles import drawing_of
from tilesrv.render.pool import Renderer
from tilesrv.styles.book import BASEMAP, style_named
from tilesrv.styles.legend import Section, legend

DEADLINE_S = 60.0
MOST_WAITING = 8  # beyond, a sheet would be ready long after its asker has gone
CSS_PX_M = 0.0254 / 96


class Print:
    """Printed maps of this process."""

    def __init__(self, config: Config, watch: Watch, metadata: Metadata, renderer: Renderer) -> None:
        self._config = config
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
        if name == "check":
            return self._check(request)
        raise not_found("no-such-page", "Không có địa chỉ này.", "There is no such address.")

    async def _sheet(self, request: Request, caller: Caller) -> Response:
        asked = asked_for(request.parameters(PARAMETERS), request.language)
        drawings = self._drawings(caller, asked)
        sections = [each for drawing in drawings for each in self._legend(drawing, caller, asked)]
        picture = picture_of(asked, drawings)
        async with self._turn():
            now = datetime.now(UTC)
            map_pdf = await self._renderer.draw(caller, picture, deadline_s=DEADLINE_S)
            body = await asyncio.to_thread(
                self._composed, request, caller, asked, drawings, sections, now, map_pdf
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
        styles = [style_named(catalogue, caller, name, mode="print") for name in asked.layers]
        return tuple(drawing_of(catalogue, caller, style, asked.at) for style in styles)

    def _legend(self, drawing: Drawing, caller: Caller, asked: Asked) -> Sequence[Section]:
        """The ground explains itself."""
        if drawing.style.id == BASEMAP:
            return ()
        published = {each.layer.id: each for each in drawing.published}
        return legend(drawing.style, published, caller, sheet_zoom(asked))

    def _composed(
        self,
        request: Request,
        caller: Caller,
        asked: Asked,
        drawings: Sequence[Drawing],
        sections: Sequence[Section],
        now: datetime,
        map_pdf: bytes,
    ) -> bytes:
        from tilesrv.printing.sheet import (  # what it needs weighs 40 MB: not for who never prints
            Contents,
            composed,
        )

        title = asked.title or words.TITLE.to(asked.language)
        shown = [each for drawing in drawings for each in drawing.published]
        text, code = signed(self._config, sheet_facts(asked, title, caller, now))
        contents = Contents(
            asked=asked,
            title=title,
            sections=sections,
            sources=list(texts(shown, "credit")) or [words.NO_SOURCE],
            notices=[words.TRANSFORMATION, *texts(shown, "notice")],
            at=now,
            address=f"{self._metadata.origin(request)}/print/check?d={text}",
            code=code,
        )
        return composed(contents, map_pdf)

    def _check(self, request: Request) -> Response:
        given = request.parameters(("d", "lang"))
        language = given.get("lang", request.language)
        found = facts_of(self._config, given.get("d", ""))
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
        if found is None:
            document: dict[str, object] = {
                "title": words.CHECK.to(language),
                "description": words.NOT_OURS.to(language),
            }
            return Response(404, pages.page(document, language), headers)
        facts, code = found
        document = {
            "title": words.GENUINE.to(language),
            "description": words.GENUINE_MEANS.to(language),
            **{label.to(language): facts[key] for key, label in words.FACTS.items() if key in facts},
            words.FACTS["code"].to(language): code,
        }
        return Response(200, pages.page(document, language), headers)


def picture_of(asked: Asked, drawings: tuple[Drawing, ...]) -> Picture:
    """The map in its frame: a page of Mapnik's is as many points as the frame."""
    frame = asked.layout.map
    return Picture(
        drawings=drawings,
        srid=asked.srid,
        box=asked.box,
        width=frame.width / PX,
        height=frame.height / PX,
        scale=PX,
        background="#ffffff",
        format="pdf",
        zoom=sheet_zoom(asked),
    )


def sheet_zoom(asked: Asked) -> float:
    """The zoom at which a CSS px shows as much ground as on the sheet."""
    return min(24.0, zoom_of(asked.scale * CSS_PX_M / cos(radians(asked.center[1]))) - 1e-9)


def texts(shown: Sequence[Published], name: str) -> Iterator[Text]:
    for each in shown:
        said = getattr(each.layer, name)
        if said is not None:
            yield said


def sheet_facts(asked: Asked, title: str, caller: Caller, now: datetime) -> dict[str, object]:
    """What the verification page tells: of the sheet, not of the person."""
    return {
        "title": title,
        "layers": list(asked.layers),
        "center": f"{asked.center[0]}, {asked.center[1]}",
        "scale": f"1:{written(asked.scale)}",
        "paper": f"{asked.paper} {asked.orientation}",
        "grid": f"{GRIDS[asked.srid]} (EPSG:{asked.srid})",
        "printed": now.isoformat(timespec="seconds"),
        "seen_as": caller.audience,
    }
