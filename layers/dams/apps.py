from django.apps import AppConfig


class DamsConfig(AppConfig):
    name = "layers.dams"
    label = "dams"
    verbose_name = "Hồ đập"
    default_auto_field = "django.db.models.BigAutoField"
