"""Django's view of the tile server: its commands; it serves without Django."""

from django.apps import AppConfig


class TilesConfig(AppConfig):
    name = "tilesrv"
