"""What every test module shares; databases and running cities come from the plugins beside this file."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import cache

import httpx._transports.default as transports
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

# Tests speak plain HTTP to this machine: the certificates of the world are read once, not by every client (20 ms).
transports.create_ssl_context = cache(transports.create_ssl_context)  # type: ignore[attr-defined]


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: no search for garbage goes through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_little() -> Iterator[None]:
    """The city's own way of hashing with a hundredth of its work, which takes a fifth of a second a password."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2PasswordHasher, "time_cost", 1)
        patch.setattr(Argon2PasswordHasher, "memory_cost", 1024)
        patch.setattr(Argon2PasswordHasher, "parallelism", 1)
        yield


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """pytest-django makes no database of its own: the module's clone is there (`tests.city_plugin`)."""
