"""What follows at once from a change of an account; other processes follow within the cache time of `resolving`."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_used
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from gis_core.accounts.models import ApiToken, Membership, User
from gis_core.accounts.resolving import MEMORY
from gis_core.accounts.standing import SECOND_FACTORS


def renew_session(request: HttpRequest) -> None:
    """The same session under a new key: what any process remembers of the old key is of no use any more."""
    request.session.cycle_key()
    MEMORY.forget()


@receiver([post_save, post_delete], sender=User)
@receiver([post_save, post_delete], sender=Membership)
@receiver([post_save, post_delete], sender=ApiToken)
@receiver([post_save, post_delete], sender=Authenticator)
@receiver(user_logged_out)
def forget_callers(**_: Any) -> None:
    MEMORY.forget()


@receiver(post_save, sender=Membership)
def join_group(instance: Membership, **_: Any) -> None:
    """A Django group per audience, so that rights in the admin are given to all who act in it."""
    wanted, _made = Group.objects.get_or_create(name=instance.audience)
    instance.user.groups.add(wanted)
    leave_other_groups(instance.user)


@receiver(post_delete, sender=Membership)
def leave_group(instance: Membership, **_: Any) -> None:
    leave_other_groups(instance.user)


def leave_other_groups(user: User) -> None:
    """Out of the audiences' groups that no membership of ``user`` speaks for; other groups are nobody's here."""
    held = set(user.memberships.values_list("audience", flat=True))
    audiences = {audience for audience, _ in Membership._meta.get_field("audience").choices or ()}
    user.groups.remove(*user.groups.filter(name__in=audiences - held))


@receiver(authenticator_added)
def count_enrolment(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Whoever has just enrolled a factor has used it: allauth asks for a code on the way."""
    if authenticator.type in SECOND_FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
        renew_session(request)


@receiver(authenticator_used)
def count_second_step(request: HttpRequest, reauthenticated: bool = False, **_: Any) -> None:
    if reauthenticated:
        renew_session(request)
