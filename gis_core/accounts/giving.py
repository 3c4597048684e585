"""What one user may give to another: never more than he has himself.

Whoever manages a user can become that user (set the password, the address of the reset, take the second factor away),
so the same rule decides whom he may manage at all.
"""

from __future__ import annotations

from collections.abc import Iterable

from gis_core.accounts.models import Membership, User


def holds(giver: User, audience: str, units: Iterable[str]) -> bool:
    """Whether ``giver`` acts as ``audience`` himself, in all of ``units``."""
    if not giver.is_active:
        return False
    if giver.is_superuser:
        return True
    own = Membership.objects.filter(user=giver, audience=audience).first()
    return own is not None and set(units) <= set(own.units)


def may_manage(giver: User, other: User) -> bool:
    """Whether ``other`` has nothing that ``giver`` has not: roles, units, entry to the administration, permissions."""
    if giver.is_superuser:
        return True
    if other.is_superuser or (other.is_staff and not giver.is_staff):
        return False
    if any(not holds(giver, m.audience, m.units) for m in other.memberships.all()):
        return False
    # What the account would have once it is switched on again counts as well.
    wanted = User(pk=other.pk, is_active=True, is_superuser=False)
    return wanted.get_all_permissions() <= giver.get_all_permissions()
