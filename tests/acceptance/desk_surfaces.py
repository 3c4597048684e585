"""The administration's pages of a layer's table, asked by somebody who acts as an audience and has every permission."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlencode

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from gis_core.accounts.models import Membership, User
from gis_core.administration.layer_admin import LayerAdmin
from gis_core.audiences import Caller
from gis_core.writers import model_of
from tests.acceptance.asking import Call, Reply
from tests.acceptance.surfaces import FULL, Subject

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Desk:
    """A session of staff in the role of ``caller``; for a citizen, staff without any role.

    Django's permissions are given for every table of a layer: what the role does not open, they must not.
    """

    def __init__(self, caller: Caller) -> None:
        user, made = User.objects.get_or_create(username=f"desk-{caller.audience}", is_staff=True)
        if made:
            TOTP.activate(user, SECRET)
            tables = [m._meta for m, a in admin.site._registry.items() if isinstance(a, LayerAdmin)]
            for meta in tables:
                kind = {"content_type__app_label": meta.app_label, "content_type__model": meta.model_name}
                user.user_permissions.add(*Permission.objects.filter(**kind))
        if caller.audience != "citizen":
            units = {"units": list(caller.units)}
            Membership.objects.update_or_create(user=user, audience=caller.audience, defaults=units)
        self.client = Client(raise_request_exception=False)
        self.client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        self.key = self.client.cookies["sessionid"].value
        session = SessionStore(self.key)
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
        session.save()

    def ask(self, call: Call) -> Reply:
        """The answer to a browser that was told nothing before (messages wait in a cookie)."""
        browser = Client(raise_request_exception=False)
        browser.cookies["sessionid"] = self.key
        done = browser.generic(call.method, call.path, call.body or b"", content_type=call.media_type)
        headers = {name: value for name, value in done.headers.items() if name.lower() != "expires"}
        return Reply(done.status_code, headers, done.content)


def lookups(names: list[str]) -> list[tuple[str, str]]:
    """Lookups by columns: every column by one of two, in full by both."""
    both = ("isnull", "gte")
    return [(name, way) for n, name in enumerate(names) for way in (both if FULL else both[n % 2 :][:1])]


def desk_calls(subject: Subject) -> Iterator[Call]:
    """Lists, searches, sorts, lookups by columns that are not the caller's, and the pages of single features."""
    layer = subject.published.layer
    model = model_of(layer.table)
    if model is None:
        return
    meta = model._meta
    base = f"/admin/{meta.app_label}/{meta.model_name}/"
    seen = {f.sql_column for f in subject.fields}
    hidden = [f.name for f in meta.concrete_fields if f.column not in seen and "geom" not in f.name]
    questions: list[dict[str, str]] = [
        {},
        *({"q": word} for word in subject.words),
        *({"o": order} for order in ("1", "-2", "3")),
        *({f"{name}__{lookup}": "1"} for name, lookup in lookups(hidden)),
        {"reporter__name__gte": "a"},
        {"holders__name__gte": "a"},
        {"access__user__gte": "a"},
    ]
    for question in questions:
        yield Call(f"{base}?{urlencode(question)}")
    yield Call(f"{base}add/")
    for lon, lat in subject.spots:
        yield Call(f"{base}corners/?box={lon - 0.01},{lat - 0.01},{lon + 0.01},{lat + 0.01}")
    for fid in (*subject.seen[:1], *subject.unseen[:1]):
        for page in ("change", "history", "delete"):
            yield Call(f"{base}{fid}/{page}/")
