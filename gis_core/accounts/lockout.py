"""What axes asks of us: which name an attempt was for, and what to answer once it is locked."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from gis_core.accounts.words import LOCKED_OUT, spoken_language

LOCKED_SECONDS = 15 * 60


def normal_name(name: str) -> str:
    """A user name as Django stores it (NFKC), so that a name typed on a phone (NFD) is the same."""
    return unicodedata.normalize("NFKC", name)


def attempted_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str | None:
    """The name or address of an attempt, in one spelling; shortened to what the record of attempts holds."""
    given = credentials or {}
    name = given.get("username") or given.get("email") or request.POST.get("login") or ""
    return normal_name(str(name)).casefold().replace("\0", "")[:150] or None


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: Mapping[str, Any] | None = None
) -> HttpResponse:
    """429 in the reader's language, the same for a name that exists and one that does not."""
    response = render(
        request, "accounts/locked_out.html", {"reason": LOCKED_OUT.to(spoken_language())}, status=429
    )
    response["Retry-After"] = str(LOCKED_SECONDS)
    add_never_cache_headers(response)
    return response
