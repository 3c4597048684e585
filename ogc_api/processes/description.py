"""What a process says of itself (OGC 18-062r2, clauses 7.9 and 8): once, for its description, the API definition and
the checks of what is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gis_core.audiences import Caller
from gis_core.words import Text
from ogc_api.answers import JSON, Request, link

EXECUTE = "http://www.opengis.net/def/rel/ogc/1.0/execute"
SELF = Text("Mô tả phép xử lý này", "Description of this process")
RUN = Text("Chạy phép xử lý này", "Run this process")
# What a JSON Schema says and OpenAPI 3.0 has no word for.
BEYOND_OPENAPI = ("contentMediaType", "contentEncoding")


@dataclass(frozen=True)
class Input:
    """One input: its JSON Schema, and whether it must be there."""

    title: Text
    schema: Mapping[str, Any]
    required: bool = False

    def document(self, language: str) -> dict[str, Any]:
        occurs = {"minOccurs": int(self.required), "maxOccurs": 1}
        return {"title": self.title.to(language), "schema": dict(self.schema), **occurs}

    @property
    def media_type(self) -> str | None:
        """The one format of a text that has one."""
        said = self.schema.get("contentMediaType")
        return str(said) if said else None


@dataclass(frozen=True)
class Output:
    title: Text
    schema: Mapping[str, Any]

    def document(self, language: str) -> dict[str, Any]:
        return {"title": self.title.to(language), "schema": dict(self.schema)}


# Who asks, in which language, and the inputs, which have been checked; values by output, any may be left out.
Run = Callable[[Caller, str, Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Process:
    """A process that answers at once: an answer holds the results."""

    id: str
    title: Text
    description: Text
    keywords: tuple[str, ...]
    inputs: Mapping[str, Input]
    outputs: Mapping[str, Output]
    run: Run
    version: str = "1.0.0"

    def summary(self, request: Request) -> dict[str, Any]:
        """The entry of the list of processes."""
        here = f"/processes/{self.id}"
        return {
            "id": self.id,
            "version": self.version,
            "title": self.title.to(request.language),
            "description": self.description.to(request.language),
            "keywords": list(self.keywords),
            "jobControlOptions": ["sync-execute"],
            "outputTransmission": ["value"],
            "links": [
                link(request.url(here), "self", JSON, SELF, request.language),
                link(request.url(f"{here}/execution"), EXECUTE, JSON, RUN, request.language),
            ],
        }

    def document(self, request: Request) -> dict[str, Any]:
        """The whole description."""
        language = request.language
        return {
            **self.summary(request),
            "inputs": {name: each.document(language) for name, each in self.inputs.items()},
            "outputs": {name: each.document(language) for name, each in self.outputs.items()},
        }

    def request_schema(self) -> dict[str, Any]:
        """What may be sent, for the API definition."""
        inputs = {name: taken(each.schema) for name, each in self.inputs.items()}
        required = [name for name, each in self.inputs.items() if each.required]
        return {
            "type": "object",
            "title": self.title.en,
            "required": ["inputs"],
            "additionalProperties": False,
            "properties": {
                "inputs": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": inputs,
                    **({"required": required} if required else {}),
                },
                "outputs": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        name: {
                            "type": "object",
                            "properties": {"transmissionMode": {"type": "string", "enum": ["value"]}},
                        }
                        for name in self.outputs
                    },
                },
                "response": {"type": "string", "enum": ["raw", "document"], "default": "raw"},
            },
        }


def taken(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The three ways of an input: the value itself, the value in an object that may name its format, an address."""
    plain = {key: value for key, value in schema.items() if key not in BEYOND_OPENAPI}
    return {
        "anyOf": [
            plain,
            {
                "type": "object",
                "required": ["value"],
                "properties": {"value": plain, "mediaType": {"type": "string"}},
            },
            {
                "type": "object",
                "required": ["href"],
                "properties": {
                    "href": {"type": "string", "format": "uri"},
                    "type": {"type": "string"},
                },
            },
        ]
    }
