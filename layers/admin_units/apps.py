from django.apps import AppConfig

from gis_core.accounts.words import spoken


class AdminUnitsConfig(AppConfig):
    """The administrative units; answers which unit a place belongs to, and what it is called."""

    name = "layers.admin_units"
    label = "admin_units"
    verbose_name = spoken("Đơn vị hành chính", "Administrative units")

    def ready(self) -> None:
        from gis_core.places import register_unit_lookup, register_unit_names
        from layers.admin_units.services import unit_names, units_at

        register_unit_lookup(units_at)
        register_unit_names(unit_names)
