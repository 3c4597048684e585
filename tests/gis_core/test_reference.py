"""The reference in docs/ says what the declarations say."""

from gis_core.config import ROOT
from gis_core.publish import declared_layers
from gis_core.reference import reference


def test_the_reference_is_up_to_date() -> None:
    """Fails after a change of a declaration until ``huong reference --write`` is run."""
    assert (ROOT / "docs" / "reference" / "layers.md").read_text() == reference(declared_layers())


def test_a_field_of_nobody_is_said_so() -> None:
    assert "| nobody |" not in reference(declared_layers()), (
        "a declared field that no audience sees is a mistake"
    )
