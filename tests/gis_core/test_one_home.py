"""What several modules need is said in one of them."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from tests.city_plugin import ROOT

# Layers, sensors and cameras do not know each other; what they share stands in gis_core.
ROOMS = ("gis_core", "imports", "ogc_api", "tilesrv", "web")
NUMBER = (int, float)


def constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names and values of a module's constants; numbers are often equal by chance."""
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and target.id.isupper() and isinstance(value, ast.expr):
            parts = [each for each in ast.walk(value) if isinstance(each, ast.Constant | ast.Name)]
            if not all(isinstance(each, ast.Constant) and isinstance(each.value, NUMBER) for each in parts):
                yield target.id, value


def test_no_constant_is_written_twice() -> None:
    """Would fail with a namespace, a code list or a word that a second module says for itself: one of the two is then
    changed, and the other forgotten."""
    homes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for room in ROOMS:
        for path in (each for each in (ROOT / room).rglob("*.py") if "migrations" not in each.parts):
            for name, value in constants(ast.parse(path.read_text())):
                homes[name, ast.dump(value)].append(str(path.relative_to(ROOT)))
    twice = {name: paths for (name, _), paths in homes.items() if len(paths) > 1}
    assert twice == {}
