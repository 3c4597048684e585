"""What an import did, or why it did nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gis_core.words import Text

MAX_LISTED = 10_000


@dataclass(frozen=True)
class RowNote:
    """Something about one row: its number in the file (from 1), its own identity, and the words."""

    row: int
    id: int | str | None
    words: Text

    def document(self) -> dict[str, Any]:
        return {"row": self.row, "id": self.id, "vi": self.words.vi, "en": self.words.en}


@dataclass
class Report:
    """One import. ``written`` is 0 unless everything was carried out; lists keep `MAX_LISTED` rows, counts all."""

    file: str
    sha256: str
    size: int
    format: str
    target: str = ""
    dataset: bool = False
    crs: str = ""
    read: int = 0
    written: int = 0
    rejected: int = 0
    repaired: int = 0
    seconds: float = 0.0
    dry_run: bool = False
    carried_out: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    rejections: list[RowNote] = field(default_factory=list)
    repairs: list[RowNote] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    warnings: list[Text] = field(default_factory=list)

    def reject(self, note: RowNote) -> None:
        self.rejected += 1
        if len(self.rejections) < MAX_LISTED:
            self.rejections.append(note)

    def repair(self, note: RowNote) -> None:
        self.repaired += 1
        if len(self.repairs) < MAX_LISTED:
            self.repairs.append(note)

    def document(self) -> dict[str, Any]:
        """The report as JSON; ``fields`` maps the file's names to the layer's."""
        whole = {
            k: v for k, v in self.__dict__.items() if k not in ("rejections", "repairs", "notes", "warnings")
        }
        return {
            **whole,
            "notes": [words._asdict() for words in self.notes],
            "warnings": [words._asdict() for words in self.warnings],
            "repairs": [note.document() for note in self.repairs],
            "rejections": [note.document() for note in self.rejections],
        }
