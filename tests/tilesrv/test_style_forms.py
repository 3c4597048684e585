"""Forms of styles are kept by who may have them."""

from __future__ import annotations

import asyncio

from gis_core.audiences import Caller
from gis_core.layer import Field, Geometry, Layer, Write
from gis_core.registry import Catalogue, Published
from gis_core.words import Text
from tilesrv.styles.forms import Asked, Forms

LAYER = Layer(
    id="wells",
    title=Text("Giếng", "Wells"),
    description=Text("Giếng", "Wells"),
    geometry=Geometry(type="Point"),
    fields=(Field(name="depth", label=Text("Sâu", "Depth"), type="number"),),
    table="public.wells",
    write=Write(audiences=frozenset({"land"})),
)
CATALOGUE = Catalogue(1, {"wells": Published(LAYER, 1, False, 1)})


def test_a_token_that_only_reads_does_not_close_the_form_of_a_colleague() -> None:
    """Both are of one audience; the form made first was given to the second."""
    forms = Forms()
    asked = Asked("wells", "qml", "day", "vi")
    reading = Caller("land", actor="token:1", writes=False)
    writing = Caller("land", actor="user:7")

    async def both() -> tuple[bytes, bytes]:
        return await forms.get(CATALOGUE, reading, asked), await forms.get(CATALOGUE, writing, asked)

    closed, opened = asyncio.run(both())
    assert b'<field name="depth" editable="0" />' in closed
    assert b'<field name="depth" editable="1" />' in opened


def test_legends_for_odd_screens_are_not_kept() -> None:
    """Would fail if a stranger could push all that is kept out with DPI=96.1, 96.2, and so on."""
    forms = Forms()

    async def ask(density: float) -> bytes:
        return await forms.get(
            CATALOGUE, Caller(), Asked("wells", "legend.png", "day", "vi", density=density)
        )

    async def scenario() -> None:
        for density in (1.0, 2.0, 1.001, 1.002, 3.7):
            assert (await ask(density)).startswith(b"\x89PNG")
        assert await ask(1.0) == await ask(1.0)

    asyncio.run(scenario())
    assert len(forms) == 2
