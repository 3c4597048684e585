"""What the reference server holds: two small layers, and filters over them worked out in plain Python.

The reference server exists to try the checks, not to be fast or complete.
"""

from __future__ import annotations

import json
import operator
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import cql2
from shapely.geometry import box, mapping, shape

CITY = ZoneInfo("Asia/Ho_Chi_Minh")
Json = dict[str, Any]
GEOJSON_GEOMETRY = "https://geojson.org/schema/Geometry.json"


class Refused(Exception):
    """A request that is refused: status and the words of the problem document."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.headers = status, headers


@dataclass
class Layer:
    """One collection: its properties (JSON Schema), features by id, and who last wrote each."""

    id: str
    title: str
    geometry: str
    properties: Json
    features: dict[int, Json]
    writers: dict[int, str] = field(default_factory=dict)

    def extent(self) -> Json:
        """Bounds, padded outwards so that no feature is cut by printing fewer decimals."""
        bounds = [shape(f["geometry"]).bounds for f in self.features.values() if f["geometry"]]
        west, south, east, north = zip(*bounds, strict=True)
        corners = [min(west) - 1e-6, min(south) - 1e-6, max(east) + 1e-6, max(north) + 1e-6]
        spans = [span for f in self.features.values() if (span := self.span(f))]
        lows, highs = [low for low, _ in spans if low], [high for _, high in spans]
        end = None if None in highs else max(high for high in highs if high).isoformat()
        return {
            "spatial": {
                "bbox": [[round(v, 7) for v in corners]],
                "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            },
            "temporal": {"interval": [[min(lows).isoformat(), end]]},
        }

    def roles(self) -> dict[str, str]:
        return {p["x-ogc-role"]: name for name, p in self.properties.items() if "x-ogc-role" in p}

    def span(self, feature: Json) -> tuple[datetime | None, datetime | None] | None:
        """When the feature was: begin and end, None for open; None if it has no time."""
        roles, values = self.roles(), feature["properties"]
        if "primary-instant" in roles:
            at = values[roles["primary-instant"]]
            return None if at is None else (moment(at), moment(at))
        begin, end = (values[roles[f"primary-interval-{which}"]] for which in ("start", "end"))
        return (moment(begin) if begin else None, moment(end, last=True) if end else None)


def moment(text: str, *, last: bool = False) -> datetime:
    """RFC 3339 date-time or date (its first or last microsecond in the city); ValueError otherwise."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return datetime.combine(date.fromisoformat(text), time.max if last else time.min, CITY)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


NAMES = ("Nhà vườn An Hiên", "Chợ Đông Ba", "Cầu Trường Tiền", "Đồi Vọng Cảnh", "Trường Quốc Học", "Ga Huế")


def houses() -> Layer:
    """25 polygons with an instant each; number 7 has no time, number 9 no geometry."""
    features: dict[int, Json] = {}
    for n in range(1, 26):
        west, south = 107.55 + n % 5 * 0.01, 16.44 + n // 5 * 0.01
        at = datetime(2024, 1, 1, 5, tzinfo=UTC) + timedelta(days=13 * n)
        features[n] = {
            "geometry": None if n == 9 else rounded(mapping(box(west, south, west + 0.004, south + 0.003))),
            "properties": {
                "name": None if n == 11 else f"{NAMES[n % 6]} {n // 6}",
                "note": f"số {n}",
                "floors": n % 7,
                "built_at": None if n == 7 else at.isoformat().replace("+00:00", "Z"),
                "version": 1,
            },
        }
    return Layer("houses", "Nhà", "Polygon", HOUSE_PROPERTIES, features)


def wards() -> Layer:
    """Six polygons that held for an interval; two hold still."""
    features: dict[int, Json] = {}
    for n in range(1, 7):
        west = 107.5 + n * 0.02
        features[n] = {
            "geometry": rounded(mapping(box(west, 16.4, west + 0.02, 16.5))),
            "properties": {
                "name": f"Phường {n}",
                "people": 1000 * n,
                "valid_from": f"20{10 + n}-07-01T00:00:00Z",
                "valid_to": None if n > 4 else f"20{14 + n}-06-30T00:00:00Z",
                "version": 1,
            },
        }
    return Layer("wards", "Phường", "Polygon", WARD_PROPERTIES, features)


VERSION = {"type": "integer", "title": "Phiên bản"}
HOUSE_PROPERTIES: Json = {
    "name": {"type": "string", "title": "Tên"},
    "note": {"type": "string", "title": "Ghi chú"},
    "floors": {"type": "integer", "title": "Số tầng"},
    "built_at": {"type": "string", "format": "date-time", "x-ogc-role": "primary-instant"},
    "version": {**VERSION, "readOnly": True},
}
WARD_PROPERTIES: Json = {
    "name": {"type": "string", "title": "Tên"},
    "people": {"type": "integer", "title": "Dân số"},
    "valid_from": {"type": "string", "format": "date-time", "x-ogc-role": "primary-interval-start"},
    "valid_to": {"type": "string", "format": "date-time", "x-ogc-role": "primary-interval-end"},
    "version": {**VERSION, "readOnly": True},
}


def rounded(geometry: Any) -> Json:
    def walk(part: Any) -> Any:
        return round(part, 7) if isinstance(part, float) else [walk(one) for one in part]

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}


# -- CQL2 ----------------------------------------------------------------------------------------

Value = Any
Evaluate = Callable[[Json], Value]
COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LOGIC = {"and", "or", "not", "isNull", "in", "like", "between"}


