"""Addresses of accounts and administration. allauth's pages by name, so that no page of it is open by accident."""

from __future__ import annotations

from allauth.account import views as allauth
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from gis_core.accounts import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", views.account, name="account"),
    path("accounts/go-on/", views.go_on, name="account_go_on"),
    path("accounts/audience/", views.choose_audience, name="account_audience"),
    path("accounts/language/", views.choose_language, name="account_language"),
    path("accounts/tokens/", views.token_list, name="account_tokens"),
    path("accounts/tokens/<int:token_id>/revoke/", views.revoke_token, name="account_token_revoke"),
    path("accounts/login/", allauth.login, name="account_login"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("accounts/signup/", allauth.signup, name="account_signup"),
    path("accounts/reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", allauth.password_change, name="account_change_password"),
    path("accounts/password/set/", allauth.password_set, name="account_set_password"),
    path("accounts/password/reset/", allauth.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
]
