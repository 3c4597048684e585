from django.apps import AppConfig

from gis_core.accounts.words import spoken


class DamsConfig(AppConfig):
    name = "layers.dams"
    label = "dams"
    verbose_name = spoken("Hồ đập", "Dams")
    default_auto_field = "django.db.models.BigAutoField"
