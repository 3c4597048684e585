from django.apps import AppConfig

from gis_core.accounts.words import spoken


class LandCoverConfig(AppConfig):
    """What covers the ground: forest, fields, parks, sand, settlements."""

    name = "layers.land_cover"
    label = "land_cover"
    verbose_name = spoken("Lớp phủ mặt đất", "Land cover")
