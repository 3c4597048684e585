"""Django's view of the ground floor."""

from django.apps import AppConfig


class GisCoreConfig(AppConfig):
    name = "gis_core"
    default_auto_field = "django.db.models.BigAutoField"
