"""OGC API Processes Part 1, served by pygeoapi's functions for the processes of this house.

Our own checks stand before pygeoapi: strict parameters, inputs against the process description, and no subscriber
(an address that the server would call for a stranger). pygeoapi is loaded at the first request, not at start.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from types import SimpleNamespace
from typing import Any

import orjson

from gis_core.layer import Layer
from gis_core.problems import Problem, not_found
from gis_core.words import Text
from ogc_api.answers import JSON, Answer, Request, link
from ogc_api.parameters import refuse_unknown, whole_number

SPEC = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf"
CONFORMANCE = (f"{SPEC}/core", f"{SPEC}/ogc-process-description", f"{SPEC}/json", f"{SPEC}/oas30")
REL = "http://www.opengis.net/def/rel/ogc/1.0/processes"
MAX_BODY = 100_000
WAIT_S = 0.5


def landing_links(language: str) -> list[dict[str, str]]:
    return [link("/processes", REL, JSON, Text("Các phép xử lý", "Processes"), language)]


def collection_links(layer: Layer, language: str) -> list[dict[str, str]]:
    return []


@cache
def pygeoapi_api(root: str) -> Any:
    """pygeoapi's API object for our processes, with links that begin at ``root``."""
    from pygeoapi.api import API

    # It warns of every key of a process description that is no language.
    logging.getLogger("pygeoapi").setLevel(logging.ERROR)
    config = {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 0},
            "url": root,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "gzip": False,
            "languages": ["vi-VN", "en-US"],
            "pretty_print": False,
            "limits": {"default_items": 100, "max_items": 1000},
            "manager": {"name": "Dummy"},
            "map": {"url": "", "attribution": ""},
            "templates": {},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {"title": "Hương", "description": "Hương", "keywords": [], "url": root},
            "license": {"name": "Apache-2.0"},
            "provider": {"name": "Hương", "url": root},
            "contact": {},
        },
        "resources": {
            "what-is-here": {"type": "process", "processor": {"name": "ogc_api.what_is_here.WhatIsHere"}},
        },
    }
    return API(deepcopy(config), {"info": {}, "paths": {}})


def forward(request: Request, process_id: str | None = None) -> Answer:
    """Hand a checked request to pygeoapi's function for it."""
    from pygeoapi.api import APIRequest, processes

    from ogc_api.what_is_here import asking

    api = pygeoapi_api(request.root)
    if process_id is not None and process_id not in api.manager.processes:
        raise not_found("no-such-process", "Không có phép xử lý này.", "There is no such process.")
    check(request, process_id, api)
    handed = APIRequest.from_django(handed_over(request), api.locales)
    token = asking.set((request.caller, request.language))
    try:
        if request.method == "POST":
            with one_at_a_time():
                _, status, body = processes.execute_process(api, handed, process_id)
        else:
            _, status, body = processes.describe_processes(api, handed, process_id)
    finally:
        asking.reset(token)
    return Answer(body.encode() if isinstance(body, str) else body, int(status), JSON)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """A process runs in one thread of a server process at most: the others answer everybody else meanwhile."""
    if not _running.acquire(timeout=WAIT_S):
        words = Text(
            "Nhiều phép xử lý đang chạy. Hãy thử lại sau ít giây.",
            "Other processes are running. Try again in a few seconds.",
        )
        raise Problem(429, "busy", words, headers={"Retry-After": "3"})
    try:
        yield
    finally:
        _running.release()


_running = threading.Semaphore(1)


def handed_over(request: Request) -> Any:
    """The parts of a Django request that pygeoapi's adapter reads."""
    language = "vi-VN" if request.language == "vi" else "en-US"
    parameters = {
        "f": "json",
        "lang": language,
        **{k: v for k, v in request.parameters.items() if k == "limit"},
    }
    return SimpleNamespace(
        GET=parameters,
        headers={"Accept": JSON, "Accept-Language": language, "Content-Type": JSON},
        path_info=f"ogcapi{request.path}",
        body=request.body,
        method=request.method,
    )


