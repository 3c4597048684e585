from django.apps import AppConfig

from gis_core.accounts.words import spoken


class BuildingsConfig(AppConfig):
    """Buildings with their heights."""

    name = "layers.buildings"
    label = "buildings"
    verbose_name = spoken("Nhà và công trình", "Buildings")
