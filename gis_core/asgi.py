"""What the ``web`` processes run."""

from __future__ import annotations

import sys

from gis_core.admission.bridge import Web, Wsgi
from gis_core.logs import set_up


def django() -> Wsgi:
    """Django's own application, loaded in the process that serves it."""
    from gis_core.wsgi import application

    set_up()
    return application


# Pages are made in threads, and the event loop that answers for health waits for them: 1 ms for each, not 5.
sys.setswitchinterval(0.001)
application = Web(django)
