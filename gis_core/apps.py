"""Django's view of the ground floor."""

from django.apps import AppConfig

from gis_core.native_libraries import show_projections


class GisCoreConfig(AppConfig):
    name = "gis_core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        show_projections()
