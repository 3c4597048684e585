from django.apps import AppConfig

from gis_core.accounts.words import spoken


class ImportsConfig(AppConfig):
    """Files that become layers: readers in a process of their own, checks, and the record of what came from where."""

    name = "imports"
    label = "imports"
    verbose_name = spoken("Nhập dữ liệu", "Imports")
    default_auto_field = "django.db.models.BigAutoField"
