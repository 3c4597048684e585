"""A declaration as JSON: how it travels from the publisher to every process, through ``huong.published``."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from gis_core.layer import Layer

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Layer)


def to_json(layer: Layer) -> str:
    """The declaration without its Django model, byte for byte the same for the same declaration."""
    return _encoder.encode(replace(layer, model=None)).decode()


def from_json(text: str | bytes) -> Layer:
    """The layer that `to_json` wrote; DeclarationError where it contradicts itself."""
    return _decoder.decode(text)
