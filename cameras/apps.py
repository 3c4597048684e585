from django.apps import AppConfig


class CamerasConfig(AppConfig):
    name = "cameras"
    label = "cameras"
    verbose_name = "Camera"
    default_auto_field = "django.db.models.BigAutoField"
