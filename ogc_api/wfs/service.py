"""The address ``/wfs``: a call becomes `Asked`, goes to its operation, and every fault ends as an exception report."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from gis_core.accounts.resolving import current_caller
from gis_core.http.cors import preflight
from gis_core.http.middleware import language_of
from gis_core.http.ows import INVALID, MISSING, NOT_SUPPORTED, WFS_110, WFS_200, ows_refusal, refused
from gis_core.http.problems import failed, method_not_allowed
from gis_core.problems import Problem
from gis_core.reading import answered
from ogc_api.answers import Answer
from ogc_api.views import finished, response_of
from ogc_api.wfs import capabilities, features, schema, stored
from ogc_api.wfs.asked import Asked, request_of, sent_parameters
from ogc_api.wfs.versions import VERSIONS, negotiated, version_of

OPERATIONS: Mapping[str, Callable[[Asked], Answer]] = {
    "getcapabilities": capabilities.get_capabilities,
    "describefeaturetype": schema.describe_feature_type,
    "getfeature": features.get_feature,
    "getpropertyvalue": features.get_property_value,
    "liststoredqueries": stored.list_stored_queries,
    "describestoredqueries": stored.describe_stored_queries,
}
# Operations of the standard that a service that only reads has not; any other name is no operation at all.
OF_THE_STANDARD = frozenset(
    {
        "transaction",
        "lockfeature",
        "getfeaturewithlock",
        "createstoredquery",
        "dropstoredquery",
        "getgmlobject",
    }
)
METHODS = ("GET", "HEAD", "OPTIONS", "POST")


@csrf_exempt  # nothing is ever written here
def wfs(http: HttpRequest) -> HttpResponse:
    """The view. A POST asks, as a GET does: it is answered to whoever could also GET."""
    version = "2.0.0"
    if http.method == "OPTIONS":
        return HttpResponse(status=204, headers=dict(preflight(METHODS)))
    try:
        if http.method not in METHODS:
            raise method_not_allowed(METHODS)
        parameters = sent_parameters(http)
        version = (
            VERSIONS[parameters.get("VERSION", "")].number
            if parameters.get("VERSION") in VERSIONS
            else version
        )
        return serve(http, parameters)
    except Problem as problem:
        return exception_response(http, problem, version)
    except Exception as error:
        return exception_response(http, failed(error), version)


def serve(http: HttpRequest, parameters: Mapping[str, str]) -> HttpResponse:
    """The answer of the operation that is asked for."""
    request = request_of(http, current_caller(http))
    check_service(parameters)
    name = parameters.get("REQUEST")
    if name is None:
        raise refused(MISSING, "request", "Thiếu REQUEST.", "REQUEST is missing.")
    operation = OPERATIONS.get(name.lower())
    if operation is None:
        raise refused(
            NOT_SUPPORTED if name.lower() in OF_THE_STANDARD else INVALID,
            "request",
            f"Không có thao tác “{name[:40]}”; dịch vụ này chỉ để đọc.",
            f"There is no operation “{name[:40]}”; this service only reads.",
        )
    version = (negotiated if operation is capabilities.get_capabilities else version_of)(parameters)
    asked = Asked(request, parameters, version)
    return response_of(http, request, answered(lambda: operation(asked)))


def check_service(parameters: Mapping[str, str]) -> None:
    service = parameters.get("SERVICE")
    if service is None:
        raise refused(MISSING, "service", "Thiếu SERVICE=WFS.", "SERVICE=WFS is missing.")
    if service.upper() != "WFS":
        raise refused(INVALID, "service", "Ở đây chỉ có SERVICE=WFS.", "There is only SERVICE=WFS here.")


def exception_response(http: HttpRequest, problem: Problem, version: str) -> HttpResponse:
    status, headers, body = ows_refusal(
        problem, WFS_110 if version == "1.1.0" else WFS_200, language_of(http)
    )
    return finished(HttpResponse(body, status=status), dict(headers))
