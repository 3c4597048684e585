"""Inputs by reference: a value in a ``data:`` address, or at one of the hosts that the operator has named."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from django.conf import settings

from gis_core.outward import NotFetched, fetch
from gis_core.problems import Problem
from gis_core.words import Text

MOST_LETTERS = 100_000


def fetched(name: str, href: Any, *, as_text: bool) -> Any:
    """The value that input ``name`` has at ``href``: a text, else JSON. A 400 Problem where there is none."""
    try:
        if not isinstance(href, str) or len(href) > MOST_LETTERS:
            raise NotFetched(Text("“href” phải là một địa chỉ", "“href” must be an address"))
        is_value = href[:5].lower() == "data:"
        body = of_data_address(href) if is_value else fetch(href, settings.CONFIG.fetch_from)
        return body.decode() if as_text else orjson.loads(body)
    except NotFetched as error:
        raise not_taken(name, error.why) from None
    except ValueError:
        raise not_taken(name, Text("nội dung ở đó không đọc được", "what is there cannot be read")) from None


def of_data_address(href: str) -> bytes:
    """The bytes in an address of RFC 2397; ValueError where they are not what it says."""
    head, comma, data = href[5:].partition(",")
    if not comma:
        raise ValueError(href)
    raw = unquote_to_bytes(data)
    if not head.lower().endswith(";base64"):
        return raw
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise ValueError(href) from error


def not_taken(name: str, why: Text) -> Problem:
    words = Text(
        f"Không lấy được “{name}” theo tham chiếu: {why.vi}.",
        f"“{name}” is not fetched by reference: {why.en}.",
    )
    return Problem(400, "bad-inputs", words)
