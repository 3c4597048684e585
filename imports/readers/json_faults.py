"""Why a text is no JSON or no GeoJSON, in the words of whoever made the file, with what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from imports.frames import Refusal
from imports.readers.shapes import Fault

# What the parser says: its kinds of values, and the byte at which it stopped.
EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`")
WHERE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")
AT_BYTE = re.compile(r"\(byte (?P<byte>\d+)\)")
NO_NUMBER = re.compile(rb"-?(NaN|nan|Infinity|inf)")
KINDS: dict[str, Fault] = {
    "object": ("một đối tượng {…}", "an object {…}"),
    "array": ("một danh sách […]", "a list […]"),
    "str": ("chữ", "text"),
    "int": ("số", "a number"),
    "float": ("số", "a number"),
    "bool": ("đúng/sai", "true or false"),
    "null": ("null", "null"),
}
LINEWISE: Fault = (
    "mỗi dòng một đối tượng, GeoJSONSeq? Mở tệp trong QGIS rồi xuất ra GeoPackage",
    "one object a line, GeoJSONSeq? Open it in QGIS and export a GeoPackage",
)
# How deep lists of numbers lie in one another, below ``coordinates``.
DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
LEAST = {
    "LineString": 2,
    "MultiLineString": 2,
    "Polygon": 4,
    "MultiPolygon": 4,
}  # positions of a line or ring


def broken(error: msgspec.DecodeError, data: bytes) -> Refusal:
    """The refusal of a file that is no JSON."""
    words = str(error)
    found = AT_BYTE.search(words)
    if found is None and not EXPECTED.search(words):
        vi, en = (
            "tệp kết thúc giữa chừng; hãy chép hoặc tải lại",
            "it ends in the middle; copy or download it again",
        )
    elif found is None:
        vi, en = value_fault(error)
    else:
        vi, en = at_byte(int(found["byte"]), data, trailing="trailing characters" in words)
    return Refusal("broken-file", f"Tệp JSON bị hỏng: {vi}.", f"The JSON is broken: {en}.")


def at_byte(byte: int, data: bytes, *, trailing: bool) -> Fault:
    line = data.count(b"\n", 0, byte) + 1
    vi, en = f"dòng {line} (byte {byte})", f"line {line} (byte {byte})"
    if trailing:
        return (
            f"còn nội dung khác sau đối tượng đầu tiên, từ {vi} ({LINEWISE[0]})",
            f"more follows after the first object, from {en} on ({LINEWISE[1]})",
        )
    if any(
        found.start() <= byte < found.end() + 1
        for found in NO_NUMBER.finditer(data, max(0, byte - 10), byte + 10)
    ):
        return (
            f"{vi} có NaN hoặc Infinity, JSON không có các số này; hãy thay bằng null",
            f"{en} has NaN or Infinity, which JSON does not know; write null instead",
        )
    return f"sai cú pháp ở {vi}; hãy xuất lại tệp", f"its syntax is wrong at {en}; export the file again"


def value_fault(error: msgspec.DecodeError) -> Fault:
    """Why a value is none that belongs there."""
    words, place = str(error), WHERE.search(str(error))
    path = place["path"].replace("[...]", "") if place else ""
    vi, en = (f" ở “{path}”", f" at “{path}”") if path else ("", "")
    found = EXPECTED.search(words)
    if found is not None:
        wanted = [KINDS.get(kind.strip(), (kind, kind)) for kind in found["wanted"].split("|")]
        got = KINDS.get(found["got"], (found["got"],) * 2)
        return (
            f"cần {' hoặc '.join(dict.fromkeys(w[0] for w in wanted))}, lại là {got[0]}{vi}",
            f"{' or '.join(dict.fromkeys(w[1] for w in wanted))} is expected, not {got[1]}{en}",
        )
    if "out of range" in words:
        return f"có số quá lớn{vi}; hãy ghi nó ở dạng chữ", f"a number is too large{en}; write it as text"
    return f"sai cú pháp{vi}", f"its syntax is wrong{en}"


def geometry_fault(text: str | None) -> Fault:
    """Why ``text`` (JSON, an object) is no geometry that can be read."""
    try:
        vi, en = why_no_shape(msgspec.json.decode(text or "null"))
    except msgspec.DecodeError as error:
        vi, en = value_fault(error)
    except RecursionError:
        vi, en = "các danh sách lồng nhau quá sâu", "its lists are nested too deeply"
    return f"hình học không đọc được: {vi}", f"the geometry cannot be read: {en}"


def why_no_shape(shape: Any) -> Fault:
    kind = shape.get("type") if isinstance(shape, dict) else None
    if kind == "GeometryCollection":
        return why_no_parts(shape.get("geometries"))
    if kind not in DEPTHS:
        return "một phần không phải hình học", "a part is no geometry"
    if "coordinates" not in shape:
        return "thiếu “coordinates”", "“coordinates” is missing"
    return why_no_places(shape["coordinates"], DEPTHS[kind], LEAST.get(kind, 0)) or (
        "tọa độ không hợp với loại hình học",
        "the coordinates do not suit the type",
    )


def why_no_parts(parts: Any) -> Fault:
    if not isinstance(parts, list):
        return "“geometries” thiếu hoặc không phải danh sách", "“geometries” is missing or no list"
    if not all(isinstance(part, dict) for part in parts):
        return "một phần không phải hình học", "a part is no geometry"
    return next(
        (why_no_shape(part) for part in parts if is_at_fault(part)),
        ("một phần không phải hình học", "a part is no geometry"),
    )


def is_at_fault(part: dict[str, Any]) -> bool:
    kind = part.get("type")
    if kind == "GeometryCollection":
        parts = part.get("geometries")
        return not isinstance(parts, list) or any(not isinstance(p, dict) or is_at_fault(p) for p in parts)
    depth = DEPTHS.get(kind) if isinstance(kind, str) else None
    return depth is None or why_no_places(part.get("coordinates"), depth, LEAST.get(str(kind), 0)) is not None


def why_no_places(given: Any, depth: int, least: int) -> Fault | None:
    """What is wrong with lists of positions, ``depth`` in one another; the innermost list has ``least`` at least."""
    if given is None:
        return "tọa độ là null", "coordinates are null"
    if not isinstance(given, list):
        return "tọa độ phải là danh sách số", "coordinates must be lists of numbers"
    if depth == 0:
        return why_no_position(given)
    inner = next((why for each in given if (why := why_no_places(each, depth - 1, least))), None)
    if inner is not None:
        return inner
    if depth == 1 and 0 < len(given) < least:
        return (
            f"một đường hoặc vòng chỉ có {len(given)} điểm, cần ít nhất {least}",
            f"a line or ring has {len(given)} positions and needs at least {least}",
        )
    if depth == 1 and least == 4 and given and given[0] != given[-1]:
        return "một vòng không khép kín", "a ring is not closed"
    return None


def why_no_position(given: Sequence[Any]) -> Fault | None:
    if any(isinstance(value, list | dict) for value in given):
        return (
            "tọa độ lồng nhau sâu hơn loại hình học cho phép",
            "coordinates are nested deeper than the type allows",
        )
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in given):
        return "một tọa độ không phải là số", "a coordinate is no number"
    if len(given) < 2:
        return "một điểm cần ít nhất hai số", "a position needs two numbers at least"
    return None
