"""The whole of a new layer as its author writes it: one package, here as the texts of its files.

Park benches have a private note, so that the new layer is served to each audience as its declaration says.
"""

from __future__ import annotations

FIELDS = {
    1: """
    name = models.CharField(max_length=80)
    seats = models.PositiveSmallIntegerField(default=2)
    placed_on = models.DateField(null=True, blank=True)
    keeper_note = models.TextField(blank=True, default="")
""",
    # The type of a column that views stand on changes, and a column comes.
    2: """
    name = models.CharField(max_length=120)
    seats = models.BigIntegerField(default=2)
    placed_on = models.DateField(null=True, blank=True)
    keeper_note = models.TextField(blank=True, default="")
    material = models.CharField(max_length=40, default="gỗ lim")
""",
}
MATERIAL = 'Field(name="material", label=Text("Vật liệu", "Material"), type="text"),'


def models(state: int) -> str:
    return f'''"""Benches in parks and along the river."""

from django.contrib.gis.db import models

from gis_core.features import Feature


class Bench(Feature):
    geom = models.PointField(srid=4326)
{FIELDS[state]}
    def __str__(self) -> str:
        return self.name
'''


def declaration(state: int) -> str:
    return f'''"""The layer of benches."""

from gis_core.layer import Audience, Field, Geometry, Layer, Style, Write
from gis_core.words import Text
from layers.benches.models import Bench

OPERATIONS: frozenset[Audience] = frozenset({{"operations"}})
LAYERS = (
    Layer(
        id="benches",
        title=Text("Ghế đá", "Benches"),
        description=Text("Ghế trong công viên và dọc sông", "Benches in parks and along the river"),
        model=Bench,
        geometry=Geometry(type="Point"),
        fields=(
            Field(name="name", label=Text("Tên", "Name"), type="text", searchable=True, sortable=True, required=True),
            Field(name="seats", label=Text("Số chỗ", "Seats"), type="integer", sortable=True),
            Field(name="placed_on", label=Text("Ngày đặt", "Placed on"), type="date"),
            {MATERIAL if state == 2 else ""}
            Field(name="keeper_note", label=Text("Ghi chú", "Note"), type="text", audiences=OPERATIONS),
        ),
        label="name",
        style=Style(symbol="square"),
        write=Write(audiences=OPERATIONS),
    ),
)
'''


ADMIN = '''"""Benches in the administration."""

from django.contrib import admin

from gis_core.administration.layer_admin import LayerAdmin
from layers.benches.models import Bench


@admin.register(Bench)
class BenchAdmin(LayerAdmin[Bench]):
    list_display = ("name", "seats")
'''


def package(state: int) -> dict[str, str]:
    """File name -> text. ``state`` 2 is the same layer some months later."""
    return {
        "__init__.py": '"""Benches."""\n',
        "models.py": models(state),
        "declaration.py": declaration(state),
        "admin.py": ADMIN,
    }
