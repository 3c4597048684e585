"""Port of the published tests of ets-wms13 (ctl/getmap.xml), for both versions; see `wms13_capabilities`.

What the suite asks of its own data (Blue Lake) is left to tests/tilesrv, which measure pixels of layers of their own.
"""

from __future__ import annotations

from tests.conformance.checks import each, equal, need
from tests.conformance.wms13_capabilities import SUITE
from tests.conformance.wms_client import Layer, WmsServer, colours, written

WHITE, RED = (255, 255, 255, 255), (255, 0, 0, 255)


def some(server: WmsServer, count: int) -> list[Layer]:
    """The first ``count`` named layers, taken round where there are fewer."""
    named = server.named
    return [named[at % len(named)] for at in range(count)]


# Boxes and CRSs -------------------------------------------------------------------------------------------------


@SUITE.check("getmap:bbox-direct")
def box_direct(server: WmsServer) -> None:
    for layer in each([one for one in server.named if one.own("BoundingBox")][:1], "no layer with a box"):
        server.need_picture(server.map(layer))


@SUITE.check("getmap:bbox-minx-gt-maxx")
def box_minx_above(server: WmsServer) -> None:
    server.need_exception(server.map(bbox="1,0,0,1"))


@SUITE.check("getmap:bbox-minx-eq-maxx")
def box_minx_equal(server: WmsServer) -> None:
    server.need_exception(server.map(bbox="0,0,0,1"))


@SUITE.check("getmap:bbox-miny-gt-maxy")
def box_miny_above(server: WmsServer) -> None:
    server.need_exception(server.map(bbox="0,1,1,0"))


@SUITE.check("getmap:bbox-miny-eq-maxy")
def box_miny_equal(server: WmsServer) -> None:
    server.need_exception(server.map(bbox="0,0,1,0"))


@SUITE.check("getmap:bbox-exponential")
def box_exponential(server: WmsServer) -> None:
    """The same numbers, written with exponents and without a leading zero, give the same picture."""
    west, south, east, north = server.local.geographic
    plain = server.map(server.local, bbox=written((west, south, east, north)))
    exponents = server.map(
        server.local, bbox=f"{west / 10!r}E1,{south * 100!r}E-2,{east!r}e+00,{north / 100!r}E+02"
    )
    equal(colours(server.need_picture(plain)), colours(server.need_picture(exponents)), "the two pictures")


@SUITE.check("getmap:bbox-no-overlap")
def box_beside(server: WmsServer) -> None:
    west, south, _, _ = server.local.geographic
    beside = server.map(server.local, bbox=written((west - 3, south - 3, west - 2, south - 2)))
    equal(colours(server.need_picture(beside)), {WHITE}, "colours beside the layer")


@SUITE.check("getmap:bbox-outside-crs")
def box_outside(server: WmsServer) -> None:
    answer = server.map(bbox="-10,90,10,110", width=100, height=100)
    equal(colours(server.need_picture(answer, (100, 100))), {WHITE}, "colours beyond the pole")


@SUITE.check("getmap:each-crs")
def each_crs(server: WmsServer) -> None:
    """Every CRS of the root, over the box that the layer gives in it."""
    layer = server.local
    for crs in each(layer.crs, "no CRS"):
        need(crs in layer.boxes, f"{layer.name} has no box in {crs}")
        answer = server.map(layer, crs=crs, bbox=written(layer.boxes[crs]))
        need(
            len(colours(server.need_picture(answer))) > 1,
            f"{layer.name} is not seen in {crs} where its box is",
        )


@SUITE.check("getmap:invalid-crs")
def crs_invalid(server: WmsServer) -> None:
    server.need_exception(server.map(crs="CRS:invalid"), "InvalidCRS")


# Exceptions -----------------------------------------------------------------------------------------------------


@SUITE.check("getmap:exceptions-default")
def exceptions_default(server: WmsServer) -> None:
    server.need_exception(server.map(layers="UndefinedLayer", bbox="0,0,1,1"))


@SUITE.check("getmap:exceptions-xml")
def exceptions_xml(server: WmsServer) -> None:
    server.need_exception(server.map(layers="UndefinedLayer", bbox="0,0,1,1", exceptions=server.words.xml))


