"""Django's application; `gis_core.asgi` is what serves it."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gis_core.settings")

application = get_wsgi_application()
