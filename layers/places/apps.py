from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Names of settlements and neighbourhoods."""

    name = "layers.places"
    label = "places"
    verbose_name = "Địa danh"
