"""The references in docs/ say what the declarations and the tables say."""

from gis_core.config import ROOT
from gis_core.publish import declared_layers
from gis_core.reference import reference
from gis_core.styles.reference import style_reference


def test_the_reference_is_up_to_date() -> None:
    """Fails after a change of a declaration until ``huong reference --write`` is run."""
    assert (ROOT / "docs" / "reference" / "layers.md").read_text() == reference(declared_layers())


def test_the_reference_of_styles_is_up_to_date() -> None:
    """Fails after a change of the subset until ``huong reference --write`` is run."""
    assert (ROOT / "docs" / "reference" / "styles.md").read_text() == style_reference()


def test_a_field_of_nobody_is_said_so() -> None:
    assert "| nobody |" not in reference(declared_layers()), (
        "a declared field that no audience sees is a mistake"
    )
