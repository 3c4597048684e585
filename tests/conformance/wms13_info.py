"""Port of the published tests of ets-wms13 (ctl/getfeatureinfo.xml), for both versions; see `wms13_capabilities`."""

from __future__ import annotations

from tests.conformance.checks import each, equal, need
from tests.conformance.wms13_capabilities import SUITE
from tests.conformance.wms_client import Layer, WmsServer


def queryable(server: WmsServer, count: int) -> list[Layer]:
    found = server.queryable
    need(found, "no layer can be queried")
    return [found[at % len(found)] for at in range(count)]


def need_answer(server: WmsServer, *layers: Layer, **changes: object) -> None:
    answer = server.info(*layers, **changes)
    equal(answer.status_code, 200, "status")
    server.need_format(answer, server.formats("GetFeatureInfo")[0])


@SUITE.check("getfeatureinfo:exceptions-default")
def exceptions_default(server: WmsServer) -> None:
    server.need_exception(server.info(layers="UndefinedLayer", query_layers="UndefinedLayer", bbox="0,0,1,1"))


@SUITE.check("getfeatureinfo:exceptions-xml")
def exceptions_xml(server: WmsServer) -> None:
    answer = server.info(
        layers="UndefinedLayer",
        query_layers="UndefinedLayer",
        bbox="0,0,1,1",
        exceptions=server.words.xml,
    )
    server.need_exception(answer)


@SUITE.check("getfeatureinfo:invalid-info_format")
def format_invalid(server: WmsServer) -> None:
    server.need_exception(server.info(info_format="invalid/invalid"), "InvalidFormat")


@SUITE.check("getfeatureinfo:each-info_format")
def each_format(server: WmsServer) -> None:
    for format_ in each(server.formats("GetFeatureInfo"), "no format of information"):
        server.need_format(server.info(info_format=format_), format_)


@SUITE.check("getfeatureinfo:invalid-i")
def column_invalid(server: WmsServer) -> None:
    server.need_exception(server.info(**{server.words.column.lower(): 5000}), "InvalidPoint")


@SUITE.check("getfeatureinfo:invalid-j")
def row_invalid(server: WmsServer) -> None:
    server.need_exception(server.info(**{server.words.row.lower(): 5000}), "InvalidPoint")


@SUITE.check("getfeatureinfo:two-query_layers")
def two_layers(server: WmsServer) -> None:
    need_answer(server, *queryable(server, 2))


@SUITE.check("getfeatureinfo:three-query_layers")
def three_layers(server: WmsServer) -> None:
    need_answer(server, *queryable(server, 3))


@SUITE.check("getfeatureinfo:less-query_layers")
def fewer_layers(server: WmsServer) -> None:
    """Fewer layers are asked about than are drawn."""
    first, second = queryable(server, 2)
    need_answer(server, first, second, query_layers=second.name)


@SUITE.check("getfeatureinfo:invalid-query_layers")
def layer_invalid(server: WmsServer) -> None:
    server.need_exception(server.info(query_layers="UndefinedLayer"), "LayerNotDefined")


@SUITE.check("getfeatureinfo:query_layers-not-queryable")
def layer_not_queryable(server: WmsServer) -> None:
    for layer in each([one for one in server.named if not one.is_queryable][:1], "all layers can be queried"):
        server.need_exception(server.info(layer), "LayerNotQueryable")


@SUITE.check("getfeatureinfo:each-queryable-layer")
def each_layer(server: WmsServer) -> None:
    for layer in each(server.queryable, "no layer can be queried"):
        need_answer(server, layer)
