"""What the ``web`` processes run."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from gis_core.admission.bridge import Web, Wsgi
from gis_core.logs import set_up
from gis_core.runtime.memory import settle


def django() -> Wsgi:
    """Django's own application, loaded in the process that serves it, with every view."""
    from django.urls import get_resolver

    from gis_core.wsgi import application

    set_up()
    load(get_resolver().url_patterns)
    settle()
    return application


def load(patterns: Iterable[object]) -> None:
    """Import what the addresses lead to."""
    for each in patterns:
        load(getattr(each, "url_patterns", ()))


# Pages are made in threads, and the event loop that answers for health waits for them: 1 ms for each, not 5.
sys.setswitchinterval(0.001)
application = Web(django)
