"""Port of the published tests of ets-wms13 (ctl/basic_elements.xml): versions that are agreed on, escapes, extras."""

from __future__ import annotations

from lxml import etree

from tests.conformance.checks import need
from tests.conformance.wms13_capabilities import SUITE, capabilities_query
from tests.conformance.wms_client import PARSER, WORDINGS, WmsServer


def spoken(server: WmsServer, version: str | None) -> str:
    """The version of the capabilities that are answered to ``version``."""
    answer = server.ask(service="WMS", request="GetCapabilities", version=version)
    root = etree.fromstring(answer.content, PARSER)
    roots = {WORDINGS[number].tag(WORDINGS[number].root) for number in WORDINGS}
    need(root.tag in roots, f"capabilities of {version} are {root.tag}")
    return str(root.get("version"))


@SUITE.check("basic_elements:negotiate-no-version")
def no_version(server: WmsServer) -> None:
    need(spoken(server, None) >= "1.3.0", "without a version the highest is answered")


@SUITE.check("basic_elements:negotiate-basic_elements-version")
def this_version(server: WmsServer) -> None:
    need(spoken(server, server.version) == server.version, "the version that is asked for is answered")


@SUITE.check("basic_elements:negotiate-higher-version")
def higher_version(server: WmsServer) -> None:
    need(spoken(server, "100.0.0") >= "1.3.0", "the highest version is answered to a higher one")


@SUITE.check("basic_elements:negotiate-lower-version")
def lower_version(server: WmsServer) -> None:
    need(spoken(server, "0.0.0") < "1.3.0", "the lowest version is answered to a lower one")


@SUITE.check("basic_elements:extra parameters")
def extra(server: WmsServer) -> None:
    server.capabilities(capabilities_query(server, bogus="ignored"))
    server.need_picture(server.map(bogus="ignored"))


@SUITE.check("basic_elements:escaped-chars")
def escaped(server: WmsServer) -> None:
    query = "ReQuEsT=%47%65%74%43%61%70%61%62%69%6C%69%74%69%65%73&SeRvIcE=WMS"
    answer = server.client.get(f"{server.url}?{query}&VeRsIoN={server.version}")
    server.capabilities(answer)


@SUITE.check("VERSION is missing")
def version_missing(server: WmsServer) -> None:
    """Ours (OGC 06-042, tables 8 and 9): a map, and a question about one, is of a version."""
    for answer in (server.map(version=None), server.info(version=None)):
        server.need_exception(answer, "MissingParameterValue")


@SUITE.check("SERVICE is missing")
def service_missing(server: WmsServer) -> None:
    """Ours (OGC 06-042, table 3). Such a question has no version, so that its exception is of the highest."""
    answer = server.ask(request="GetCapabilities", version=server.version)
    server.need_exception(answer, "MissingParameterValue")
