from django.apps import AppConfig

from gis_core.accounts.words import spoken


class RoadsConfig(AppConfig):
    """Roads, streets and paths."""

    name = "layers.roads"
    label = "roads"
    verbose_name = spoken("Đường", "Roads")
