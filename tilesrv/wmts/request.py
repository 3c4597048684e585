"""What a request for a tile says, by key-value pairs or by address: read strictly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gis_core.http.ows import INVALID, TILE_OUT_OF_RANGE, missing, refused
from gis_core.problems import Problem, not_found
from gis_core.times import Moment
from tilesrv.grid import TileId
from tilesrv.matrix_sets import MATRIX_SETS, MatrixSet
from tilesrv.parameters import canonical
from tilesrv.wms.feature_answers import FORMATS as INFO_FORMATS
from tilesrv.wms.parameters import moment_of, shown

__all__ = ["EXTENSIONS", "INFO_FORMATS", "VERSION", "TileAsked", "asked_by_address", "asked_by_pairs"]

VERSION = "1.0.0"
EXTENSIONS: Mapping[str, str] = {"image/png": "png", "image/webp": "webp", "image/jpeg": "jpg"}


@dataclass(frozen=True)
class TileAsked:
    """One tile of a layer in a style; ``extension`` is the end of its file's name."""

    layer: str
    style: str
    matrix_set: MatrixSet
    tile: TileId
    extension: str
    at: Moment | None


def required(given: Mapping[str, str], name: str) -> str:
    value = given.get(name.upper(), "").strip()
    if not value:
        raise missing(name)
    return value


def asked_by_pairs(given: Mapping[str, str], format_: str | None = None) -> TileAsked:
    """The tile of GetTile (and of GetFeatureInfo, which may leave FORMAT out: ``format_`` then stands for it)."""
    named = (given.get("FORMAT", "").lower().replace(" ", "") or format_) if format_ else None
    named = named or required(given, "Format").lower().replace(" ", "")
    extension = EXTENSIONS.get(named.partition(";")[0])
    if extension is None:
        known = ", ".join(EXTENSIONS)
        raise refused(
            INVALID,
            "Format",
            f"Không có định dạng “{shown(named)}”; có: {known}.",
            f"The format “{shown(named)}” is not offered; there are: {known}.",
        )
    matrix_set = matrix_set_named(required(given, "TileMatrixSet"))
    numbers = [required(given, name) for name in ("TileMatrix", "TileRow", "TileCol")]
    return TileAsked(
        layer=required(given, "Layer"),
        style=style_of(given),
        matrix_set=matrix_set,
        tile=tile_of(matrix_set, *numbers),
        extension=extension,
        at=moment_of(given),
    )


def style_of(given: Mapping[str, str]) -> str:
    """STYLE, which must be there; where it is empty it stands for the layer's first."""
    if "STYLE" not in given:
        raise missing("Style")
    return given["STYLE"].strip()


def asked_by_address(parts: Sequence[str]) -> TileAsked:
    """The tile of ``layer/style/[time/]set/matrix/row/column.png``; a 404 Problem where there is no such address."""
    layer, style, *time, named, matrix, row, last = parts
    column, _, extension = last.partition(".")
    if len(time) > 1 or extension not in EXTENSIONS.values():
        raise no_such_address()
    matrix_set = matrix_set_named(named)
    tile = tile_of(matrix_set, matrix, row, column)
    return TileAsked(layer, style, matrix_set, tile, extension, moment_of({"TIME": "".join(time)}))


def matrix_set_named(name: str) -> MatrixSet:
    found = MATRIX_SETS.get(name)
    if found is None:
        known = ", ".join(MATRIX_SETS)
        raise refused(
            INVALID,
            "TileMatrixSet",
            f"Không có lưới ô “{shown(name)}”; có: {known}.",
            f"There is no tile matrix set “{shown(name)}”; there are: {known}.",
        )
    return found


def tile_of(matrix_set: MatrixSet, matrix: str, row: str, column: str) -> TileId:
    """The tile, which must be one of the set."""
    if not canonical(matrix) or int(matrix) > matrix_set.last:
        raise refused(
            INVALID,
            "TileMatrix",
            f"Lưới {matrix_set.id} có các mức 0 đến {matrix_set.last}.",
            f"{matrix_set.id} has the matrices 0 to {matrix_set.last}.",
        )
    last = matrix_set.tiles_across(int(matrix)) - 1
    for name, text in (("TileRow", row), ("TileCol", column)):
        if not text.isascii() or not text.isdecimal():
            raise refused(INVALID, name, f"{name} phải là số nguyên.", f"{name} must be a whole number.")
        if len(text) > 9 or int(text) > last:
            raise refused(
                TILE_OUT_OF_RANGE,
                name,
                f"Ở mức {matrix}, {name} từ 0 đến {last}.",
                f"In matrix {matrix} {name} goes from 0 to {last}.",
            )
    return TileId(int(matrix), int(column), int(row))


def no_such_address() -> Problem:
    return not_found("no-such-page", "Không có địa chỉ này.", "There is no such address.")
