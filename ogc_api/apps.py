"""Django's view of this room."""

from django.apps import AppConfig


class OgcApiConfig(AppConfig):
    name = "ogc_api"
