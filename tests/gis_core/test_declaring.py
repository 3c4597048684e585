"""What a declaration may not say."""

from __future__ import annotations

import pytest

from gis_core.layer import RESERVED_IDS, DeclarationError, Field, Geometry, Layer
from gis_core.words import Text

WORDS = Text("x", "x")


@pytest.mark.parametrize("taken", sorted(RESERVED_IDS))
def test_a_layer_cannot_have_the_name_of_a_map(taken: str) -> None:
    """``/tiles/basemap/...`` is the basemap's: a layer of that name would never be reached."""
    with pytest.raises(DeclarationError, match="map of the house"):
        Layer(
            id=taken,
            title=WORDS,
            description=WORDS,
            geometry=Geometry(type="Point"),
            table="public.x",
            fields=(Field(name="a", label=WORDS, type="text"),),
        )
