from django.apps import AppConfig

from gis_core.accounts.words import spoken


class SensorsConfig(AppConfig):
    name = "sensors"
    label = "sensors"
    verbose_name = spoken("Quan trắc", "Monitoring")
    default_auto_field = "django.db.models.BigAutoField"
