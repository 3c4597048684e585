"""Users, their roles and units, their tokens and second factors, and the log of what administrators did."""

from __future__ import annotations

from typing import Any

import allauth.account.admin  # registers what is taken out below
import allauth.mfa.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from gis_core.accounts import tokens
from gis_core.accounts.forms import MembershipForm, MembershipsFormSet, TokenAdminForm
from gis_core.accounts.giving import may_manage
from gis_core.accounts.library_words import permission_name
from gis_core.accounts.models import ApiToken, Membership, User
from gis_core.accounts.views import signed_in
from gis_core.accounts.words import AUDIENCES, spoken
from gis_core.administration.searching import FoldedSearch

# The library's own page of second factors shows their secrets; its addresses are those of the user's page.
admin.site.unregister([Authenticator, EmailAddress, Group])

ONLY_A_SUPERUSER = ("is_staff", "is_superuser", "groups", "user_permissions")


def is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


class WithPermissionNames:
    """Permissions by the names of their models and a verb, in the reader's language."""

    def formfield_for_manytomany(self, db_field: Any, request: Any, **more: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **more)  # type: ignore[misc]
        if field is not None and db_field.related_model is Permission:
            field.label_from_instance = permission_name
        return field


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    form = MembershipForm
    formset = MembershipsFormSet
    extra = 0

    def get_formset(self, request: HttpRequest, obj: User | None = None, **more: Any) -> Any:
        made = super().get_formset(request, obj, **more)
        return type(made.__name__, (made,), {"giver": signed_in(request)})


@admin.register(User)
class CityUserAdmin(WithPermissionNames, FoldedSearch, UserAdmin):  # type: ignore[type-arg]
    """A user is switched off, not deleted: the history goes on naming whoever made a change."""

    inlines = (MembershipInline,)
    list_display = ("username", "email", "first_name", "last_name", "roles", "is_staff", "is_active")
    list_filter = ("memberships__audience", "is_staff", "is_active")
    search_fields = ("username", "email", "first_name", "last_name", "memberships__units")

    @admin.display(description=spoken("vai trò", "roles"))
    def roles(self, user: User) -> str:
        return "; ".join(str(membership) for membership in user.memberships.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Who manages users cannot make himself, or anybody, more than that."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if is_superuser(request) else (*fields, *ONLY_A_SUPERUSER)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever sets another's password can be him: only those are managed who have nothing more."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_manage(signed_in(request), obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(FoldedSearch, admin.ModelAdmin):  # type: ignore[type-arg]
    """Made by a superuser for another's program, shown once; revoked, never changed or deleted."""

    form = TokenAdminForm
    list_display = (
        "name",
        "user",
        "audience",
        "scope",
        "shown",
        "created",
        "expires",
        "last_used",
        "revoked",
    )
    list_filter = ("audience", "scope", "revoked")
    search_fields = ("name", "user__username", "shown")
    autocomplete_fields = ("user",)
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """The list and its action; a single token has nothing to change."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        made, token = tokens.issue(
            obj.user, obj.name, form.cleaned_data["audience"], scope=obj.scope, days=form.cleaned_data["days"]
        )
        obj.pk, obj.shown = made.pk, made.shown
        request.token = token  # type: ignore[attr-defined]  # for the answer to this request alone

    def response_add(
        self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        token = request.token  # type: ignore[attr-defined]
        response = render(request, "accounts/token_made.html", {"made": obj, "token": token})
        add_never_cache_headers(response)
        return response

    @admin.action(
        description=spoken("Thu hồi mã đã chọn", "Revoke the selected tokens"), permissions=["change"]
    )
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        for token in chosen:
            tokens.revoke(token)
        LogEntry.objects.log_actions(signed_in(request).pk, chosen, CHANGE, change_message="revoked")


@admin.register(Authenticator)
class AuthenticatorAdmin(FoldedSearch, admin.ModelAdmin):  # type: ignore[type-arg]
    """Second factors without their secrets: who lost a phone has it deleted here and enrols another."""

    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__username",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of those alone whom one may manage: without it a password is enough."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or may_manage(signed_in(request), obj.user))


@admin.register(Group)
class RightsAdmin(WithPermissionNames, FoldedSearch, GroupAdmin):  # type: ignore[misc]
    """Groups of permissions: given by a superuser, since whoever changes one gives himself what it holds."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Not one that a role brings: its members would lose what others gave to the role."""
        return is_superuser(request) and (obj is None or obj.name not in AUDIENCES)


@admin.register(LogEntry)
class LogEntryAdmin(FoldedSearch, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was done in the admin, by whom and when; a superuser reads it, nobody changes it."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag", "get_change_message")
    list_filter = ("action_flag", "content_type")
    search_fields = ("user__username", "object_repr")
    date_hierarchy = "action_time"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
