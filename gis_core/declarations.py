"""A declaration as JSON: how it travels from the publisher to every process, through ``huong.published``."""

from __future__ import annotations

import ast
import logging
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from inspect import getsource
from typing import Any

import msgspec

from gis_core.layer import Layer

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


def signature(model: Any) -> str:
    """``app.Model:digest`` of a Django model: its columns, the names of its constraints, and its rules as written."""
    columns = [
        (f.column, f.get_internal_type(), f.null, getattr(f, "max_length", None), f.unique)
        for f in model._meta.concrete_fields
    ]
    rules = sorted(constraint.name for constraint in model._meta.constraints)
    digest = sha256(repr((sorted(columns), rules, written_rules(model))).encode()).hexdigest()
    return f"{model._meta.label}:{digest[:16]}"


@cache
def written_rules(model: Any) -> str:
    """A digest of the modules that the classes of ``model`` are written in, without comments and docstrings.

    A process that began before a ``clean`` was changed would write past it, although no column says so.
    """
    modules = dict.fromkeys(made.__module__ for made in model.__mro__ if is_ours(made.__module__))
    digest = sha256()
    for name in modules:
        digest.update(without_words(source_of(name)).encode())
    return digest.hexdigest()[:16]


def is_ours(module: str) -> bool:
    return module.split(".")[0] not in ("django", "builtins")


@cache
def source_of(module: str) -> str:
    """The source of a loaded module, as it was when this was first asked; empty where it has none."""
    try:
        return getsource(sys.modules[module])
    except (OSError, TypeError):
        return ""


def without_words(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:]
    return ast.dump(tree)


def remember_sources(models: Iterable[Any]) -> None:
    """Read the rules of ``models`` now, when they have just been loaded: later the files may be of another version."""
    for model in models:
        for made in model.__mro__:
            if is_ours(made.__module__):
                source_of(made.__module__)


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
