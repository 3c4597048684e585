from django.apps import AppConfig

from gis_core.accounts.words import spoken


class DemoConfig(AppConfig):
    """The demo city: lets every layer fill itself with invented features, on the ground of the real units."""

    name = "layers.demo"
    label = "demo"
    verbose_name = spoken("Thành phố mẫu", "Demo city")
