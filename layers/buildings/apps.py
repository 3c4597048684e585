from django.apps import AppConfig


class BuildingsConfig(AppConfig):
    """Buildings with their heights."""

    name = "layers.buildings"
    label = "buildings"
    verbose_name = "Nhà và công trình"
