from django.apps import AppConfig


class LandCoverConfig(AppConfig):
    """What covers the ground: forest, fields, parks, sand, settlements."""

    name = "layers.land_cover"
    label = "land_cover"
    verbose_name = "Lớp phủ mặt đất"
