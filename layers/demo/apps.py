from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo city: lets every layer fill itself with invented features, on the ground of the real units."""

    name = "layers.demo"
    label = "demo"
    verbose_name = "Thành phố mẫu"
