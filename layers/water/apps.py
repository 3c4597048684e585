from django.apps import AppConfig

from gis_core.accounts.words import spoken


class WaterConfig(AppConfig):
    """Rivers, lakes, the lagoon and the sea."""

    name = "layers.water"
    label = "water"
    verbose_name = spoken("Mặt nước, sông suối", "Water")
