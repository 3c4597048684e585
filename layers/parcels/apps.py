from django.apps import AppConfig


class ParcelsConfig(AppConfig):
    name = "layers.parcels"
    label = "parcels"
    verbose_name = "Thửa đất"
    default_auto_field = "django.db.models.BigAutoField"