@SUITE.check("getmap:exceptions-inimage-mime")
def exceptions_inimage(server: WmsServer) -> None:
    answer = server.map(layers="UndefinedLayer", bbox="0,0,1,1", exceptions=server.words.inimage)
    need(len(colours(server.need_picture(answer))) > 1, "nothing is written on the picture")


@SUITE.check("getmap:exceptions-blank-mime")
def exceptions_blank(server: WmsServer) -> None:
    answer = server.map(layers="UndefinedLayer", bbox="0,0,1,1", exceptions=server.words.blank)
    equal(colours(server.need_picture(answer)), {WHITE}, "colours of the blank picture")


@SUITE.check("getmap:exceptions-blank-red")
def exceptions_blank_red(server: WmsServer) -> None:
    answer = server.map(
        layers="UndefinedLayer", bbox="0,0,1,1", exceptions=server.words.blank, bgcolor="0xFF0000"
    )
    equal(colours(server.need_picture(answer)), {RED}, "colours of the blank picture")


@SUITE.check("getmap:exceptions-blank-transparent")
def exceptions_blank_transparent(server: WmsServer) -> None:
    answer = server.map(
        layers="UndefinedLayer", bbox="0,0,1,1", exceptions=server.words.blank, transparent="TRUE"
    )
    equal({alpha for *_, alpha in colours(server.need_picture(answer))}, {0}, "opacity of the blank picture")


# Formats and layers ---------------------------------------------------------------------------------------------


@SUITE.check("getmap:invalid-format")
def format_invalid(server: WmsServer) -> None:
    server.need_exception(server.map(format="image/invalid"), "InvalidFormat")


@SUITE.check("getmap:each-format")
def each_format(server: WmsServer) -> None:
    for format_ in each(server.formats("GetMap"), "no format of maps"):
        server.need_format(server.map(format=format_), format_)


@SUITE.check("getmap:two-layers")
def two_layers(server: WmsServer) -> None:
    server.need_picture(server.map(*some(server, 2)))


@SUITE.check("getmap:three-layers")
def three_layers(server: WmsServer) -> None:
    server.need_picture(server.map(*some(server, 3)))


@SUITE.check("getmap:invalid-layer")
def layer_invalid(server: WmsServer) -> None:
    server.need_exception(server.map(layers="UndefinedLayer"), "LayerNotDefined")


@SUITE.check("getmap:first-layer-invalid")
def first_layer_invalid(server: WmsServer) -> None:
    server.need_exception(server.map(layers=f"UndefinedLayer,{server.named[0].name}"), "LayerNotDefined")


@SUITE.check("getmap:second-layer-invalid")
def second_layer_invalid(server: WmsServer) -> None:
    server.need_exception(server.map(layers=f"{server.named[0].name},UndefinedLayer"), "LayerNotDefined")


@SUITE.check("getmap:layerlimit")
def layer_limit(server: WmsServer) -> None:
    """One layer more than LayerLimit is refused (1.1.1 has no word for the limit: a hundred are)."""
    limits = server.path("Service/LayerLimit")
    limit = int(str(limits[0].text)) if limits else 100
    server.need_exception(server.map(layers=",".join([server.named[0].name] * (limit + 1))))


@SUITE.check("getmap:each-layer")
def each_layer(server: WmsServer) -> None:
    for layer in each(server.named, "no named layer"):
        server.need_picture(server.map(layer))


# Styles ---------------------------------------------------------------------------------------------------------


def styled(server: WmsServer, count: int) -> list[Layer]:
    return [one for one in some(server, count) if one.styles]


@SUITE.check("getmap:styles-direct")
def style_direct(server: WmsServer) -> None:
    for layer in each(styled(server, 1), "no layer has a style"):
        server.need_picture(server.map(layer, styles=layer.styles[0]))


@SUITE.check("getmap:two-styles")
def two_styles(server: WmsServer) -> None:
    layers = styled(server, 2)
    server.need_picture(server.map(*layers, styles=",".join(one.styles[0] for one in layers)))


@SUITE.check("getmap:three-styles")
def three_styles(server: WmsServer) -> None:
    layers = styled(server, 3)
    server.need_picture(server.map(*layers, styles=",".join(one.styles[0] for one in layers)))


