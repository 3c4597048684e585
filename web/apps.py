"""Django's view of the pages."""

from django.apps import AppConfig

from gis_core.accounts.words import spoken


class WebConfig(AppConfig):
    name = "web"
    verbose_name = spoken("Trang và bản đồ", "Pages and maps")
