"""Who asks: `resolve`, one function for every process. It knows headers, not a web framework.

Answers are remembered in each process for `REMEMBERED_SECONDS`, so that a page's hundred tiles cost one look-up; so
long, at most, does a revoked token or an ended session go on working in another process.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial

from django.db import connection
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from gis_core.accounts.credentials import Answer, by_authorization, by_session, session_key
from gis_core.accounts.words import BAD_ORIGIN
from gis_core.audiences import CITIZEN, Caller
from gis_core.problems import Problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
REMEMBERED_SECONDS = 20.0
MOST_REMEMBERED = 4096


class Memory:
    """The latest answers by digest of the credentials; thread-safe, bounded, forgetful."""

    def __init__(self) -> None:
        self._answers: OrderedDict[bytes, tuple[float, Answer]] = OrderedDict()
        self._lock = threading.Lock()
        self._generation = 0

    def get(self, key: bytes, now: float) -> tuple[Answer | None, int]:
        """The answer, if one is remembered, and the generation to hand to `put`."""
        with self._lock:
            found = self._answers.get(key)
            fresh = found is not None and now - found[0] < REMEMBERED_SECONDS
            return (found[1] if found and fresh else None), self._generation

    def put(self, key: bytes, answer: Answer, now: float, generation: int) -> None:
        """Keep ``answer``, unless something was forgotten since the look-up began: it may be of before that."""
        with self._lock:
            if generation != self._generation:
                return
            self._answers[key] = (now, answer)
            self._answers.move_to_end(key)
            while len(self._answers) > MOST_REMEMBERED:
                self._answers.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._answers.clear()
            self._generation += 1


MEMORY = Memory()


def resolve(headers: Mapping[str, str], *, now: float | None = None) -> Caller:
    """The caller that ``headers`` (lower-case names; ``cookie`` and ``authorization`` are read) speak of.

    ``now`` is a reading of the monotonic clock, in seconds. ``Authorization`` counts before a cookie. Blocks on the
    database; an event loop calls it in a thread. Raises Problem 401 for a token that is wrong, expired or revoked; a
    cookie that is, is a citizen's.
    """
    authorization = headers.get("authorization", "").strip()
    cookie = "" if authorization else session_key(headers.get("cookie", ""))
    if not authorization and not cookie:
        return CITIZEN
    now = time.monotonic() if now is None else now
    key = hashlib.sha256(f"{authorization}\0{cookie}".encode("utf-8", "surrogatepass")).digest()
    answer, generation = MEMORY.get(key, now)
    if answer is None:
        answer = with_fresh_connection(
            partial(by_authorization, authorization) if authorization else partial(by_session, cookie)
        )
        MEMORY.put(key, answer, now, generation)
    if isinstance(answer, Caller):
        return answer
    raise Problem(401, "bad-token", answer, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def with_fresh_connection(look_up: Callable[[], Answer]) -> Answer:
    """``look_up()``, once more on a new connection where the old one turns out to be dead.

    Outside Django's requests nobody else closes a connection that the database has dropped.
    """
    if connection.in_atomic_block:
        return look_up()
    connection.close_if_unusable_or_obsolete()
    try:
        return look_up()
    except (OperationalError, InterfaceError):
        connection.close()
        return look_up()


# In Django's views ------------------------------------------------------------------------------------------------


def current_caller(request: HttpRequest) -> Caller:
    """Who asks; Problem 401 for a bad token. The same answer throughout one request."""
    known = getattr(request, "caller", None)
    if isinstance(known, Caller):
        return known
    caller = resolve(
        {
            "cookie": request.META.get("HTTP_COOKIE", ""),
            "authorization": request.META.get("HTTP_AUTHORIZATION", ""),
        }
    )
    request.caller = caller  # type: ignore[attr-defined]
    return caller


def enforce_csrf(request: HttpRequest) -> None:
    """Problem 403 where a browser may have been made to send this change: for views that are ``csrf_exempt``.

    A session needs Django's CSRF token. A token in the Authorization header does not, save one by Basic that a browser
    remembered and now sends for another site's page; no program sends ``Sec-Fetch-Site``. A page of another origin
    that has a token of its own sends it as Bearer, which no browser remembers.
    """
    if request.method in SAFE_METHODS:
        return
    caller = current_caller(request)
    foreign = request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}
    remembered = not request.headers.get("Authorization", "").strip().lower().startswith("bearer ")
    by_token = caller.via == "token" and foreign and remembered
    if (caller.via == "session" and not _has_csrf_token(request)) or by_token:
        raise Problem(403, "csrf-failed", BAD_ORIGIN)


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)


def _has_csrf_token(request: HttpRequest) -> bool:
    check = _CsrfCheck(_any_view)
    check.process_request(request)
    return check.process_view(request, _any_view, (), {}) is None


def _any_view(request: HttpRequest) -> HttpResponse:
    """A view that is not ``csrf_exempt``: what the check is to be made for."""
    return HttpResponse()
