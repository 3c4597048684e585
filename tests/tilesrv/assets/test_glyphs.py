"""Glyph PBFs, read by Google's own decoder with the schema of node-fontnik, and held against FreeType's pictures."""

from __future__ import annotations

import asyncio
import gzip
from functools import cache
from typing import Any

import freetype
import numpy as np
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from gis_core.config import ROOT
from gis_core.problems import Problem
from tilesrv.assets.fonts import font_faces
from tilesrv.assets.serving import Assets
from tilesrv.http import Request, Response

REGULAR = "Be Vietnam Pro Regular"
EDGE, PER_PX, BUFFER = 191.25, 255 / 8, 3

FIELD = descriptor_pb2.FieldDescriptorProto
# Names, numbers and types of glyphs.proto (mapbox/node-fontnik), proto2.
SCHEMA = {
    "glyph": [("id", FIELD.TYPE_UINT32), ("bitmap", FIELD.TYPE_BYTES), ("width", FIELD.TYPE_UINT32),
              ("height", FIELD.TYPE_UINT32), ("left", FIELD.TYPE_SINT32), ("top", FIELD.TYPE_SINT32),
              ("advance", FIELD.TYPE_UINT32)],
    "fontstack": [("name", FIELD.TYPE_STRING), ("range", FIELD.TYPE_STRING), ("glyphs", "glyph")],
    "glyphs": [("stacks", "fontstack")],
}  # fmt: skip


@cache
def message_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="glyphs.proto", package="llmr.glyphs", syntax="proto2")
    for name, fields in SCHEMA.items():
        message = file.message_type.add(name=name)
        for number, (field, kind) in enumerate(fields, 1):
            if isinstance(kind, str):
                message.field.add(name=field, number=number, label=FIELD.LABEL_REPEATED, type=FIELD.TYPE_MESSAGE,
                                  type_name=f".llmr.glyphs.{kind}")  # fmt: skip
            else:
                needed = FIELD.LABEL_OPTIONAL if field == "bitmap" else FIELD.LABEL_REQUIRED
                message.field.add(name=field, number=number, label=needed, type=kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("llmr.glyphs.glyphs"))


def ask(path: str, **headers: str) -> Response:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"method": "GET", "path": path, "query_string": b"", "headers": given}
    nothing: Any = None
    return asyncio.run(Assets(ROOT).glyphs(Request(scope, nothing), path.removeprefix("/fonts/")))


@cache
def stack(path: str) -> Any:
    response = ask(path)
    assert response.status == 200
    message = message_class().FromString(response.body)
    assert message.IsInitialized()  # every required field is there
    (found,) = message.stacks
    return found


@pytest.mark.parametrize("start", [0, 256, 7680])
def test_fields_agree_with_freetypes_pictures(start: int) -> None:
    """FreeType paints each glyph from the same file by its own rules (non-zero winding, exact coverage): a px that it
    fills lies inside the field's outline, an empty one outside, and the box and the metrics are the same."""
    face = freetype.Face(str(font_faces()[REGULAR]))
    face.set_pixel_sizes(0, 24)
    glyphs = stack(f"/fonts/{REGULAR}/{start}-{start + 255}.pbf").glyphs
    wanted = {point for point, glyph in face.get_chars() if glyph and start <= point < start + 256}
    assert [each.id for each in glyphs] == sorted(wanted)
    for glyph in glyphs:
        face.load_char(chr(glyph.id), freetype.FT_LOAD_RENDER | freetype.FT_LOAD_NO_HINTING)
        assert abs(glyph.advance - face.glyph.linearHoriAdvance / 65536) <= 0.5
        bitmap = face.glyph.bitmap
        if not bitmap.rows:
            assert (glyph.width, glyph.height, glyph.bitmap) == (0, 0, b"")
            continue
        assert (glyph.width, glyph.height) == (bitmap.width, bitmap.rows), chr(glyph.id)
        assert (glyph.left, glyph.top) == (face.glyph.bitmap_left, face.glyph.bitmap_top - 27), chr(glyph.id)
        field = np.frombuffer(glyph.bitmap, np.uint8).reshape(
            glyph.height + 2 * BUFFER, glyph.width + 2 * BUFFER
        )
        painted = np.pad(np.array(bitmap.buffer, np.uint8).reshape(bitmap.rows, bitmap.width), BUFFER)
        assert (field[painted == 255] > EDGE).all(), chr(glyph.id)
        assert (field[painted == 0] < EDGE).all(), chr(glyph.id)
        inside, outside = field[painted >= 250], field[painted <= 5]
        assert inside.size == 0 or inside.min() > EDGE - 3, chr(glyph.id)
        assert outside.size == 0 or outside.max() < EDGE + 3, chr(glyph.id)


