"""Django's view of the accounts."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig

from gis_core.accounts.words import spoken


class AccountsConfig(AppConfig):
    name = "gis_core.accounts"
    label = "accounts"
    verbose_name = spoken("tài khoản", "accounts")

    def ready(self) -> None:
        from allauth.mfa.models import Authenticator

        from gis_core.accounts import signals  # noqa: F401  (connects the receivers)

        # What the libraries' own apps are called in the administration.
        apps.get_app_config("axes").verbose_name = spoken("Đăng nhập", "Sign-ins")
        apps.get_app_config("procrastinate").verbose_name = spoken("Việc nền", "Background jobs")
        Authenticator._meta.verbose_name = spoken("bước xác thực thứ hai", "second factor")
        Authenticator._meta.verbose_name_plural = spoken("bước xác thực thứ hai", "second factors")


class CityAdminConfig(AdminConfig):
    """``django.contrib.admin`` with the city's own door."""

    default_site = "gis_core.accounts.site.CityAdminSite"
