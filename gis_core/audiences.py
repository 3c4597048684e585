"""Who is asking: an audience, the units it answers for, and a name for the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gis_core.layer import Audience, Layer
from gis_core.words import Text

CITIZEN_TIMEOUT_MS = 2000  # of one statement, by the role itself (`runtime.database`)

# What the pages call whoever looks as one.
TITLES: Mapping[str, Text] = {
    "citizen": Text("người dân", "citizen"),
    "officer": Text("cán bộ xã, phường", "commune or ward officer"),
    "operations": Text("trung tâm điều hành", "operations centre"),
    "land": Text("cán bộ địa chính", "land officer"),
}


@dataclass(frozen=True)
class Caller:
    """One caller as the house knows it, the same in every process and protocol.

    ``units`` are the codes of the administrative units whose rows a scoped audience sees. ``actor`` stands in the
    history (``user:7``, ``token:3``); None is somebody anonymous, who never writes. ``writes`` is False for
    tokens that may only read. ``via`` is how the caller is known: a browser's ``session``, whose writes need a CSRF
    token, or a ``token`` that no browser sends by itself.
    """

    audience: Audience = "citizen"
    units: tuple[str, ...] = ()
    actor: str | None = None
    writes: bool = True
    via: Literal["session", "token"] | None = None

    @property
    def key(self) -> str:
        """What a cache must keep apart: audience and units."""
        return f"{self.audience}:{','.join(sorted(self.units))}" if self.units else self.audience

    @property
    def scope(self) -> str:
        """The value of ``huong.scope`` in this caller's read transactions."""
        return ",".join(sorted(self.units))

    def sees(self, layer: Layer) -> bool:
        return self.audience in layer.audiences

    def may_write(self, layer: Layer) -> bool:
        return (
            layer.write is not None
            and self.actor is not None
            and self.writes
            and self.audience in layer.write.audiences
            and self.sees(layer)
        )

    def is_scoped_in(self, layer: Layer) -> bool:
        return layer.scope is not None and self.audience in layer.scope.audiences


CITIZEN = Caller()
