from django.apps import AppConfig


class RoadsConfig(AppConfig):
    """Roads, streets and paths."""

    name = "layers.roads"
    label = "roads"
    verbose_name = "Đường"