def test_the_field_falls_by_the_same_amount_with_each_px() -> None:
    """The shader turns values into distances: a wrong slope would make halos too wide and small text blurred."""
    glyph = next(each for each in stack(f"/fonts/{REGULAR}/0-255.pbf").glyphs if each.id == ord("|"))
    field = np.frombuffer(glyph.bitmap, np.uint8).reshape(glyph.height + 2 * BUFFER, -1).astype(float)
    middle = field[field.shape[0] // 2]
    peak = int(middle.argmax())
    assert np.abs(np.diff(middle[peak + 1 :]) + PER_PX).max() <= 1
    assert np.abs(np.diff(middle[:peak]) - PER_PX).max() <= 1
    # The stem is twice as wide as the distance from its middle to its edge, wherever the px happen to lie.
    face = freetype.Face(str(font_faces()[REGULAR]))
    face.load_char("|", freetype.FT_LOAD_NO_SCALE)
    xs = [x for x, _ in face.glyph.outline.points]
    stem = (max(xs) - min(xs)) * 24 / face.units_per_EM
    assert np.abs((middle - EDGE) / PER_PX).min() < 0.5
    left = np.interp(EDGE, middle[: peak + 1], np.arange(peak + 1))
    right = peak + np.interp(-EDGE, -middle[peak:], np.arange(middle.size - peak))
    assert right - left == pytest.approx(
        stem, abs=0.35
    )  # a stem of 1.7 px has no px that tells its whole width


def test_a_range_without_glyphs_is_an_empty_stack() -> None:
    """Clients ask for whatever a text holds (here Chinese) and take an error for a broken server."""
    found = stack(f"/fonts/{REGULAR}/19968-20223.pbf")
    assert (found.name, found.range, len(found.glyphs)) == (REGULAR, "19968-20223", 0)


def test_a_stack_takes_each_character_from_the_first_face_that_has_it() -> None:
    italic, both = "Be Vietnam Pro Italic", "Noto Sans Regular,Be Vietnam Pro Italic,Be Vietnam Pro Regular"
    first = {each.id: each.bitmap for each in stack(f"/fonts/{italic}/0-255.pbf").glyphs}
    assert {each.id: each.bitmap for each in stack(f"/fonts/{both}/0-255.pbf").glyphs} == first
    upright = {each.id: each.bitmap for each in stack(f"/fonts/{REGULAR}/0-255.pbf").glyphs}
    assert first[ord("H")] != upright[ord("H")]


def test_the_family_alone_means_its_regular_face() -> None:
    """The pages' styles name a font as CSS does, and the browser needs no PBF; a native app given them would."""
    assert stack("/fonts/Be Vietnam Pro/0-255.pbf").glyphs == stack(f"/fonts/{REGULAR}/0-255.pbf").glyphs


@pytest.mark.parametrize(
    "path",
    ["Noto Sans Regular/0-255.pbf", ",/0-255.pbf", f"{REGULAR}/0-256.pbf", f"{REGULAR}/1-256.pbf",
     f"{REGULAR}/00-255.pbf", f"{REGULAR}/9999744-9999999.pbf", f"{REGULAR}/0-255", "../../etc/0-255.pbf",
     f"{REGULAR}/-256--1.pbf", "A" * 400 + "/0-255.pbf", f"{REGULAR}/²-255.pbf"],
)  # fmt: skip
def test_what_is_no_font_or_no_range_is_not_there(path: str) -> None:
    with pytest.raises(Problem) as refused:
        ask(f"/fonts/{path}")
    assert refused.value.status == 404


def test_compressed_kept_and_known_again() -> None:
    plain, packed = (
        ask(f"/fonts/{REGULAR}/0-255.pbf"),
        ask(f"/fonts/{REGULAR}/0-255.pbf", accept_encoding="gzip"),
    )
    assert gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body) / 1.5
    headers = dict(packed.headers)
    assert headers[b"content-encoding"] == b"gzip" and headers[b"etag"] != dict(plain.headers)[b"etag"]
    assert b"max-age=" in headers[b"cache-control"]
    again = ask(
        f"/fonts/{REGULAR}/0-255.pbf", accept_encoding="gzip", if_none_match=headers[b"etag"].decode()
    )
    assert (again.status, again.body) == (304, b"")
