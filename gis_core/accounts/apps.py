"""Django's view of the accounts."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from gis_core.accounts.words import spoken


class AccountsConfig(AppConfig):
    name = "gis_core.accounts"
    label = "accounts"
    verbose_name = spoken("tài khoản", "accounts")

    def ready(self) -> None:
        from gis_core.accounts import signals  # noqa: F401  (connects the receivers)
        from gis_core.accounts.library_words import name_libraries

        name_libraries()


class CityAdminConfig(AdminConfig):
    """``django.contrib.admin`` with the city's own door."""

    default_site = "gis_core.accounts.site.CityAdminSite"