def compile_filter(
    layer: Layer, text: str, lang: str, to_crs84: Callable[[Any], Any]
) -> Callable[[Json], bool]:
    """A predicate for a filter; Refused if it is none. ``to_crs84`` moves a geometry out of filter-crs."""
    if len(text) > 4_000 or text.count("(") > 60:
        raise Refused(400, "filter: too long or too deep")
    try:
        tree = json.loads(text) if lang == "cql2-json" else cql2.Expr(text).to_json()
    except Exception as fault:
        raise Refused(400, f"filter: {fault}") from None
    kind, evaluate = build(layer, tree, to_crs84)
    if kind != "truth":
        raise Refused(400, "filter: no truth value")
    return lambda feature: evaluate(feature) is True


def build(layer: Layer, node: Any, to_crs84: Callable[[Any], Any]) -> tuple[str, Evaluate]:
    """The type of an expression (text, number, time, place, span, truth) and how to work it out."""
    if isinstance(node, bool | str | int | float):
        return ("text" if isinstance(node, str) else "number"), lambda _: node
    if not isinstance(node, dict):
        raise Refused(400, f"filter: {node!r}")
    if "property" in node:
        return build_property(layer, node["property"])
    if "timestamp" in node:
        stamp = parse_moment(node["timestamp"])
        return "time", lambda _: stamp
    if "interval" in node:
        return "span", build_interval(layer, node["interval"], to_crs84)
    if "bbox" in node or "coordinates" in node:
        place = to_crs84(box(*node["bbox"]) if "bbox" in node else shape(node))
        return "place", lambda _: place
    if "op" in node and isinstance(node.get("args"), list):
        return build_operation(layer, str(node["op"]), node["args"], to_crs84)
    raise Refused(400, f"filter: {node!r}")


def parse_moment(text: str) -> datetime:
    try:
        return moment(text)
    except ValueError:
        raise Refused(400, f"filter: {text!r} is no date-time") from None


def build_property(layer: Layer, name: str) -> tuple[str, Evaluate]:
    if name == "geometry":
        return "place", lambda f: shape(f["geometry"]) if f["geometry"] else None
    schema = layer.properties.get(name)
    if schema is None:
        raise Refused(400, f"filter: there is no property {name}")
    if schema.get("format") == "date-time":
        return ("time", lambda f: moment(f["properties"][name]) if f["properties"][name] else None)
    return ("text" if schema["type"] == "string" else "number"), lambda f: f["properties"][name]


def build_interval(layer: Layer, ends: list[Any], to_crs84: Callable[[Any], Any]) -> Evaluate:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

    def end(node: Any, open_: datetime) -> Evaluate:
        if node == "..":
            return lambda _: open_
        if isinstance(node, str):
            stamp = parse_moment(node)
            return lambda _: stamp
        return build(layer, node, to_crs84)[1]

    low, high = end(ends[0], first), end(ends[1], last)

    def interval(feature: Any) -> Any:
        """NULL where a bound is a property without a value: only '..' is open."""
        bounds = low(feature), high(feature)
        return None if None in bounds else bounds

    return interval


def build_operation(
    layer: Layer, op: str, args: list[Any], to_crs84: Callable[[Any], Any]
) -> tuple[str, Evaluate]:
    if op == "in":
        args = [args[0], *args[1]]
    kinds, parts = zip(*(build(layer, one, to_crs84) for one in args), strict=True)
    if op in ("casei", "accenti") and kinds == ("text",):
        fold = str.casefold if op == "casei" else without_accents
        return "text", lambda f: None if (v := parts[0](f)) is None else fold(v)
    if op.startswith("s_") and kinds == ("place", "place"):
        return "truth", known(getattr_of(op), parts)
    if op in ("t_after", "t_before") and kinds == ("time", "time"):
        return "truth", known(operator.gt if op == "t_after" else operator.lt, parts)
    if op == "t_intersects" and kinds == ("span", "span"):
        return "truth", known(lambda a, b: a[0] <= b[1] and b[0] <= a[1], parts)
    if op in COMPARE and len(kinds) == 2 and kinds[0] == kinds[1] and kinds[0] in ("text", "number", "time"):
        return "truth", known(COMPARE[op], parts)
    if op in LOGIC:
        return "truth", build_logic(op, kinds, parts)
    raise Refused(400, f"filter: {op} of {kinds}")


def getattr_of(op: str) -> Callable[[Any, Any], bool]:
    names = {"s_intersects": "intersects", "s_disjoint": "disjoint", "s_within": "within"}
    if op not in names:
        raise Refused(400, f"filter: {op}")
    return lambda a, b: bool(getattr(a, names[op])(b))


def known(test: Callable[..., bool], parts: tuple[Evaluate, ...]) -> Evaluate:
    """NULL where an operand is NULL, as in SQL."""

    def evaluate(feature: Json) -> Value:
        values = [part(feature) for part in parts]
        return None if None in values else test(*values)

    return evaluate


def build_logic(op: str, kinds: tuple[str, ...], parts: tuple[Evaluate, ...]) -> Evaluate:
    if op in ("and", "or", "not"):
        if set(kinds) != {"truth"}:
            raise Refused(400, f"filter: {op} of {kinds}")
        if op == "not":
            return lambda f: None if (v := parts[0](f)) is None else not v
        decided = op == "or"
        return lambda f: (
            decided if decided in (vs := [p(f) for p in parts]) else None if None in vs else not decided
        )
    if op == "isNull":
        return lambda f: parts[0](f) is None
    if len(set(kinds)) != 1:
        raise Refused(400, f"filter: {op} of {kinds}")
    if op == "in":
        return known(lambda value, *others: value in others, parts)
    if op == "between":
        return known(lambda value, low, high: low <= value <= high, parts)
    return known(like, parts)


def like(value: str, pattern: str) -> bool:
    expression = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


def without_accents(value: str) -> str:
    spread = unicodedata.normalize("NFD", value.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in spread if not unicodedata.combining(c))
