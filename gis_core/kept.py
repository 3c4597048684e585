"""What is made of an object that never changes, kept in it: made once, and gone with it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

PLACE = "_kept"  # beside the fields of a frozen dataclass


def kept[V](owner: object, key: Hashable, make: Callable[[], V]) -> V:
    """``make()``, called once for ``owner`` and ``key``; what it raises is not kept.

    The ``key`` is one of few: whatever is made of what askers say has a bound of its own. Two threads may both make it,
    and either of what they made stays.
    """
    held: dict[Hashable, Any] = owner.__dict__.setdefault(PLACE, {})
    try:
        found: V = held[key]
    except KeyError:
        found = held[key] = make()
    return found
