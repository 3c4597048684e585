"""Django's application; `gis_core.asgi` is what serves it."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from gis_core.runtime.memory import give_large_blocks_back

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gis_core.settings")

# A feature of 20 MB passes through several threads; the heap of each would keep as much for ever.
give_large_blocks_back()
application = get_wsgi_application()
