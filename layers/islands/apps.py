from django.apps import AppConfig


class IslandsConfig(AppConfig):
    """The archipelagos of Hoàng Sa and Trường Sa, and their islands."""

    name = "layers.islands"
    label = "islands"
    verbose_name = "Quần đảo và đảo"
