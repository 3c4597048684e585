"""OGC API Processes Part 1 (OGC 18-062r2): processes that answer at once, and the list of one's own runs.

Its part of the API: conformance, links and what the API definition says. pygeoapi's functions served it before: their
documents link to forms that there are not, its document of results is no map of outputs, and values in ``value`` and
the standard's exceptions are beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gis_core.layer import Layer
from gis_core.words import Text
from ogc_api.answers import JSON, link
from ogc_api.processes.jobs import STATUSES, TYPES
from ogc_api.processes.service import PROCESSES

SPEC = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf"
CLASSES = ("core", "ogc-process-description", "json", "oas30", "job-list")
CONFORMANCE = tuple(f"{SPEC}/{name}" for name in CLASSES)
REL = "http://www.opengis.net/def/rel/ogc/1.0/processes"
F = {"name": "f", "in": "query", "required": False, "schema": {"type": "string", "enum": ["json"]}}
REL_JOBS = "http://www.opengis.net/def/rel/ogc/1.0/job-list"


def landing_links(language: str) -> list[dict[str, str]]:
    return [
        link("/processes", REL, JSON, Text("Các phép xử lý", "Processes"), language),
        link("/jobs", REL_JOBS, JSON, Text("Các công việc của bạn", "Your jobs"), language),
    ]


def collection_links(layer: Layer, language: str) -> list[dict[str, str]]:
    return []


def openapi(language: str) -> dict[str, Any]:
    """The paths of this part."""
    from ogc_api.openapi import operation, parameter_refs

    process = path_parameter("processId", sorted(PROCESSES))
    f = F
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
    return {
        "paths": {
            "/processes": {"get": listed},
            "/processes/{processId}": {"get": described},
            "/processes/{processId}/execution": {"post": execute},
            **job_paths(),
        },
        "components": {
            "schemas": {
                "execute": {"anyOf": [each.request_schema() for each in PROCESSES.values()]},
                "statusInfo": STATUS_INFO,
                "jobList": JOB_LIST,
            }
        },
    }


LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
MOMENT = {"type": "string", "format": "date-time"}
STATUS_INFO: dict[str, Any] = {
    "type": "object",
    "required": ["jobID", "status", "type"],
    "properties": {
        "jobID": {"type": "string"},
        "processID": {"type": "string"},
        "type": {"type": "string", "enum": list(TYPES)},
        "status": {"type": "string", "enum": list(STATUSES)},
        "message": {"type": "string"},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        **dict.fromkeys(("created", "started", "finished", "updated"), MOMENT),
        "links": LINKS,
    },
}
JOB_LIST: dict[str, Any] = {
    "type": "object",
    "required": ["jobs", "links"],
    "properties": {
        "jobs": {"type": "array", "items": {"$ref": "#/components/schemas/statusInfo"}},
        "links": LINKS,
    },
}


def job_paths() -> dict[str, Any]:
    """The list of the caller's own jobs, one of them and its results."""
    from ogc_api.openapi import operation, parameter_refs

    known = {"type": ("string", TYPES), "processID": ("string", ()), "status": ("string", STATUSES)}
    filters = [listed_parameter(name, *schema) for name, schema in known.items()]
    seconds = {"type": "integer", "minimum": 0}
    filters += [query_parameter(name, seconds) for name in ("minDuration", "maxDuration")]
    limit = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10}
    asked = [
        *parameter_refs("f", "datetime", "cursor"),
        query_parameter("limit", limit),
        *filters,
    ]
    results = operation("getResult", "The results of a job of one's own", [path_parameter("jobId"), F])
    results["responses"]["200"]["content"] = {JSON: {"schema": {}}, "multipart/related": {"schema": {}}}
    one = operation(
        "getStatus",
        "A job of one's own",
        [path_parameter("jobId"), *parameter_refs("f")],
        schema="statusInfo",
    )
    found = {
        "/jobs": operation("getJobs", "The caller's own jobs of the last day", asked, schema="jobList"),
        "/jobs/{jobId}": one,
        "/jobs/{jobId}/results": results,
    }
    return {path: {"get": {**each, "security": [{}, {"token": []}]}} for path, each in found.items()}


def query_parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def listed_parameter(name: str, type_: str, known: Sequence[str]) -> dict[str, Any]:
    """Values that are parted by commas."""
    items: dict[str, Any] = {"type": type_, **({"enum": list(known)} if known else {"pattern": "^[^,]+$"})}
    schema = {"type": "array", "items": items, "minItems": 1}
    return {**query_parameter(name, schema), "style": "form", "explode": False}


def path_parameter(name: str, known: list[str] | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "maxLength": 100}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {**schema, **({"enum": known} if known else {})},
    }
