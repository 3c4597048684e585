"""The process ``echo``: what is sent comes back. Clients and the official suite try themselves on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis_core.audiences import Caller
from gis_core.words import Text
from ogc_api.processes.description import Input, Output, Process

BOX: dict[str, Any] = {
    "type": "object",
    "required": ["bbox"],
    "additionalProperties": False,
    "properties": {
        "bbox": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
        "crs": {"type": "string", "maxLength": 200},
    },
}
PUTS: dict[str, tuple[Text, dict[str, Any]]] = {
    # A plain text stands first: the suite looks for what it sent in the output of the first input's name.
    "text": (Text("Văn bản", "A text"), {"type": "string", "maxLength": 10_000}),
    "number": (Text("Số", "A number"), {"type": "number"}),
    "truth": (Text("Đúng hoặc sai", "True or false"), {"type": "boolean"}),
    "numbers": (
        Text("Dãy số nguyên", "Whole numbers"),
        {"type": "array", "items": {"type": "integer"}, "maxItems": 1000},
    ),
    "mixed": (
        Text("Văn bản hoặc đối tượng", "A text or an object"),
        {"oneOf": [{"type": "string", "maxLength": 10_000}, {"type": "object"}]},
    ),
    "box": (Text("Khung bao", "A bounding box"), BOX),
    "document": (
        Text("Tài liệu GeoJSON dạng văn bản", "A GeoJSON document as text"),
        {"type": "string", "maxLength": 50_000, "contentMediaType": "application/geo+json"},
    ),
}


def echo(caller: Caller, language: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return inputs


PROCESS = Process(
    id="echo",
    title=Text("Tiếng vọng", "Echo"),
    description=Text(
        "Trả lại nguyên những gì được gửi: để thử chương trình của bạn.",
        "Gives back what is sent: to try your program on.",
    ),
    keywords=("test",),
    inputs={name: Input(title, schema, required=name == "text") for name, (title, schema) in PUTS.items()},
    outputs={name: Output(title, schema) for name, (title, schema) in PUTS.items()},
    run=echo,
)
