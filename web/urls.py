"""The pages' addresses: Vietnamese at the root, English under ``/en/``."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.views.generic import RedirectView

from gis_core.words import Language
from web import place, views
