from __future__ import annotations

from collections.abc import Mapping

from django.apps import apps
from django.db import transaction

from gis_core.demo import demo_modules
from gis_core.features import Feature
from layers.demo.city import SEED, demo_city


def fill(seed: int | None = None) -> Mapping[str, int | None]:
    """Fill every empty app that can fill itself: app label -> features written, None where there were some already.

    Each app in a transaction of its own, so that a run that was cut off is finished by the next.
    """
    city = demo_city(SEED if seed is None else seed)
    written: dict[str, int | None] = {}
    for label, module in demo_modules():
        with transaction.atomic():
            written[label] = None if _is_filled(label) else module.load(city, city.rng(label))
    return written


def _is_filled(label: str) -> bool:
    """Does any feature model of the app hold a row?"""
    models = apps.get_app_config(label).get_models()
    return any(model._default_manager.exists() for model in models if issubclass(model, Feature))
