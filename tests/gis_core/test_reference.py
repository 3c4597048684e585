"""The references in docs/ say what the declarations and the tables say."""

import dataclasses
import inspect

from gis_core import layer
from gis_core.config import ROOT
from gis_core.declaration_reference import OPTIONS, declaration_reference
from gis_core.publish import declared_layers
from gis_core.reference import reference
from gis_core.styles.reference import style_reference


def test_the_reference_is_up_to_date() -> None:
    """Fails after a change of a declaration until ``huong reference --write`` is run."""
    assert (ROOT / "docs" / "reference" / "layers.md").read_text() == reference(declared_layers())


def test_the_reference_of_styles_is_up_to_date() -> None:
    """Fails after a change of the subset until ``huong reference --write`` is run."""
    assert (ROOT / "docs" / "reference" / "styles.md").read_text() == style_reference()


def test_the_reference_of_declarations_is_up_to_date() -> None:
    """Fails after a new option until it has words and ``huong reference --write`` is run."""
    assert (ROOT / "docs" / "reference" / "declaration.md").read_text() == declaration_reference()


def test_every_option_of_a_declaration_has_its_words() -> None:
    """Would fail if an option were declared and nobody could read what it is for (`coverage` stood in no page)."""
    declared = {
        kind
        for _, kind in inspect.getmembers(layer, dataclasses.is_dataclass)
        if kind.__module__ == layer.__name__ and isinstance(kind, type)
    }
    assert OPTIONS.keys() == declared
    for kind, words in OPTIONS.items():
        assert list(words) == [each.name for each in dataclasses.fields(kind)], kind
        assert all(each.endswith(".") for each in words.values())


def test_a_field_of_nobody_is_said_so() -> None:
    assert "| nobody |" not in reference(declared_layers()), (
        "a declared field that no audience sees is a mistake"
    )
