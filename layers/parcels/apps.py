from django.apps import AppConfig

from gis_core.accounts.words import spoken


class ParcelsConfig(AppConfig):
    name = "layers.parcels"
    label = "parcels"
    verbose_name = spoken("Thửa đất", "Land parcels")
    default_auto_field = "django.db.models.BigAutoField"
