from django.apps import AppConfig


class WaterConfig(AppConfig):
    """Rivers, lakes, the lagoon and the sea."""

    name = "layers.water"
    label = "water"
    verbose_name = "Mặt nước, sông suối"
