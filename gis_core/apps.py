"""Django's view of the ground floor."""

from django.apps import AppConfig, apps

from gis_core.native_libraries import show_projections


class GisCoreConfig(AppConfig):
    name = "gis_core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gis_core.features import Feature  # it needs the models' packages, which are loaded by now
        from gis_core.model_rules import remember_sources

        show_projections()
        remember_sources(model for model in apps.get_models() if issubclass(model, Feature))
