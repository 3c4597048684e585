"""The web page form of a tile document: its words, its parts and its links, without script or style."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from gis_core.words import Text

HIDDEN = frozenset({"links", "title", "description"})
LINKS = Text("Liên kết", "Links")


def page(document: Mapping[str, Any], language: str) -> bytes:
    """A document as HTML; every text in it is escaped."""
    title = escape(str(document.get("title") or document.get("name") or document.get("id") or "Hương"))
    parts = [f"<h1>{title}</h1>"]
    if "description" in document:
        parts.append(f"<p>{escape(str(document['description']))}</p>")
    parts.append(members(document))
    if document.get("links"):
        parts.append(f"<h2>{LINKS.to(language)}</h2>{links(document['links'])}")
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><link rel="stylesheet" href="/ogcapi/page.css"></head>'
        f"<body><main>{''.join(parts)}</main></body></html>"
    ).encode()


def members(value: Mapping[str, Any]) -> str:
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{shown(v)}</dd>" for k, v in value.items() if k not in HIDDEN)
    return f"<dl>{rows}</dl>"


def shown(value: Any) -> str:
    if isinstance(value, Mapping):
        title = f"<strong>{escape(str(value['title']))}</strong>" if "title" in value else ""
        return title + members(value) + (links(value["links"]) if "links" in value else "")
    if isinstance(value, list):
        if all(isinstance(each, int | float | str) for each in value):
            return ", ".join(shown(each) for each in value)
        return "<ul>" + "".join(f"<li>{shown(each)}</li>" for each in value) + "</ul>"
    text = escape(str(value))
    return (
        f'<a href="{text}">{text}</a>'
        if text.startswith(("http://", "https://")) and "{" not in text
        else text
    )


def links(found: Iterable[Mapping[str, Any]]) -> str:
    items = []
    for each in found:
        href, words = escape(each["href"]), escape(str(each.get("title") or each["rel"]))
        items.append(f"<li>{words}: {href}</li>" if "{" in href else f'<li><a href="{href}">{words}</a></li>')
    return f"<ul>{''.join(items)}</ul>"
