from django.apps import AppConfig

from gis_core.accounts.words import spoken


class PlacesConfig(AppConfig):
    """Names of settlements and neighbourhoods."""

    name = "layers.places"
    label = "places"
    verbose_name = spoken("Địa danh", "Place names")
