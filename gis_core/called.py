"""By which fields a feature is named, to whom: from the layer's declaration alone."""

from __future__ import annotations

from collections.abc import Iterable

from gis_core.layer import Audience, Field, Layer

LONGEST_NAME = 64  # letters of a name that are kept in order for whoever types its beginning


def visible(layer: Layer, audience: Audience, names: Iterable[str | None]) -> tuple[Field, ...]:
    """The fields of these names that ``audience`` may see, in the order of the names."""
    fields = {field.name: field for field in layer.fields_for(audience)}
    return tuple(fields[name] for name in names if name in fields)


def naming_fields(layer: Layer, audience: Audience) -> tuple[Field, ...]:
    """The fields that name a feature to ``audience``: those declared, else its label, else one that is searched."""
    found = visible(layer, audience, layer.called) or visible(layer, audience, [layer.label])
    return found or tuple(f for f in layer.fields_for(audience) if f.searchable)[:1]


def telling_fields(layer: Layer, audience: Audience) -> tuple[Field, ...]:
    """What a list says below the name."""
    return visible(layer, audience, layer.told)


def fields_of_name(layer: Layer, audience: Audience) -> tuple[Field, ...]:
    """All fields that a name is made of, each once: what to select for a list."""
    both = (*naming_fields(layer, audience), *telling_fields(layer, audience))
    return tuple(dict.fromkeys(both))


def searched_name(layer: Layer, audience: Audience) -> Field | None:
    """The text field whose likeness to what is searched for decides; None where the layer is searched by no name."""
    found = (f for f in naming_fields(layer, audience) if f.searchable and f.type == "text")
    return next(found, None)


def folded(column: str) -> str:
    """SQL of a name as search reads it; immutable, so it can be indexed."""
    return f'huong.fold("{column}"::text)'


def beginning(column: str) -> str:
    """SQL of the beginning of a name, which an index keeps in order."""
    return f"left({folded(column)}, {LONGEST_NAME})"
