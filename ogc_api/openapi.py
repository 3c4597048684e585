"""The API definition: OpenAPI 3.0, one document for all collections by templated paths, merged from the parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ogc_api.answers import CSV, FLATGEOBUF, HTML, JSON, PROBLEM
from ogc_api.components import PARAMETERS, SCHEMAS
from ogc_api.parts import Part

REFUSALS = ("400", "404", "406", "503")
WRITE_REFUSALS = ("400", "401", "403", "404", "409", "412", "413", "415", "422", "428")


def parameter_refs(*names: str) -> list[dict[str, str]]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def body_of(media_type: str, schema: str) -> dict[str, Any]:
    return {"required": True, "content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def operation(
    operation_id: str,
    summary: str,
    parameters: Sequence[Any],
    *,
    media_type: str = JSON,
    schema: str | None = None,
    done: str = "200",
    writes: bool = False,
) -> dict[str, Any]:
    """One operation; its refusals are problem documents."""
    shape = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    answered: dict[str, Any] = {"description": "Done"}
    if done == "200":
        content: dict[str, Any] = {media_type: {"schema": shape}, HTML: {"schema": {"type": "string"}}}
        if operation_id == "getFeatures":
            content |= {
                form: {"schema": {"type": "string", "format": "binary"}} for form in (CSV, FLATGEOBUF)
            }
        answered["content"] = content
    refusals = WRITE_REFUSALS if writes else REFUSALS
    problems = {status: {"$ref": "#/components/responses/problem"} for status in refusals}
    made: dict[str, Any] = {
        "operationId": operation_id,
        "summary": summary,
        "tags": ["editing" if writes else "reading"],
        "parameters": list(parameters),
        "responses": {done: answered, **problems},
    }
    if writes:
        made["security"] = [{"token": []}]
    return made


def api_document(parts: Sequence[Part], root: str, language: str, title: str) -> dict[str, Any]:
    """The merged document; path items of two parts are joined by method."""
    paths: dict[str, Any] = {}
    components: dict[str, Any] = {
        "parameters": dict(PARAMETERS),
        "schemas": dict(SCHEMAS),
        "responses": {
            "problem": {
                "description": "Refused, with the reason (RFC 9457)",
                "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}},
            }
        },
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    for part in parts:
        fragment = part.openapi(language)
        for path, item in fragment.get("paths", {}).items():
            paths.setdefault(path, {}).update(item)
        for kind, named in fragment.get("components", {}).items():
            components.setdefault(kind, {}).update(named)
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1.0.0", "license": {"name": "Apache-2.0"}},
        "servers": [{"url": root}],
        "tags": [{"name": "reading"}, {"name": "editing"}],
        "paths": dict(sorted(paths.items())),
        "components": components,
    }
