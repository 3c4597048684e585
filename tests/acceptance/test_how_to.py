"""The how-to of a new layer, followed to the letter: its own example, its own commands, the house's own style."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gis_core.config import Config
from tests.acceptance.test_new_layer import NOT_COPIED
from tests.city_plugin import ROOT, huong

CITY = "demo"
FULL = os.environ.get("HUONG_TEST_FULL") == "1"
HOW_TO = ROOT / "docs" / "how-to" / "declare-a-layer.md"
ENVIRONMENT = {
    "HUONG_DATABASE_URL": "postgresql://lint@127.0.0.1/lint",
    "HUONG_SECRET": "connects-to-nothing",
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout with the how-to's package in it, and nothing that the how-to does not say."""
    root = tmp_path_factory.mktemp("checkout") / "huong"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*NOT_COPIED))
    blocks = re.findall(r"`(\w+\.py)` says.*?```python\n(.*?)```", HOW_TO.read_text(), re.DOTALL)
    assert [name for name, _ in blocks] == ["models.py", "declaration.py"]
    package = root / "layers" / "benches"
    package.mkdir()
    for name, text in (("__init__.py", ""), *blocks):
        (package / name).write_text(text)
    return root


def run(root: Path, *command: str) -> str:
    done = subprocess.run(
        [str(ROOT / ".venv" / "bin" / command[0]), *command[1:]],
        cwd=root,
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.timeout(600)
def test_the_how_to_works_to_the_letter(checkout: Path, city: Config) -> None:
    database = str(city.connection()["dbname"])
    with pytest.raises(pytest.fail.Exception, match="huong manage makemigrations benches"):
        huong("migrate", database=database, root=checkout)  # what is missing is said, with the command for it
    huong("manage", "makemigrations", "benches", "-v0", database=database, root=checkout)
    said = huong("migrate", database=database, root=checkout)
    assert "benches" in said and "restart" in said and "huong reference --write" in said
    huong("reference", "--write", database=database, root=checkout)
    assert "benches" in (checkout / "docs" / "reference" / "layers.md").read_text()
    assert "reference" not in huong("migrate", database=database, root=checkout)
    run(checkout, "ruff", "check", "layers/benches")
    run(checkout, "ruff", "format", "--check", "layers/benches")
    run(checkout, "lint-imports", "--no-cache")
    if FULL:
        run(checkout, "mypy")
