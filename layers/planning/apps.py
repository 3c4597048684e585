from django.apps import AppConfig

from gis_core.accounts.words import spoken


class PlanningConfig(AppConfig):
    name = "layers.planning"
    label = "planning"
    verbose_name = spoken("Quy hoạch", "Planning")
    default_auto_field = "django.db.models.BigAutoField"
