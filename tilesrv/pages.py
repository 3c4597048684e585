"""The web page form of a tile document: its words, its parts and its links, without script or style."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from gis_core.http import frame
from gis_core.http.frame import Reader
from gis_core.words import Text

# Said elsewhere on the page, or, as titles in every language, for programs alone.
HIDDEN = frozenset({"links", "title", "titles", "description"})
IDENTIFIER = re.compile(
    r"[a-z][a-z0-9]*(?:[_:-][a-z0-9_:-]*)?"
)  # of a layer or style; for programs, in no language
LINKS = Text("Liên kết", "Links")


def page(document: Mapping[str, Any], reader: Reader) -> bytes:
    """A document as HTML in the frame of every page; every text in it is escaped."""
    language = reader.language
    title = escape(str(document.get("title") or document.get("name") or document.get("id") or "Hương"))
    parts = [f"<h1>{title}</h1>"]
    if "description" in document:
        parts.append(f"<p>{escape(str(document['description']))}</p>")
    parts.append(members(document))
    if document.get("links"):
        parts.append(f"<h2>{LINKS.to(language)}</h2>{links(document['links'])}")
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{title} · {frame.SITE.to(language)}</title><link rel="stylesheet" href="/ogcapi/page.css">'
        f"{frame.ICON}{frame.STYLE}</head>"
        f'<body>{frame.head(reader)}<main id="main" tabindex="-1">{"".join(parts)}</main>{frame.foot(reader)}'
        "</body></html>"
    ).encode()


def members(value: Mapping[str, Any]) -> str:
    """The members of a document by the names that programs know them by; what has no value says nothing."""
    told = ((key, each) for key, each in value.items() if key not in HIDDEN and each is not None)
    rows = "".join(f"<dt><code>{escape(key)}</code></dt><dd>{shown(each)}</dd>" for key, each in told)
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
    if IDENTIFIER.fullmatch(text):
        return f"<code>{text}</code>"
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
