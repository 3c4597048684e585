from django.apps import AppConfig


class FacilitiesConfig(AppConfig):
    """Public facilities: offices, schools, hospitals, markets, stations, places of worship."""

    name = "layers.facilities"
    label = "facilities"
    verbose_name = "Công trình công cộng"
