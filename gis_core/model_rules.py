"""By which rules a Django model writes, as a digest: a process that began before they changed would write past them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from hashlib import sha256
from importlib.util import find_spec, resolve_name
from inspect import getsource
from typing import Any

GROUND = (
    "gis_core"  # of it the classes' own modules count, not all that they import: it is new with every version
)


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
    """A digest of the modules that the rules of ``model`` are written in, without comments and docstrings.

    A process that began before a ``clean``, or what it calls, was changed would write past it, although no column says
    so.
    """
    digest = sha256()
    for name in modules_of(model):
        digest.update(without_words(source_of(name)).encode())
    return digest.hexdigest()[:16]


def modules_of(model: Any) -> list[str]:
    """The modules of the classes of ``model``, and those that these import from their own package or from another that
    declares layers (whose helpers a rule may call), and so on; not what the ground floor gives everybody."""
    found = list(dict.fromkeys(made.__module__ for made in model.__mro__ if is_ours(made.__module__)))
    homes = {home_of(name) for name in found} - {GROUND}
    for name in found:  # which grows meanwhile, as do the homes
        if is_within(name, homes):
            homes |= {home for other in named_in(name) if (home := declaring_home_of(other))}
            found += [other for other in imported(name, homes) if other not in found]
    return found


def is_ours(module: str) -> bool:
    return module.split(".")[0] not in ("django", "builtins")


def home_of(module: str) -> str:
    """The package that ``module`` belongs to: its app's, where it is part of one."""
    from django.apps import apps  # a process that only serves reads declarations without it

    app = apps.get_containing_app_config(module)
    return app.name if app is not None else module.rpartition(".")[0] or module


@cache
def declaring_home_of(module: str) -> str | None:
    """The app that ``module`` is part of, where that declares layers."""
    from django.apps import apps

    app = apps.get_containing_app_config(module)
    return app.name if app is not None and is_module(f"{app.name}.declaration") else None


def is_within(module: str, packages: Collection[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def imported(module: str, homes: Collection[str]) -> list[str]:
    """The modules of ``homes`` that the source of ``module`` imports anywhere, within functions too; each once."""
    named = dict.fromkeys(name for name in named_in(module) if is_within(name, homes))
    return [name for name in named if is_module(name)]


def named_in(module: str) -> Iterator[str]:
    """What the imports of ``module`` name: modules, and names within them that may be modules."""
    spec = getattr(sys.modules.get(module), "__spec__", None) or find_spec(module)
    package = spec.parent if spec is not None else None
    for node in ast.walk(ast.parse(source_of(module))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (
                resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module
            )
            yield base or ""
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_module(name: str) -> bool:
    if name in sys.modules:
        return True
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


@cache
def source_of(module: str) -> str:
    """The source of a module, as it was when this was first asked; empty where it has none."""
    try:
        if module in sys.modules:
            return getsource(sys.modules[module])
        spec = find_spec(module)
        return getattr(spec and spec.loader, "get_source", lambda _: "")(module) or ""
    except (OSError, TypeError, ImportError, SyntaxError):
        return ""


def without_words(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:]
    return ast.dump(tree)


def remember_sources(models: Iterable[Any]) -> None:
    """Read the rules of ``models`` now, when they have just been loaded: later the files may be of another version.

    With them every loaded module of their packages; one that is loaded later is read later, too.
    """
    classes = {made.__module__ for model in models for made in model.__mro__ if is_ours(made.__module__)}
    homes = {home_of(name) for name in classes} - {GROUND}
    for name in [*classes, *(each for each in list(sys.modules) if is_within(each, homes))]:
        source_of(name)
