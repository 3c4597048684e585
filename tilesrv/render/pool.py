"""The processes that draw: started when first needed, ended when idle or swollen, killed at the deadline."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import msgspec

from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.outages import unreadable
from gis_core.problems import Problem
from gis_core.terrain import Terrain
from gis_core.words import Text
from tilesrv.catalogue import Watch
from tilesrv.http import busy
from tilesrv.render.compiling import Compilations
from tilesrv.render.job import Drawn, Job, frame
from tilesrv.render.large import LargeTurns, is_large
from tilesrv.render.picture import Format, Picture

log = logging.getLogger(__name__)

DEADLINE_S = 10.0
# Waiting for a turn is counted apart: of many pictures asked at once the last is drawn too, where each is quick.
QUEUE_S = 15.0
MOST_WAITING = 64
IDLE_S = 120.0
# For so long a drawing that nobody waits for may go on: ending its process costs the next one as much.
GRACE_S = 0.3
SWOLLEN_MB = 600  # past this a process is replaced after its answer
decoder = msgspec.msgpack.Decoder(Drawn)
# How a query of a collection begins (`Published.mark`), which the database quotes where it refuses it.
MARK = re.compile(r"/\*([a-z][a-z0-9_]*) v\d+\*/")


class Cut(tuple[bytes, ...]):
    """Pictures row by row; ``missing`` are the titles of the collections that are not drawn in them."""

    missing: Sequence[Text] = ()


class RenderFault(RuntimeError):
    """Mapnik could not draw a job; its words are for the log."""


class Refused(RenderFault):
    """The process said so itself, as it does where a view is no longer what it was when the job was written."""


@dataclass(eq=False)
class Worker:
    """One process; ``reading`` and ``writing`` carry frames (`job.frame`)."""

    process: asyncio.subprocess.Process
    idle_since: float = field(default_factory=time.monotonic)

    async def draw(self, job: Job) -> Drawn:
        """The answer to ``job``; EOFError where the process died over it."""
        writing, reading = self.process.stdin, self.process.stdout
        assert writing is not None and reading is not None
        try:
            writing.write(frame(job))
            await writing.drain()
            head = await reading.readexactly(4)
            return decoder.decode(await reading.readexactly(int.from_bytes(head)))
        except (OSError, asyncio.IncompleteReadError) as error:
            raise EOFError("a render process died") from error

    async def end(self) -> None:
        """Kill it, with the query that it runs: the database notices that its reader is gone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


# What a drawing frees is kept for the next one: to be given megabytes by the system anew each time takes a fifth of the
# drawing. After a large picture all of it is given back (`worker.serve`).
MEMORY = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(8 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(32 << 20),
}


async def start_worker() -> Worker:
    environment = {**os.environ, **MEMORY, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tilesrv.render.worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
        limit=2**26,
    )
    return Worker(process)


