"""From a request to an archive in its place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from gis_core.config import Config
from gis_core.problems import Problem
from gis_core.runtime.progress import Progress
from gis_core.words import Text
from tilesrv.export.archives import write_archive
from tilesrv.export.description import describe
from tilesrv.export.partial import Partial
from tilesrv.export.request import ExportRequest, check_file
from tilesrv.export.run import collect


@dataclass(frozen=True)
class Archive:
    """What was written. ``size`` in bytes; ``as_of`` is the RFC 3339 time of the data."""

    file: Path
    tiles: int
    different: int
    size: int
    as_of: str


def export_tiles(request: ExportRequest, config: Config, progress: Progress | None = None) -> Archive:
    """Write the archive that is asked for; it is there whole, or not at all.

    What is done so far stays in ``request.unfinished`` if this ends early, and is gone once the archive is there.
    Raises Problem where the request is refused or the database stays away, OSError or sqlite3.OperationalError where
    nothing can be written, KeyboardInterrupt.
    """
    check_file(request)
    progress = progress or Progress(None)
    unfinished = Partial(request.unfinished)
    done = False
    try:
        outcome = asyncio.run(collect(request, unfinished, config, progress))
        tiles, different = unfinished.counts()
        if not tiles or outcome.box is None:
            done = True
            raise nothing_to_show()
        description = describe(outcome, request, unfinished.zooms())
        write_archive(
            request.format,
            unfinished,
            request.file,
            description,
            private=request.caller.audience != "citizen",
        )
        done = True
    finally:
        unfinished.close(remove=done or unfinished.get("request") is None)
    return Archive(request.file, tiles, different, request.file.stat().st_size, outcome.as_of)


def nothing_to_show() -> Problem:
    return Problem(
        404,
        "nothing-to-export",
        Text(
            "Không có gì để xuất: các lớp này không có đối tượng nào trong vùng và mức thu phóng đã chọn.",
            "There is nothing to export: these layers have no feature in that area and at those zooms.",
        ),
    )
