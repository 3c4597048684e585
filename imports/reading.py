"""The rows of a file as they come from its reader, and what is known of them so far."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import islice
from typing import Any, Self

from numpy.typing import NDArray

from gis_core.layer import GeometryType
from gis_core.problems import Problem, bad_request
from gis_core.runtime.progress import Progress
from gis_core.words import Text
from imports.frames import MOST_FIELDS, Opening, Rows
from imports.intake import Intake
from imports.openstreetmap import mapped
from imports.profile import Profile
from imports.progress import READING
from imports.request import ImportRequest, Target
from imports.sandbox import run_reader
from imports.shapes import packed_if_fit
from imports.source_crs import stated_crs
from imports.spool import Spool

BEGINNING = 3  # batches by which it is guessed how a file goes on


class Reading:
    """One file that is being read into ``spool``; its reader ends with the object."""

    def __init__(
        self, request: ImportRequest, intake: Intake, target: Target, spool: Spool, progress: Progress
    ) -> None:
        options = {"source_layer": request.source_layer}
        if target.osm is not None:
            options["elements"] = ",".join(sorted(target.osm.elements))
        self.spool, self.profile, self.opening = spool, Profile(), Opening("")
        self._request, self._target, self._progress = request, target, progress
        self._messages = run_reader(intake, options)
        self._read_on = self._batches()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._read_on.close()
        self._messages.close()

    def goes_on(self) -> bool:
        """Whether the file is longer than its beginning, and nothing is to be said of the geometries there."""
        begun = [packed for _, packed in islice(self._read_on, BEGINNING)]
        return len(begun) == BEGINNING and None not in begun

    def batches(self) -> Iterator[tuple[Rows, GeometryType | None]]:
        """All of them as the spool has them: those that have been read, then the others as they are read."""
        yield from list(self.spool.batches())
        # Not delegated to: should nobody want more of these, the reading itself goes on.
        while (each := next(self._read_on, None)) is not None:
            yield each
        self.to_the_end()

    def to_the_end(self) -> None:
        """Read what is left; Problem 400 where the file holds no row."""
        for _ in self._read_on:
            pass
        self._progress.done(self.spool.rows)
        if not self.spool.rows:
            raise Problem(
                400,
                "no-features",
                Text("Tệp không có đối tượng nào cho lớp này.", "The file has no feature for this layer."),
                parameter="file",
            )

    def _batches(self) -> Generator[tuple[Rows, GeometryType | None]]:
        for message in self._messages:
            if isinstance(message, Opening):
                self.opening = message
                continue
            rows = message
            if self._target.osm is not None and self._target.layer is not None:
                rows = mapped(rows, self._target.osm, self._target.layer)
            found = self.profile.see(rows)
            if len(self.profile.fields) > MOST_FIELDS:
                raise too_many_columns()
            packed = self._packed_now(rows, found)
            self.spool.add(rows, packed)
            self._progress.at(READING, self.spool.rows)
            yield rows, packed

    def _packed_now(self, rows: Rows, found: NDArray[Any]) -> GeometryType | None:
        """Make the geometries of a dataset's rows fit while the file is read, which leaves time for it, and put them
        into ``rows`` as the database takes them; their type. None where something is to be said of one of them, later.
        """
        if not self._target.is_dataset or self._target.osm is not None or rows.faults:
            return None
        crs = stated_crs(self._request.crs, self.opening)
        done = packed_if_fit(found, rows.wkb, crs) if crs is not None else None
        if done is None:
            return None
        rows.wkb, kind = [*done[0]], done[1]
        return kind


def too_many_columns() -> Problem:
    return bad_request(
        "too-many-columns",
        f"Tệp có hơn {MOST_FIELDS} cột. Hãy bỏ bớt cột trong QGIS (Refactor Fields), hoặc chia thành nhiều lớp.",
        f"The file has more than {MOST_FIELDS} columns. Drop columns in QGIS (Refactor Fields), or split the layer.",
        parameter="file",
    )
