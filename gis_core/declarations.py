"""A declaration as JSON: how it travels from the publisher to every process, through ``huong.published``."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

import msgspec

from gis_core.layer import Layer
from gis_core.model_rules import signature

log = logging.getLogger(__name__)
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Layer)


def to_json(layer: Layer) -> str:
    """The declaration without its Django model, byte for byte the same for the same declaration.

    What stands for the model is its name and a digest of its columns: a process that has another one, or none, learns
    from it that it must not write.
    """
    made = layer.written_by if layer.model is None else signature(layer.model)
    return _encoder.encode(replace(layer, model=None, written_by=made)).decode()


def from_json(text: str | bytes) -> Layer:
    """The layer that `to_json` wrote; DeclarationError where it contradicts itself."""
    return _decoder.decode(text)


def readable(declarations: Iterable[tuple[str, str]]) -> list[Layer]:
    """The layers of (id, JSON) pairs that can be read.

    One that this version cannot read (a rule has become stricter, a hand has been in it) is left out with a word in the
    log: it is not served, and takes nothing with it.
    """
    found = []
    for layer_id, text in declarations:
        try:
            found.append(from_json(text))
        except (msgspec.MsgspecError, ValueError) as error:
            log.error("the declaration of %s cannot be read: %s", layer_id, error)
    return found
