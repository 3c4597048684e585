from django.apps import AppConfig


class AdminUnitsConfig(AppConfig):
    """The administrative units; answers which unit a place belongs to."""

    name = "layers.admin_units"
    label = "admin_units"
    verbose_name = "Đơn vị hành chính"

    def ready(self) -> None:
        from gis_core.places import register_unit_lookup
        from layers.admin_units.services import unit_at

        register_unit_lookup(unit_at)
