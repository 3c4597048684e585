from django.apps import AppConfig

from gis_core.accounts.words import spoken


class FacilitiesConfig(AppConfig):
    """Public facilities: offices, schools, hospitals, markets, stations, places of worship."""

    name = "layers.facilities"
    label = "facilities"
    verbose_name = spoken("Công trình công cộng", "Public facilities")
