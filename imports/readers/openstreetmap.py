"""OpenStreetMap extracts: nodes, ways and areas that have tags, streamed by libosmium.

``options["elements"]`` names the kinds wanted, of ``node``, ``way`` (as the line that it is) and ``area`` (closed ways
and multipolygon relations, assembled). The identity of a row is ``way/123``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import batched
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

from imports.frames import ROWS_PER_FRAME, Closing, Message, Opening, Refusal, Rows
from imports.readers.shapes import Fault, packed

CUT_OFF: Fault = (
    "các nút của đường không có trong tệp (mảnh cắt thiếu)",
    "the nodes of the way are not in the file (an incomplete extract)",
)
XML_PLACE = re.compile(r"line (\d+), column (\d+)")
BAD_AREA: Fault = ("không dựng được vùng", "the area cannot be put together")


def read(path: Path, options: dict[str, str]) -> Iterator[Message]:
    """The messages of one extract; `libosmium` refuses XML entities by itself."""
    wanted = frozenset(options.get("elements", "node,way,area").split(","))
    yield Opening("", "OGC:CRS84", crs_stated=True, crs_words="WGS 84")
    count = 0
    try:
        for batch in batched(elements(path, wanted), ROWS_PER_FRAME):
            yield rows_of(batch, count)
            count += len(batch)
    except (RuntimeError, ValueError) as error:
        print(error, file=sys.stderr)  # for the log
        vi, en = why_broken(str(error))
        yield Refusal("broken-file", f"Tệp OpenStreetMap bị hỏng: {vi}.", f"The extract is broken: {en}.")
        return
    yield Closing(count)


Element = tuple[str, str, dict[str, str], Any, Fault | None]
"""kind, identity, tags, geometry (shapely) or None, fault."""


def elements(path: Path, wanted: frozenset[str]) -> Iterator[Element]:
    processor = osmium.FileProcessor(str(path)).with_locations("flex_mem")
    if "area" in wanted:
        processor = processor.with_areas()
    wkb = osmium.geom.WKBFactory()
    thing: Any  # the stubs do not narrow by is_way() and the like
    for thing in processor.with_filter(osmium.filter.EmptyTagFilter()):
        if not thing.visible:
            continue
        tags = dict(thing.tags)
        if thing.is_node() and "node" in wanted:
            yield "node", f"node/{thing.id}", tags, point_of(thing), None
        elif thing.is_way() and "way" in wanted:
            line = line_of(thing)
            yield "way", f"way/{thing.id}", tags, line, None if line is not None else CUT_OFF
        elif thing.is_area() and "area" in wanted:
            source = "way" if thing.from_way() else "relation"
            try:
                shape = shapely.from_wkb(wkb.create_multipolygon(thing))
                yield "area", f"{source}/{thing.orig_id()}", tags, shape, None
            except RuntimeError:
                yield "area", f"{source}/{thing.orig_id()}", tags, None, BAD_AREA


def why_broken(words: str) -> Fault:
    """What is the matter with a file of which libosmium says ``words``, and what to do."""
    if "gzip" in words or "bzip2" in words:
        return (
            "phần nén bị hỏng hoặc bị cắt; hãy tải hoặc chép lại tệp",
            "its compression is broken or cut off; download or copy it again",
        )
    if "entities" in words:
        return (
            "XML có khai báo thực thể, dạng này không đọc; hãy xuất lại bằng osmium",
            "its XML declares entities, which are not read; export it again with osmium",
        )
    found = XML_PLACE.search(words)
    if found is not None:
        line, column = found.groups()
        return (
            f"sai cú pháp XML ở dòng {line}, cột {column}; hãy tải lại hoặc xuất lại tệp",
            f"its XML is wrong at line {line}, column {column}; download or export it again",
        )
    return (
        "nội dung bị cắt hoặc không đúng dạng; hãy tải lại tệp, hoặc kiểm tra bằng: osmium fileinfo -e",
        "it is cut off or not of its format; download it again, or look at it with: osmium fileinfo -e",
    )


def point_of(node: Any) -> Any:
    return shapely.Point(node.location.lon, node.location.lat) if node.location.valid() else None


def line_of(way: Any) -> Any:
    """The way as a line; where nodes are missing, as the pieces between them, None where no piece is left."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            pieces[-1].append((node.location.lon, node.location.lat))
        elif pieces[-1]:
            pieces.append([])
    lines = [shapely.LineString(piece) for piece in pieces if len(piece) > 1]
    if len(lines) < 2:
        return lines[0] if lines else None
    return shapely.MultiLineString(lines)


def rows_of(batch: tuple[Element, ...], before: int) -> Rows:
    kinds, identities, tags, shapes, faults = map(list, zip(*batch, strict=True))
    wkb, _ = packed(np.array(shapes, dtype=object))
    return Rows(
        list(range(before + 1, before + len(batch) + 1)),
        identities,
        wkb,
        kinds=kinds,
        tags=tags,
        faults={index: fault for index, fault in enumerate(faults) if fault is not None},
    )