class Renderer:
    """Draws pictures for this process of the tile server, ``size`` at a time."""

    def __init__(self, config: Config, watch: Watch, *, size: int | None = None) -> None:
        self._config = config
        self._watch = watch
        self._compiled = Compilations(Terrain(config.var))
        self.size = size or max(1, min(4, os.cpu_count() or 1))
        self._free: list[Worker] = []
        self._turns = asyncio.Semaphore(self.size)
        self._large = LargeTurns(max(1, self.size // 2), patience_s=QUEUE_S)
        self._waiting = 0
        self._busy: set[Worker] = set()
        self._drawing: set[asyncio.Task[Drawn]] = set()

    async def draw(self, caller: Caller, picture: Picture, *, deadline_s: float = DEADLINE_S) -> bytes:
        """The encoded picture, as `draw_cut` makes it."""
        return (await self.draw_cut(caller, picture, cut=1, deadline_s=deadline_s))[0]

    async def draw_cut(
        self,
        caller: Caller,
        picture: Picture,
        *,
        cut: int,
        deadline_s: float = DEADLINE_S,
        whole: bool = False,
    ) -> Cut:
        """The picture as ``cut`` by ``cut`` pictures of equal size, row by row from the north.

        A collection that cannot be read, or is too slow, is left out of a picture of several and named on it (on the
        first of many); a ``whole`` picture, and a page (PDF, SVG), is made with all of them or not at all. Problems:
        503 where it is not ready ``deadline_s`` after its turn came, its turn does not come, too many wait, or nothing
        of it can be read. A caller that is cancelled leaves the queue; what is being drawn for him is ended. A large
        picture waits for a turn among large ones first: at least half of the processes are there for small ones.
        """
        if is_large(picture, cut):
            async with self._large.turn():
                return await self._drawn(caller, picture, cut, deadline_s, whole=whole)
        return await self._drawn(caller, picture, cut, deadline_s, whole=whole)

    async def _drawn(
        self, caller: Caller, picture: Picture, cut: int, deadline_s: float, *, whole: bool
    ) -> Cut:
        """`draw_cut`, for whoever may wait for one of the processes."""
        if self._waiting >= MOST_WAITING:
            raise busy()
        left_out: dict[str, Text] = {}
        self._waiting += 1
        begun_at: float | None = None
        try:
            async with asyncio.timeout(QUEUE_S) as limit:
                while True:
                    job = self._compiled.job(
                        picture,
                        self._watch.now,
                        caller,
                        lambda: self._config.connection(caller.audience),
                        cut=cut,
                        without=left_out,
                    )
                    await self._turns.acquire()
                    if begun_at is None:
                        begun_at = asyncio.get_running_loop().time()
                        limit.reschedule(begun_at + deadline_s)
                    drawn = await self._while_waited_for(self._begun(job), limit)
                    if not drawn.error:
                        break
                    left_out |= await self._at_fault(picture, drawn.error, left_out, whole=whole)
        except TimeoutError:
            raise (busy() if begun_at is None else too_slow()) from None
        finally:
            self._waiting -= 1
        return await with_note(drawn.pictures, picture.format, list(left_out.values()))

    async def _at_fault(
        self, picture: Picture, words: str, left_out: Collection[str], *, whole: bool
    ) -> dict[str, Text]:
        """The collections that Mapnik's ``words`` blame, by id, with their titles.

        Raises the fault where they are no longer what the picture was compiled for, or where no other is left to draw.
        """
        drawn = {each.layer.id: each for drawing in picture.drawings for each in drawing.published}
        fault = fault_of(words)
        blamed = {found[1]: drawn[found[1]] for found in MARK.finditer(words) if found[1] in drawn}
        if isinstance(fault, Refused) and blamed:
            now = (await self._watch.refresh()).catalogue.layers
            if any(key not in now or now[key].version != each.version for key, each in blamed.items()):
                raise fault
            fault = unreadable()
        more = {key: each.layer.title for key, each in blamed.items() if key not in left_out}
        if whole or picture.format in ("pdf", "svg") or not more or len(more) + len(left_out) == len(drawn):
            raise fault
        log.warning("drawn without %s", ", ".join(more))  # the words quote the query
        return more

    def _begun(self, job: Job) -> asyncio.Task[Drawn]:
        """The drawing of ``job``, which has a turn and gives it back."""
        drawing = asyncio.create_task(self._drawn_by_someone(job))
        self._drawing.add(drawing)
        drawing.add_done_callback(self._drawing.discard)
        drawing.add_done_callback(lambda _: self._turns.release())
        return drawing

    async def _while_waited_for(self, drawing: asyncio.Task[Drawn], limit: asyncio.Timeout) -> Drawn:
        """The answer; where the wait for it is given up it is ended: at once at the deadline, else after `GRACE_S`."""
        try:
            return await asyncio.shield(drawing)
        except asyncio.CancelledError:
            if limit.expired():
                drawing.cancel()
                await asyncio.wait((drawing,))
            else:
                asyncio.get_running_loop().call_later(GRACE_S, drawing.cancel)
            raise

    async def _drawn_by_someone(self, job: Job) -> Drawn:
        """The answer of a free process, or of a new one, which is killed where this is cancelled."""
        worker = self._free.pop() if self._free else await start_worker()
        self._busy.add(worker)
        answered = False
        try:
            drawn = await worker.draw(job)
            answered = drawn.size_mb <= SWOLLEN_MB and not drawn.is_worn
            return drawn
        except EOFError as error:
            raise RenderFault(str(error)) from error
        finally:
            self._busy.discard(worker)
            if answered:
                worker.idle_since = time.monotonic()
                self._free.append(worker)
            else:
                await asyncio.shield(worker.end())

    async def rest(self) -> None:
        """End processes that have had nothing to draw for a while, for ever."""
        while True:
            await asyncio.sleep(IDLE_S / 4)
            due = [each for each in self._free if time.monotonic() - each.idle_since > IDLE_S]
            self._free = [each for each in self._free if each not in due]
            for worker in due:
                await worker.end()

    async def close(self) -> None:
        for drawing in self._drawing:
            drawing.cancel()
        await asyncio.gather(*self._drawing, return_exceptions=True)
        for worker in [*self._free, *self._busy]:
            await worker.end()
        self._free.clear()


async def with_note(pictures: Sequence[bytes], format_: Format, missing: Sequence[Text]) -> Cut:
    """The pictures, the first of them with the names of what is ``missing``."""
    if not missing:
        return Cut(pictures)
    from tilesrv.render.noting import noted

    first = await asyncio.to_thread(noted, pictures[0], format_, missing)
    cut = Cut((first, *pictures[1:]))
    cut.missing = missing
    return cut


def fault_of(words: str) -> Exception:
    """A query that was too slow or a database that is away is a 503; the rest is a fault of ours."""
    if "statement timeout" in words or "canceling statement" in words:
        return too_slow()
    if "onnection" in words:
        log.warning("a picture could not read the database")  # the words quote the query
        return busy()
    return Refused(words)


def too_slow() -> Problem:
    return Problem(
        503,
        "picture-too-slow",
        Text(
            "Ảnh bản đồ này cần quá nhiều thời gian; hãy chọn vùng nhỏ hơn hoặc ít lớp hơn.",
            "This picture takes too long; choose a smaller area or fewer layers.",
        ),
        headers={"Retry-After": "5"},
    )
