"""The forms in which GetFeatureInfo answers: text and HTML for people, GeoJSON and GML for programs.

HTML is a document of its own without the house's frame: clients show it in a narrow panel beside their map (QGIS in a
QTextBrowser), where search, account and ways would be in the way. Programs get values as they are, and beside each code
and key what it is called, ``kind.label``: no field has a name with a full stop.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

import orjson

from gis_core.audiences import Caller
from gis_core.crs import CRS84, Crs
from gis_core.layer import Layer
from gis_core.naming import Speech
from gis_core.query.feature_text import feature_sql, json_value_sql
from gis_core.query.gml_text import PREFIX, feature_gml_sql, legal_xml, place_sql
from gis_core.query.items import kept_original
from gis_core.registry import Published
from gis_core.spoken import typed
from gis_core.words import Text

GML = "application/vnd.ogc.gml"
FORMATS: Mapping[str, str] = {
    "text/plain": "text",
    "text/html": "html",
    "application/json": "json",
    "application/geo+json": "json",
    GML: "gml",
}
NOTHING = Text("Không có đối tượng nào ở đây.", "There is nothing here.")
TITLE = Text("Thông tin tại một điểm", "What is at a point")
STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:12px;color:#1c2430}h2{font-size:18px;margin:12px 0 4px}"
    "table{border-collapse:collapse;margin:0 0 12px}th,td{border:1px solid #ddd8cc;padding:4px 8px;text-align:left}"
    "th{font-weight:500;background:#f5f3ee}"
)
LABEL = ".label"  # after the name of a field, which never has a full stop
APART, APART_SQL = (
    "\x1f",
    "chr(31)",
)  # between a feature's values and its text: in JSON it is written otherwise
FID = re.compile(r'\A\{"type":"Feature","id":(\d+)')


@dataclass(frozen=True)
class Found:
    """The features of one layer at the pixel, nearest first, as texts of the form that was asked for.

    ``unread`` says why there are none where the layer could not be read.
    """

    published: Published
    features: Sequence[str]
    unread: Text | None = None

    def told(self, language: str) -> str:
        """The layer and why it could not be read; empty where it was."""
        return f"{self.published.layer.title.to(language)}: {self.unread.to(language)}" if self.unread else ""


class Answer(Protocol):
    """One form: the SQL text expression of a feature, and the document of what was found."""

    def text(self, published: Published, caller: Caller, crs: Crs) -> str: ...
    def write(self, found: Sequence[Found], caller: Caller, language: str, speech: Speech) -> bytes: ...
    def media_type(self, format_: str) -> str: ...


def values_of(layer: Layer, caller: Caller, text: str) -> dict[str, Any]:
    """The values of a feature that an `Answer` has read, as the types of their fields."""
    properties: dict[str, Any] = orjson.loads(text.partition(APART)[0])
    return {field.name: typed(field, properties[field.name]) for field in layer.fields_for(caller.audience)}


def written(layer: Layer, caller: Caller, text: str, language: str, speech: Speech) -> list[tuple[str, str]]:
    """Label and value of each property of a feature that has a value, as people read them."""
    values = values_of(layer, caller, text)
    return [
        (field.label.to(language), speech.value(field, values[field.name]))
        for field in layer.fields_for(caller.audience)
        if values[field.name] not in (None, "")
    ]


def labels_of(
    layer: Layer, caller: Caller, text: str, language: str, speech: Speech
) -> list[tuple[str, str]]:
    """What the codes and keys of a feature are called, by the names of their fields."""
    values = values_of(layer, caller, text)
    fields = (field for field in layer.fields_for(caller.audience) if field.codes or field.reference)
    spoken = ((field.name, values[field.name], field) for field in fields)
    said = ((name, raw, speech.value(field, raw)) for name, raw, field in spoken if raw not in (None, ""))
    return [(name + LABEL, words) for name, raw, words in said if words != str(raw)]


def values_sql(published: Published, caller: Caller) -> str:
    """SQL text expression of the values of a feature, as `values_of` reads them."""
    fields = published.layer.fields_for(caller.audience)
    members = [f"""'"{field.name}":' || {json_value_sql(field.name, field.type)}""" for field in fields]
    return f"'{{' || {" || ',' || ".join(members)} || '}}'" if members else "'{}'::text"


class ForPeople:
    """Properties under their labels, codes and references as their words; no geometry."""

    def text(self, published: Published, caller: Caller, crs: Crs) -> str:
        return values_sql(published, caller)

    def media_type(self, format_: str) -> str:
        return f"{format_}; charset=utf-8"


class PlainText(ForPeople):
    def write(self, found: Sequence[Found], caller: Caller, language: str, speech: Speech) -> bytes:
        lines: list[str] = []
        for each in found:
            layer = each.published.layer
            for text in each.features:
                lines += [layer.title.to(language), "-" * len(layer.title.to(language))]
                rows = written(layer, caller, text, language, speech)
                lines += [f"{label}: {value}" for label, value in rows]
                lines.append("")
        lines += filter(None, (each.told(language) for each in found))
        return ("\n".join(lines) if lines else NOTHING.to(language) + "\n").encode()


class Html(ForPeople):
    def write(self, found: Sequence[Found], caller: Caller, language: str, speech: Speech) -> bytes:
        parts = []
        for each in found:
            layer = each.published.layer
            for text in each.features:
                rows = "".join(
                    f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>"
                    for label, value in written(layer, caller, text, language, speech)
                )
                parts.append(f"<h2>{escape(layer.title.to(language))}</h2><table>{rows}</table>")
        parts += [f"<p>{escape(told)}</p>" for each in found if (told := each.told(language))]
        body = "".join(parts) or f"<p>{escape(NOTHING.to(language))}</p>"
        return (
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
            f"<title>{escape(TITLE.to(language))}</title><style>{STYLE}</style></head><body>{body}</body></html>"
        ).encode()


class GeoJson:
    """A FeatureCollection in longitude and latitude (RFC 7946); identifiers are ``layer.fid``, as features of several
    layers stand side by side."""

    def text(self, published: Published, caller: Caller, crs: Crs) -> str:
        body = feature_sql(published.layer.fields_for(caller.audience), CRS84)
        return f"{values_sql(published, caller)} || {APART_SQL} || {body}"

    def labelled(self, layer: Layer, caller: Caller, text: str, language: str, speech: Speech) -> str:
        """A feature with its labels; its properties stand last in it, the version first among them."""
        body = FID.sub(rf'{{"type":"Feature","id":"{layer.id}.\1"', text.partition(APART)[2])
        labels = "".join(
            f",{orjson.dumps(name).decode()}:{orjson.dumps(words).decode()}"
            for name, words in labels_of(layer, caller, text, language, speech)
        )
        return f"{body[:-2]}{labels}}}}}"

    def write(self, found: Sequence[Found], caller: Caller, language: str, speech: Speech) -> bytes:
        features = [
            self.labelled(each.published.layer, caller, text, language, speech)
            for each in found
            for text in each.features
        ]
        unread = [
            {"collection": each.published.layer.id, "detail": told}
            for each in found
            if (told := each.told(language))
        ]
        more = f',"unanswered":{orjson.dumps(unread).decode()}' if unread else ""
        return f'{{"type":"FeatureCollection","features":[{",".join(features)}]{more}}}'.encode()

    def media_type(self, format_: str) -> str:
        return format_


class Gml:
    """GML 3.1.1 in the CRS of the map, with coordinates in its authority's order."""

    def text(self, published: Published, caller: Caller, crs: Crs) -> str:
        layer = published.layer
        place = place_sql(layer.id, layer.geometry.type, crs, kept_original(published, caller))
        body = feature_gml_sql(layer.id, layer.fields_for(caller.audience), place)
        return f"{values_sql(published, caller)} || {APART_SQL} || {body}"

    def labelled(self, layer: Layer, caller: Caller, text: str, language: str, speech: Speech) -> str:
        """A feature with its labels, before its place: QGIS reads no property that comes after it."""
        labels = "".join(
            f"<{PREFIX}:{name}>{escape(words, quote=False)}</{PREFIX}:{name}>"
            for name, words in labels_of(layer, caller, text, language, speech)
        )
        body, place = text.partition(APART)[2], f"<{PREFIX}:geom>"
        before = place if place in body else f"</{PREFIX}:{layer.id}>"  # neither can be within a value
        return body.replace(before, labels + before, 1)

    def write(self, found: Sequence[Found], caller: Caller, language: str, speech: Speech) -> bytes:
        members = "".join(
            f"<gml:featureMember>{self.labelled(each.published.layer, caller, text, language, speech)}"
            "</gml:featureMember>\n"
            for each in found
            for text in each.features
        )
        members += "".join(
            f"<!-- {escape(told).replace('--', '- -')} -->\n"
            for each in found
            if (told := each.told(language))
        )
        document = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"'
            f' xmlns:huong="urn:huong:layers">\n{members}</gml:FeatureCollection>\n'
        )
        return legal_xml(document.encode())

    def media_type(self, format_: str) -> str:
        return f"{format_}; charset=utf-8"


ANSWERS: Mapping[str, Answer] = {"text": PlainText(), "html": Html(), "json": GeoJson(), "gml": Gml()}
