"""The frame around every page: the ways that lead from it to everything, as each package declares its own.

A package with a page or a service of its own has a module ``ways`` with ``WAYS``; nobody keeps a list of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Literal

from django.apps import apps

from gis_core.config import ROOT
from gis_core.words import Text

NOTHING = Text("", "")


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way from every page. A ``program`` address is typed into a program, and ``note`` says into which and how.

    ``address`` begins with ``/``; a page that is ``translated`` has its English twin below ``/en``.
    """

    address: str
    title: Text
    kind: Literal["page", "program"]
    note: Text = NOTHING
    translated: bool = False
    order: int = 100

    def to(self, language: str) -> str:
        """The address in a language."""
        return f"/en{self.address}" if self.translated and language == "en" else self.address


@cache
def ways() -> tuple[Way, ...]:
    """All ways of the installed packages, in their order."""
    found: list[Way] = []
    for app in apps.get_app_configs():
        # Only of our own packages: looking for the module imports no more than its parent.
        if app.module and (ROOT / app.name.split(".")[0]).is_dir() and find_spec(f"{app.name}.ways"):
            found += import_module(f"{app.name}.ways").WAYS
    return tuple(sorted(found, key=lambda way: (way.order, way.address)))
