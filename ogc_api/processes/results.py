"""Results as the standard writes them (OGC 18-062r2, 7.11.4): one value as itself, several as a multipart message, or a
document that is keyed by output."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import orjson

from ogc_api.answers import JSON, Answer
from ogc_api.processes.description import Process
from ogc_api.processes.inputs import Wanted

TEXT = "text/plain; charset=utf-8"


def answer_of(process: Process, wanted: Wanted, values: Mapping[str, Any]) -> Answer:
    """The answer to a request, of the outputs that it wants and the process has made."""
    made = {name: values[name] for name in wanted.outputs if name in values}
    if wanted.response == "document":
        return Answer(orjson.dumps({name: inline(value) for name, value in made.items()}))
    if not made:
        return Answer(status=204)
    written = {name: raw(process, name, value) for name, value in made.items()}
    if len(written) > 1:
        return multipart(written)
    ((media_type, body),) = written.values()
    return Answer(body, media_type=media_type)


def inline(value: Any) -> Any:
    """A value in a document: an object other than a bounding box stands in ``value`` (inlineOrRefData.yaml)."""
    return {"value": value} if isinstance(value, dict) and not set(value) <= {"bbox", "crs"} else value


def raw(process: Process, name: str, value: Any) -> tuple[str, bytes]:
    """Media type and bytes of one value."""
    if not isinstance(value, str):
        return JSON, orjson.dumps(value)
    said = process.outputs[name].schema.get("contentMediaType")
    return str(said) if said else TEXT, value.encode()


def multipart(written: Mapping[str, tuple[str, bytes]]) -> Answer:
    """Several values (RFC 2387). The line before the first part, which readers pass over, says what the whole is: the
    official suite knows a multipart message by it."""
    boundary = f"part-{uuid.uuid4().hex}"
    head = f"multipart/related; boundary={boundary}"
    lines = [f"Content-Type: {head}".encode()]
    for name, (media_type, body) in written.items():
        lines += [
            f"--{boundary}".encode(),
            f"Content-Type: {media_type}".encode(),
            f"Content-ID: <{name}>".encode(),
            b"",
            body,
        ]
    lines += [f"--{boundary}--".encode(), b""]
    return Answer(b"\r\n".join(lines), media_type=head)
