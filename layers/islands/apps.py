from django.apps import AppConfig

from gis_core.accounts.words import spoken


class IslandsConfig(AppConfig):
    """The archipelagos of Hoàng Sa and Trường Sa, and their islands."""

    name = "layers.islands"
    label = "islands"
    verbose_name = spoken("Quần đảo và đảo", "Islands and archipelagos")
