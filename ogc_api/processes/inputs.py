"""What a request to run a process says, read strictly: inputs against their schemas, and which outputs it wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import jsonschema
import orjson

from gis_core.http import bodies
from gis_core.http.problems import too_large
from gis_core.problems import Problem
from gis_core.words import Text
from ogc_api.processes.description import Input, Process
from ogc_api.processes.references import fetched

QUALIFIED = frozenset({"value", "mediaType", "encoding", "schema", "format"})
LINK = frozenset({"href", "rel", "type", "hreflang", "title", "format"})


@dataclass(frozen=True)
class Wanted:
    """A request that fits: values by input, the outputs by name, and how they are to be written."""

    inputs: Mapping[str, Any]
    outputs: tuple[str, ...]
    response: Literal["raw", "document"]


def read_request(body: bytes, process: Process) -> Wanted:
    """Problems: 413 for a body that is too large, 400 ``bad-inputs`` for one that does not fit."""
    if len(body) > bodies.EVERYWHERE.most:
        raise too_large(bodies.EVERYWHERE.most)
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refused("nội dung không phải JSON", "the body is not JSON") from None
    if not isinstance(sent, dict) or not isinstance(sent.get("inputs", {}), dict):
        raise refused('cần {"inputs": {...}}', 'it must be {"inputs": {...}}')
    for member in sent:
        # ``subscriber`` is an address that the server would call for a stranger: that class is not declared.
        if member not in ("inputs", "outputs", "response"):
            raise refused(f"không nhận “{member[:40]}”", f"“{member[:40]}” is not accepted")
    response = sent.get("response", "raw")
    if response not in ("raw", "document"):
        raise refused("“response” là raw hoặc document", "“response” is raw or document")
    outputs = read_outputs(sent.get("outputs"), process)
    return Wanted(read_inputs(sent.get("inputs", {}), process), outputs, response)


def read_outputs(asked: Any, process: Process) -> tuple[str, ...]:
    """The outputs by name in their declared order; all of them where none is named."""
    if asked is None or asked == {}:
        return tuple(process.outputs)
    if not isinstance(asked, dict) or not all(isinstance(each, dict) for each in asked.values()):
        raise refused(
            "“outputs” là đối tượng theo tên đầu ra", "“outputs” is an object by the outputs' names"
        )
    for name, how in asked.items():
        if name not in process.outputs:
            raise refused(f"không có đầu ra “{name[:40]}”", f"there is no output “{name[:40]}”")
        if how.get("transmissionMode", "value") != "value":
            raise refused("“transmissionMode” chỉ là value", "“transmissionMode” can only be value")
    return tuple(name for name in process.outputs if name in asked)


def read_inputs(sent: Mapping[str, Any], process: Process) -> dict[str, Any]:
    """The values by input; a 400 Problem names the first that does not fit."""
    for name in sent:
        if name not in process.inputs:
            raise refused(f"không có đầu vào “{name[:40]}”", f"there is no input “{name[:40]}”")
    found = {}
    for name, declared in process.inputs.items():
        if name in sent:
            found[name] = value_of(name, declared, sent[name])
        elif declared.required:
            raise refused(f"thiếu “{name}”", f"“{name}” is missing")
        elif "default" in declared.schema:
            found[name] = declared.schema["default"]
    return found


def value_of(name: str, declared: Input, sent: Any) -> Any:
    """The value of an input: inline, qualified as ``{"value": ...}``, or where ``{"href": ...}`` points."""
    if isinstance(sent, dict) and "href" in sent and set(sent) <= LINK:
        check_format(name, declared, sent.get("type") or format_of(sent))
        sent = fetched(name, sent["href"], as_text=declared.schema.get("type") == "string")
    elif isinstance(sent, dict) and "value" in sent and set(sent) <= QUALIFIED:
        check_format(name, declared, sent.get("mediaType") or format_of(sent))
        sent = sent["value"]
    try:
        jsonschema.validate(sent, declared.schema, cls=jsonschema.Draft7Validator)
    except jsonschema.ValidationError as error:
        said = error.message if len(error.message) < 200 else error.message[:200] + "…"
        raise refused(f"“{name}” không đúng kiểu ({said})", f"“{name}” does not fit ({said})") from None
    return sent


def format_of(sent: Mapping[str, Any]) -> Any:
    """The media type in ``format``, as requests by the drafts of the standard write it."""
    said = sent.get("format")
    return said.get("mediaType") if isinstance(said, dict) else None


def check_format(name: str, declared: Input, said: Any) -> None:
    """Refuse another format than the declared one."""
    if said is not None and declared.media_type is not None and said != declared.media_type:
        wanted = declared.media_type
        raise refused(f"“{name}” phải ở dạng {wanted}", f"“{name}” must be {wanted}")


def refused(vi: str, en: str) -> Problem:
    return Problem(
        400, "bad-inputs", Text(f"Yêu cầu không hợp lệ: {vi}.", f"The request does not fit: {en}.")
    )
