"""GetMap: a request as a picture for the renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gis_core.audiences import Caller
from gis_core.http.ows import (
    INVALID,
    LAYER_NOT_DEFINED,
    MAP_NARROWING,
    NOT_SUPPORTED,
    STYLE_NOT_DEFINED,
    refuse_narrowing,
    refused,
)
from gis_core.problems import Problem
from gis_core.registry import Catalogue
from gis_core.words import Text
from tilesrv.grid import Box
from tilesrv.maps.drawings import drawing_named, has_ground
from tilesrv.render.picture import Drawing, Format, Picture
from tilesrv.wms import parameters
from tilesrv.wms.parameters import FORMATS, NamedCrs, required, shown
from tilesrv.wms.versions import Version

MOST_LAYERS = 20
WHOLE_LAYERS = Text(
    "Bản đồ vẽ trọn từng lớp; chỉ TIME chọn thời điểm. Lọc đối tượng thì có ở /ogcapi/ và /wfs.",
    "A map shows whole layers; TIME alone chooses a moment. /ogcapi/ and /wfs filter features.",
)


@dataclass(frozen=True)
class Asked:
    """The part of a request that GetMap and GetFeatureInfo share: which layers, where, how large.

    ``box`` is minx, miny, maxx, maxy in easting, northing; ``size`` width and height in px.
    """

    names: tuple[str, ...]
    drawings: tuple[Drawing, ...]
    crs: NamedCrs
    box: Box
    size: tuple[int, int]
    scale: float

    @property
    def pixel(self) -> tuple[float, float]:
        """Width and height of a pixel in the unit of the CRS; they may differ."""
        minx, miny, maxx, maxy = self.box
        return (maxx - minx) / self.size[0], (maxy - miny) / self.size[1]


def asked(given: Mapping[str, str], version: Version, catalogue: Catalogue, caller: Caller) -> Asked:
    """What the request asks to have drawn; an OwsException for what it must not say."""
    refuse_own_styles(given)
    refuse_narrowing(given.items(), MAP_NARROWING, WHOLE_LAYERS)
    names, styles = layers_of(given)
    crs = parameters.crs_of(given, version)
    box, size = parameters.box_of(given, crs), parameters.size_of(given)
    at = parameters.moment_of(given)
    drawings = []
    for name, style in zip(names, styles, strict=True):
        try:
            drawings.append(drawing_named(catalogue, caller, name, style, at))
        except Problem as problem:
            raise not_defined(problem, name, style) from None
    return Asked(tuple(names), tuple(drawings), crs, box, size, parameters.pixel_scale(given))


def refuse_own_styles(given: Mapping[str, str]) -> None:
    for name in ("SLD", "SLD_BODY"):
        if given.get(name):
            raise refused(
                NOT_SUPPORTED,
                name,
                f"Máy chủ không nhận {name}: mỗi lớp được vẽ theo các kiểu của nó (STYLES).",
                f"{name} is not taken: a layer is drawn in its own styles (STYLES).",
            )


def layers_of(given: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """LAYERS and STYLES, of equal length; an empty style is the layer's default."""
    names = required(given, "LAYERS").split(",")
    if len(names) > MOST_LAYERS:
        raise refused(
            INVALID,
            "LAYERS",
            f"Một bản đồ có tối đa {MOST_LAYERS} lớp (LayerLimit).",
            f"A map has at most {MOST_LAYERS} layers (LayerLimit).",
        )
    styles = given.get("STYLES", "").split(",")
    if styles == [""]:
        return names, [""] * len(names)
    if len(styles) != len(names):
        raise refused(
            STYLE_NOT_DEFINED,
            "STYLES",
            f"STYLES có {len(styles)} giá trị cho {len(names)} lớp; để trống, hoặc mỗi lớp một giá trị.",
            f"STYLES has {len(styles)} values for {len(names)} layers; leave it empty, or give one a layer.",
        )
    return names, [each.strip() for each in styles]


def not_defined(
    problem: Problem, name: str, style: str, layers: str = "LAYERS", styles: str = "STYLES"
) -> Problem:
    """The exception for a layer or a style that there is not, or that is not for the caller."""
    if problem.code == "no-such-collection":
        return refused(
            LAYER_NOT_DEFINED,
            layers,
            f"Không có lớp “{shown(name)}”.",
            f"There is no layer “{shown(name)}”.",
        )
    if problem.code == "no-such-style":
        return refused(
            STYLE_NOT_DEFINED,
            styles,
            f"Lớp “{shown(name)}” không có kiểu “{shown(style)}”.",
            f"The layer “{shown(name)}” has no style “{shown(style)}”.",
        )
    return problem


def background_of(given: Mapping[str, str], format_: Format) -> str | None:
    """The colour behind the map; None for a transparent picture, where the format knows transparency."""
    transparent = parameters.is_transparent(given)
    return None if transparent and format_ != "jpg" else parameters.background_of(given)


def picture_of(given: Mapping[str, str], wanted: Asked) -> Picture:
    """The picture that GetMap asks for."""
    format_ = FORMATS[parameters.format_of(given)]
    background = background_of(given, format_)
    return Picture(
        drawings=wanted.drawings,
        srid=wanted.crs.crs.srid,
        box=wanted.box,
        width=wanted.size[0] / wanted.scale,
        height=wanted.size[1] / wanted.scale,
        scale=wanted.scale,
        # The ground of the basemap lies above the background, and covers it.
        background=None if has_ground(wanted.drawings) else background,
        format=format_,
    )


def exceptions_of(given: Mapping[str, str], version: Version) -> str:
    """How the client wants exceptions: ``xml``, ``inimage`` or ``blank``; an unknown way counts as none said."""
    return version.exceptions.get(given.get("EXCEPTIONS", "").upper().replace(" ", ""), "xml")
