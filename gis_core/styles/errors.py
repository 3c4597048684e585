"""What is wrong with a style, and where."""

from __future__ import annotations

from gis_core.words import Text


class StyleError(ValueError):
    """A style outside the subset. ``path`` is where the fault stands: ``layers[2].paint.fill-color[1]``."""

    def __init__(self, path: str, vi: str, en: str) -> None:
        self.path = path
        self.reason = Text(vi, en)
        super().__init__(f"{path}: {en}")

    @property
    def text(self) -> Text:
        """The place and the fault, in both languages."""
        return Text(f"{self.path}: {self.reason.vi}", f"{self.path}: {self.reason.en}")
