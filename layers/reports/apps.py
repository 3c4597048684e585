from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "layers.reports"
    label = "reports"
    verbose_name = "Phản ánh hiện trường"
    default_auto_field = "django.db.models.BigAutoField"
