from django.apps import AppConfig

from gis_core.accounts.words import spoken


class CamerasConfig(AppConfig):
    name = "cameras"
    label = "cameras"
    verbose_name = spoken("Camera", "Cameras")
    default_auto_field = "django.db.models.BigAutoField"
