"""How far a caller reaches into one model's table: the layers made of it that he sees, their columns and their rows.

The same declarations and views decide as for every API; Django's permissions open no row and no column beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.db.models import Model, Q
from django.db.models.expressions import RawSQL

from gis_core.audiences import Caller
from gis_core.layer import Layer
from gis_core.reading import registry

Act = Literal["add", "change", "delete"]


@dataclass(frozen=True)
class Reach:
    """One caller and one table. ``layers`` are those that he sees, ``written`` the one through which it is changed.

    ``written`` is set, whoever asks, where some layer of the table says who writes; None leaves that to Django's
    permissions (reference data: roads, water).
    """

    caller: Caller
    layers: tuple[Layer, ...]
    written: Layer | None

    @property
    def place(self) -> str | None:
        """The geometry column that stands for the place to this caller: the surveyed one where it is kept and his."""
        layer = self.main
        if layer is None or layer.geometry.column_for(self.caller.audience) != layer.geometry.column:
            return None
        return layer.geometry.original or layer.geometry.column

    @property
    def main(self) -> Layer | None:
        """The layer that names the table's features to this caller."""
        if self.written in self.layers:
            return self.written
        return self.layers[0] if self.layers else None

    @property
    def columns(self) -> frozenset[str]:
        """Columns of properties that he sees."""
        fields = [f for layer in self.layers for f in layer.fields_for(self.caller.audience)]
        return frozenset(f.sql_column for f in fields)

    @property
    def read_only(self) -> frozenset[str]:
        """Those of `columns` that nobody writes."""
        fields = [f for layer in self.layers for f in layer.fields_for(self.caller.audience)]
        return frozenset(f.sql_column for f in fields if not f.writable)

    def rows(self) -> Q:
        """The rows that he sees in some layer, by the views of his audience; ``huong.scope`` must be set."""
        found = Q(pk__in=[])
        for layer in self.layers:
            if self.caller.audience not in layer.rows and not self.caller.is_scoped_in(layer):
                return Q()
            # Both names are identifiers that a declaration was checked for.
            seen = f'select "fid" from "{self.caller.audience}"."{layer.id}"'
            found |= Q(pk__in=RawSQL(seen, ()))  # noqa: S611
        return found

    def may(self, act: Act) -> bool | None:
        """Whether the declaration lets him; None where it leaves the matter to Django's permissions."""
        if not self.layers:
            return False
        if self.written is None or self.written.write is None:
            return None
        write = self.written.write
        allowed = {"add": write.create, "change": True, "delete": write.delete}[act]
        return allowed and self.caller.may_write(self.written)


def reach(model: type[Model], caller: Caller) -> Reach:
    """How far ``caller`` reaches into the table of ``model``."""
    table = f"public.{model._meta.db_table}"
    made = [p.layer for p in registry().current().layers.values() if p.layer.table == table]
    written = next((layer for layer in made if layer.write is not None), None)
    return Reach(caller, tuple(layer for layer in made if caller.sees(layer)), written)