@SUITE.check("getmap:invalid-style")
def style_invalid(server: WmsServer) -> None:
    server.need_exception(server.map(styles="UndefinedStyle"), "StyleNotDefined")


@SUITE.check("getmap:first-style-invalid")
def first_style_invalid(server: WmsServer) -> None:
    answer = server.map(*some(server, 2), styles="UndefinedStyle,")
    server.need_exception(answer, "StyleNotDefined")


@SUITE.check("getmap:second-style-invalid")
def second_style_invalid(server: WmsServer) -> None:
    answer = server.map(*some(server, 2), styles=",UndefinedStyle")
    server.need_exception(answer, "StyleNotDefined")


@SUITE.check("getmap:styles-default-single-layer")
def style_default(server: WmsServer) -> None:
    server.need_picture(server.map(server.local, styles=""))


@SUITE.check("getmap:styles-default-multiple-layers")
def styles_default(server: WmsServer) -> None:
    server.need_picture(server.map(*some(server, 2), styles=""))


@SUITE.check("getmap:styles-default-commas")
def styles_default_commas(server: WmsServer) -> None:
    server.need_picture(server.map(*some(server, 3), styles=",,"))


@SUITE.check("getmap:styles-some-default")
def styles_some_default(server: WmsServer) -> None:
    layers = some(server, 2)
    server.need_picture(server.map(*layers, styles=f",{layers[1].styles[0]}"))


@SUITE.check("getmap:each-style")
def each_style(server: WmsServer) -> None:
    pairs = [(layer, style) for layer in server.named for style in layer.styles]
    for layer, style in each(pairs, "no style"):
        server.need_picture(server.map(layer, styles=style))


# Background and size --------------------------------------------------------------------------------------------


def beside(server: WmsServer, **changes: object) -> set[tuple[int, int, int, int]]:
    """The colours of a picture where the layer is not."""
    west, south, _, _ = server.local.geographic
    box = written((west - 3, south - 3, west - 2, south - 2))
    return colours(server.need_picture(server.map(server.local, bbox=box, **changes)))


@SUITE.check("getmap:transparent-default")
def transparent_default(server: WmsServer) -> None:
    equal({alpha for *_, alpha in beside(server)}, {255}, "opacity")


@SUITE.check("getmap:transparent-false")
def transparent_false(server: WmsServer) -> None:
    equal({alpha for *_, alpha in beside(server, transparent="FALSE")}, {255}, "opacity")


@SUITE.check("getmap:transparent-true")
def transparent_true(server: WmsServer) -> None:
    equal({alpha for *_, alpha in beside(server, transparent="TRUE")}, {0}, "opacity")


@SUITE.check("getmap:transparent-opaque-layer")
def transparent_opaque(server: WmsServer) -> None:
    """A layer that says that it is opaque leaves nothing to be seen through."""
    opaque = [one for one in server.named if one.element.get("opaque") in ("1", "true")]
    for layer in each(opaque, "no opaque layer"):
        image = server.need_picture(server.map(layer, transparent="TRUE"))
        equal({alpha for *_, alpha in colours(image)}, {255}, "opacity of an opaque layer")


@SUITE.check("getmap:blue-bgcolor")
def background(server: WmsServer) -> None:
    equal(beside(server, bgcolor="0x0000FF"), {(0, 0, 255, 255)}, "colours")


@SUITE.check("getmap:no-bgcolor")
def background_default(server: WmsServer) -> None:
    equal(beside(server), {WHITE}, "colours")


@SUITE.check("getmap:large-size")
def large(server: WmsServer) -> None:
    """As large as the service says that pictures may be, 1024 px where it does not say."""
    sides = []
    for name in ("MaxWidth", "MaxHeight"):
        found = server.path(f"Service/{name}")
        sides.append(min(int(str(found[0].text)), 2048) if found else 1024)
    server.need_picture(server.map(width=sides[0], height=sides[1]), (sides[0], sides[1]))


@SUITE.check("getmap:small-size")
def small(server: WmsServer) -> None:
    server.need_picture(server.map(width=1, height=1), (1, 1))
