from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Files that become layers: readers in a process of their own, checks, and the record of what came from where."""

    name = "imports"
    label = "imports"
    verbose_name = "Nhập dữ liệu"
    default_auto_field = "django.db.models.BigAutoField"
