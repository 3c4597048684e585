"""The units are real but for their boundaries; they are the ground of every other layer, so they come first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layers.admin_units.boundaries import load_register
from layers.admin_units.models import AdminUnit

if TYPE_CHECKING:
    import numpy as np

    from gis_core.demo import DemoCity

ORDER = 0


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write the register, unless it (or official boundaries) are there; returns the number of units written."""
    return 0 if AdminUnit.objects.exists() else load_register()
