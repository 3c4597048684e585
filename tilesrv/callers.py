"""Who asks: anonymous requests are citizens' and never wait for Django; others are resolved in a thread."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from gis_core.audiences import CITIZEN, Caller
from tilesrv.http import Request

_threads = ThreadPoolExecutor(2, "callers")


async def caller_of(request: Request) -> Caller:
    """The caller; Problem 401 for credentials that are refused."""
    if not request.has_credentials:
        return CITIZEN
    headers = {name: request.text(name.encode()) for name in ("authorization", "cookie")}
    return await asyncio.get_running_loop().run_in_executor(_threads, _resolve, headers)


def _resolve(headers: dict[str, str]) -> Caller:
    import django
    from django.apps import apps

    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gis_core.settings")
        django.setup()
    from gis_core.accounts.resolving import resolve

    return resolve({name: value for name, value in headers.items() if value})
