"""OGC API Processes Part 1 (OGC 18-062r2): processes that answer at once.

Its part of the API: conformance, links and what the API definition says. pygeoapi's functions served it before: their
documents link to forms that there are not, its document of results is no map of outputs, and values in ``value`` and
the standard's exceptions are beyond it.
"""

from __future__ import annotations

from typing import Any

from gis_core.layer import Layer
from gis_core.words import Text
from ogc_api.answers import JSON, link
from ogc_api.processes.service import PROCESSES

SPEC = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf"
CONFORMANCE = (f"{SPEC}/core", f"{SPEC}/ogc-process-description", f"{SPEC}/json", f"{SPEC}/oas30")
REL = "http://www.opengis.net/def/rel/ogc/1.0/processes"


def landing_links(language: str) -> list[dict[str, str]]:
    return [link("/processes", REL, JSON, Text("Các phép xử lý", "Processes"), language)]


def collection_links(layer: Layer, language: str) -> list[dict[str, str]]:
    return []


def openapi(language: str) -> dict[str, Any]:
    """The paths of this part."""
    from ogc_api.openapi import operation, parameter_refs

    process = path_parameter("processId", sorted(PROCESSES))
    f = {"name": "f", "in": "query", "required": False, "schema": {"type": "string", "enum": ["json"]}}
    execute = operation("execute", "Run a process", [process, f])
    problem = {"$ref": "#/components/responses/problem"}
    execute["requestBody"] = {
        "required": True,
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/execute"}}},
    }
    execute["responses"]["200"] = {
        "description": "The one output that is wanted; several as a multipart message; or a document of all by name",
        "content": {
            JSON: {"schema": {}},
            "multipart/related": {"schema": {"type": "string"}},
            "text/plain": {"schema": {"type": "string"}},
            "application/geo+json": {"schema": {}},
        },
    }
    execute["responses"] |= {"204": {"description": "No output was made"}, "413": problem, "429": problem}
    described = operation("getProcessDescription", "One process", [process, f])
    listed = operation("getProcesses", "Processes", [f, *parameter_refs("limit")])
    for each in (described, listed):
        del each["responses"]["200"]["content"]["text/html"]
    jobs = {
        path: {
            "get": {**operation(name, summary, [path_parameter("jobId"), f]), "responses": {"404": problem}}
        }
        for path, name, summary in (
            ("/jobs/{jobId}", "getStatus", "A job; there is none, as every process answers at once"),
            ("/jobs/{jobId}/results", "getResult", "The results of a job; there is none"),
        )
    }
    return {
        "paths": {
            "/processes": {"get": listed},
            "/processes/{processId}": {"get": described},
            "/processes/{processId}/execution": {"post": execute},
            **jobs,
        },
        "components": {
            "schemas": {"execute": {"anyOf": [each.request_schema() for each in PROCESSES.values()]}}
        },
    }


def path_parameter(name: str, known: list[str] | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "maxLength": 100}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {**schema, **({"enum": known} if known else {})},
    }
