"""What every test module shares; databases and running cities come from the plugins beside this file."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """pytest-django makes no database of its own: the module's clone is there (`tests.city_plugin`)."""
