from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "layers.planning"
    label = "planning"
    verbose_name = "Quy hoạch"
    default_auto_field = "django.db.models.BigAutoField"
