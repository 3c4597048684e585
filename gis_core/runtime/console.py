"""Lines for the person at the terminal: Vietnamese first, English after it."""

from __future__ import annotations

import sys

from gis_core.words import Text


class Failure(Exception):
    """Work that cannot go on, with what happened and the next step; the command line prints it without a trace."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(vi, en)


def step(vi: str, en: str) -> None:
    """One calm line for one step."""
    print(f"• {vi} · {en}", flush=True)


def complain(text: Text) -> None:
    """Why the work stopped, on standard error."""
    print(f"✗ {text.vi}\n  {text.en}", file=sys.stderr, flush=True)
