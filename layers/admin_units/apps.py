from django.apps import AppConfig

from gis_core.accounts.words import spoken


class AdminUnitsConfig(AppConfig):
    """The administrative units; answers which unit a place belongs to."""

    name = "layers.admin_units"
    label = "admin_units"
    verbose_name = spoken("Đơn vị hành chính", "Administrative units")

    def ready(self) -> None:
        from gis_core.places import register_unit_lookup
        from layers.admin_units.services import units_at

        register_unit_lookup(units_at)
