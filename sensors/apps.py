from django.apps import AppConfig


class SensorsConfig(AppConfig):
    name = "sensors"
    label = "sensors"
    verbose_name = "Quan trắc"
    default_auto_field = "django.db.models.BigAutoField"
