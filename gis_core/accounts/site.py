"""The door of the admin: allauth's sign-in, and a second factor used in this session."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from gis_core.accounts.models import User
from gis_core.accounts.standing import WANTED, acts_as_staff, has_second_factor
from gis_core.accounts.words import ENROL, SIGN_IN_AGAIN, spoken, spoken_language


class CityAdminSite(AdminSite):
    """Deny by default: an active staff user, proved by two steps; what such a user sees is Django's permissions."""

    site_header = spoken("Hương: quản trị", "Hương: administration")
    site_title = spoken("Hương: quản trị", "Hương: administration")
    index_title = spoken("Quản trị", "Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return (
            super().has_permission(request)
            and isinstance(user, User)
            and acts_as_staff(user, request.session)
        )

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the step that is missing; the password form of Django's admin would know only one step."""
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
        back = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        user = request.user
        if not isinstance(user, User):
            return _to("account_login", back)
        if not super().has_permission(request):
            raise PermissionDenied
        if not has_second_factor(user):
            request.session[WANTED] = back
            messages.warning(request, ENROL.to(spoken_language()))
            return _to("mfa_activate_totp", back)
        messages.warning(request, SIGN_IN_AGAIN.to(spoken_language()))
        return _to("mfa_reauthenticate", back)


def _to(name: str, back: str) -> HttpResponseRedirect:
    # ``back`` is judged where it is followed: allauth goes to addresses of this city only.
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': back})}")