def check(request: Request, process_id: str | None, api: Any) -> None:
    """Refuse what pygeoapi would pass over: unknown parameters, stray members, inputs that do not fit."""
    if request.method != "POST":
        refuse_unknown(request.parameters, {"f", "limit"} if process_id is None else {"f"})
        if "limit" in request.parameters:
            whole_number(request.parameters["limit"], "limit", 1, 1000)
        return
    refuse_unknown(request.parameters, {"f"})
    if len(request.body) > MAX_BODY:
        raise Problem(413, "too-large", Text("Nội dung quá lớn.", "The body is too large."))
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise refused_inputs("nội dung không phải JSON", "the body is not JSON") from None
    if not isinstance(body, dict) or not isinstance(body.get("inputs", {}), dict):
        raise refused_inputs('cần {"inputs": {...}}', 'it must be {"inputs": {...}}')
    for member in body:
        if member not in ("inputs", "outputs", "response"):
            raise refused_inputs(f"không nhận “{member[:40]}”", f"“{member[:40]}” is not accepted")
    if body.get("response", "raw") not in ("raw", "document"):
        raise refused_inputs("“response” là raw hoặc document", "“response” is raw or document")
    check_outputs(body.get("outputs"), api.manager.processes[process_id])
    described = api.manager.get_processor(process_id).metadata["inputs"]
    check_inputs(body.get("inputs", {}), described)


def check_outputs(outputs: Any, process: Any) -> None:
    names = outputs if isinstance(outputs, list) else list(outputs) if isinstance(outputs, dict) else []
    if (outputs is not None and not isinstance(outputs, list | dict)) or any(n != "found" for n in names):
        raise refused_inputs("“outputs” chỉ gồm found", "“outputs” can only name found")


def check_inputs(inputs: dict[str, Any], described: dict[str, Any]) -> None:
    for name in inputs:
        if name not in described:
            raise refused_inputs(f"không có đầu vào “{name[:40]}”", f"there is no input “{name[:40]}”")
    for name, description in described.items():
        schema = description["schema"]
        if name not in inputs:
            if description["minOccurs"]:
                raise refused_inputs(f"thiếu “{name}”", f"“{name}” is missing")
            continue
        value = inputs[name]
        kinds = (int,) if schema["type"] == "integer" else (int, float)
        fits = isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or not schema["minimum"] <= value <= schema["maximum"]:
            low, high = schema["minimum"], schema["maximum"]
            raise refused_inputs(
                f"“{name}” phải là số từ {low} đến {high}", f"“{name}” must be a number, {low} to {high}"
            )


def refused_inputs(vi: str, en: str) -> Problem:
    return Problem(
        400, "bad-inputs", Text(f"Yêu cầu không hợp lệ: {vi}.", f"The request does not fit: {en}.")
    )


def openapi(language: str) -> dict[str, Any]:
    """The paths of this part."""
    from ogc_api.openapi import operation, parameter_refs

    process = {
        "name": "processId",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": ["what-is-here"]},
    }
    f = {"name": "f", "in": "query", "required": False, "schema": {"type": "string", "enum": ["json"]}}
    execute = operation("execute", "Run a process", [process, f])
    del execute["responses"]["200"]["content"]["text/html"]
    execute["requestBody"] = {
        "required": True,
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/execute"}}},
    }
    execute["responses"]["429"] = {"$ref": "#/components/responses/problem"}
    execute["responses"]["413"] = {"$ref": "#/components/responses/problem"}
    described = operation("getProcessDescription", "One process", [process, f])
    listed = operation("getProcesses", "Processes", [f, *parameter_refs("limit")])
    for each in (described, listed):
        del each["responses"]["200"]["content"]["text/html"]
    point = {"type": "number"}
    inputs = {
        "type": "object",
        "required": ["lon", "lat"],
        "additionalProperties": False,
        "properties": {
            "lon": {**point, "minimum": -180, "maximum": 180},
            "lat": {**point, "minimum": -85, "maximum": 85},
            "distance_m": {**point, "minimum": 0, "maximum": 5000},
            "limit": {"type": "integer", "minimum": 1, "maximum": 50},
        },
    }
    return {
        "paths": {
            "/processes": {"get": listed},
            "/processes/{processId}": {"get": described},
            "/processes/{processId}/execution": {"post": execute},
        },
        "components": {
            "schemas": {
                "execute": {
                    "type": "object",
                    "required": ["inputs"],
                    "additionalProperties": False,
                    "properties": {"inputs": inputs},
                }
            }
        },
    }
