"""One call of the service, however it was sent: who asks, in which version, with which parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest

from gis_core.audiences import Caller
from gis_core.http.middleware import language_of, origin_of
from gis_core.http.ows import INVALID, MISSING, refused
from gis_core.http.parameters import pairs_of
from gis_core.problems import Problem
from ogc_api.answers import Request
from ogc_api.parameters import single_values
from ogc_api.views import body_of
from ogc_api.wfs.documents import MAX_BYTES, unreadable
from ogc_api.wfs.posted import parameters_of
from ogc_api.wfs.references import namespaces_of
from ogc_api.wfs.versions import Version

FORM = "application/x-www-form-urlencoded"
# Names of 1.1.0 and of clients that mix the two, by the name that is used here.
SYNONYMS = {
    "TYPENAME": "TYPENAMES",
    "MAXFEATURES": "COUNT",
    "FEATUREID": "RESOURCEID",
    "STOREDQUERYID": "STOREDQUERY_ID",
    "NAMESPACE": "NAMESPACES",
}
MEANT_EMPTY = frozenset({"VALUEREFERENCE"})
LONGEST_LINK = 4000
MOST_FIELDS = 100


@dataclass(frozen=True)
class Asked:
    """``parameters`` have upper-case names and values that are not empty; unknown ones are the client's own affair."""

    request: Request
    parameters: Mapping[str, str]
    version: Version

    @property
    def caller(self) -> Caller:
        return self.request.caller

    @property
    def language(self) -> str:
        return self.request.language

    @property
    def url(self) -> str:
        return self.request.root

    def get(self, name: str) -> str | None:
        return self.parameters.get(name)

    @property
    def namespaces(self) -> dict[str, str]:
        """The prefixes that the request binds."""
        return namespaces_of(self.parameters.get("NAMESPACES"))

    def required(self, name: str, locator: str) -> str:
        """The parameter ``name``; the refusal that the standard has where it is missing."""
        value = self.parameters.get(name)
        if value is None:
            raise refused(MISSING, locator, f"Thiếu {name}.", f"{name} is missing.")
        return value

    def link(self, **changed: object) -> str | None:
        """The address that asks the same with ``changed`` parameters; None where it would be too long to be sent."""
        pairs = {**self.parameters, "VERSION": self.version.number}
        pairs |= {name: str(value) for name, value in changed.items()}
        address = f"{self.url}?{urlencode(pairs)}"
        return address if len(address) <= LONGEST_LINK else None


def request_of(http: HttpRequest, caller: Caller) -> Request:
    """The call as the rooms of this API see it; ``root`` is the public address of the service."""
    return Request(
        caller=caller,
        language=language_of(http),
        root=f"{origin_of(http)}/wfs",
        path="",
        parameters={},
        format="xml",
        headers={k.lower(): v for k, v in http.headers.items()},
        method=http.method or "GET",
    )


def sent_parameters(http: HttpRequest) -> dict[str, str]:
    """The key-value pairs of a GET, of a form, or those that a request in XML stands for."""
    try:
        if http.method != "POST":
            return named(asked_pairs(http.META.get("QUERY_STRING", "")))
        body = small_body(http)
        if http.content_type == FORM:
            return named(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS))
    except ValueError:
        raise refused(INVALID, "request", "Quá nhiều tham số.", "There are too many parameters.") from None
    return named(parameters_of(body).items())


def asked_pairs(query: str) -> list[tuple[str, str]]:
    """The pairs of a query string; what cannot be read is said as the standard says it."""
    try:
        return pairs_of(query)
    except Problem as problem:
        raise refused(INVALID, "request", problem.detail.vi, problem.detail.en) from None


def small_body(http: HttpRequest) -> bytes:
    """The body, unread where it says itself that it is larger than any request."""
    length = http.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > MAX_BYTES:
        raise unreadable("request", "quá lớn", f"it is larger than {MAX_BYTES} bytes", status=413)
    return body_of(http)


def named(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The pairs by upper-case name, synonyms resolved; what is empty was not said, a path apart that leads nowhere."""
    upper = ((SYNONYMS.get(key.upper(), key.upper()), value.strip()) for key, value in pairs)
    return single_values((key, value) for key, value in upper if value or key in MEANT_EMPTY)
