from django.apps import AppConfig

from gis_core.accounts.words import spoken


class ReportsConfig(AppConfig):
    name = "layers.reports"
    label = "reports"
    verbose_name = spoken("Phản ánh hiện trường", "Field reports")
    default_auto_field = "django.db.models.BigAutoField"
