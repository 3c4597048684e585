"""Asking a city in this process as each audience, and what of an answer two askings must have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.test import Client

from gis_core.accounts.models import Membership, User
from gis_core.accounts.tokens import digest, issue
from gis_core.audiences import Caller

UNITS = ("19774", "19753")  # the officer's: Kim Long and Phú Xuân

# What differs between two askings of the same thing at two moments, and says nothing of the data.
MOMENTARY = (
    (re.compile(rb'"timeStamp":"[^"]*"'), b'"timeStamp":""'),
    (re.compile(rb'timeStamp="[^"]*"'), b'timeStamp=""'),
    (re.compile(rb"<time[^>]*>[^<]*</time>"), b"<time></time>"),
    (re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"'), b""),
    (re.compile(rb'nonce="[^"]*"'), b'nonce=""'),
)
ONE_JOB = re.compile(r"/jobs/[0-9a-f-]{36}")  # a run of somebody known leaves one of its own
MOMENTARY_HEADERS = frozenset({"date", "x-request-id", "set-cookie", "content-security-policy"})


def lasting(body: bytes) -> bytes:
    """``body`` without what is `MOMENTARY`."""
    for pattern, instead in MOMENTARY:
        body = pattern.sub(instead, body)
    return body


@dataclass(frozen=True)
class Call:
    """One request. ``body`` is sent as JSON unless it is bytes."""

    path: str
    method: str = "GET"
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    media_type: str = "application/json"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Reply:
    """Status, headers and body of an answer; `lasting` is what of it must not change without a cause."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def lasting(self) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        kept = sorted(
            (k.lower(), ONE_JOB.sub("/jobs/", v))
            for k, v in self.headers.items()
            if k.lower() not in MOMENTARY_HEADERS
        )
        return self.status, tuple(kept), lasting(self.body)


@dataclass(frozen=True)
class Person:
    """Somebody with a token of one audience; nobody, a citizen, without."""

    caller: Caller
    token: str | None = None

    def ask(self, call: Call) -> Reply:
        """The answer of the web process (Django, middleware included)."""
        body = (
            call.body
            if isinstance(call.body, bytes)
            else b""
            if call.body is None
            else orjson.dumps(call.body)
        )
        headers = {"X-Forwarded-For": "192.0.2.7", **call.headers}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        client = Client(raise_request_exception=False)
        done = client.generic(call.method, call.path, body, content_type=call.media_type, headers=headers)
        content = b"".join(done.streaming_content) if done.streaming else done.content
        return Reply(done.status_code, dict(done.headers), content)

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask(Call(path, headers=headers))


def citizen() -> Person:
    return Person(Caller())


_STAFF: dict[tuple[str, str, tuple[str, ...]], Person] = {}


def staff(audience: Any, name: str = "first", units: tuple[str, ...] | None = None) -> Person:
    """The staff member ``name`` of ``audience``, made at first use in a database; officers have `UNITS` unless told."""
    own = units if units is not None else (UNITS if audience == "officer" else ())
    user, _ = User.objects.get_or_create(username=f"{name}-{audience}")
    known = _STAFF.get((name, audience, own))
    if known is None or not user.tokens.filter(hash=digest(known.token or "")).exists():
        Membership.objects.update_or_create(user=user, audience=audience, defaults={"units": list(own)})
        made, token = issue(user, f"tests {user.tokens.count()}", audience, scope="write")
        known = Person(Caller(audience, tuple(sorted(own)), f"token:{made.pk}", True, "token"), token)
        _STAFF[(name, audience, own)] = known
    return known


def person(audience: str) -> Person:
    return citizen() if audience == "citizen" else staff(audience)
