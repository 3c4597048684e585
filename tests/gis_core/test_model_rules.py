"""Whatever a model's rules are written in is part of what the registry knows of it (`gis_core.model_rules`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cameras.models import Camera
from gis_core import model_rules
from gis_core.model_rules import modules_of, signature, without_words
from layers.parcels.models import Parcel


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Sources of modules can be exchanged; what was read of them is read again, before and after."""
    model_rules.written_rules.cache_clear()
    with monkeypatch.context() as within:
        yield within
    model_rules.written_rules.cache_clear()


def signature_with(patch: pytest.MonkeyPatch, module: str, addition: str) -> str:
    """The signature of `Camera` as it would be had ``module`` another line."""
    read = model_rules.source_of
    model_rules.written_rules.cache_clear()
    with patch.context() as within:
        within.setattr(model_rules, "source_of", lambda name: read(name) + (name == module) * addition)
        return signature(Camera)


@pytest.mark.parametrize("module", ["cameras.models", "cameras.view", "cameras.sealing", "gis_core.features"])
def test_a_changed_rule_is_another_model_wherever_it_is_written(
    changed: pytest.MonkeyPatch, module: str
) -> None:
    """Would fail if a process that began before a helper of ``clean`` was changed still wrote."""
    stood = signature(Camera)
    assert signature_with(changed, module, "\n# a remark\n") == stood
    assert signature_with(changed, module, "\nLIMIT = 7\n") != stood


def test_what_the_rules_are_not_written_in_makes_no_other_model(changed: pytest.MonkeyPatch) -> None:
    """Else every edit of a page or a demo would stop all writing until a restart."""
    stood = signature(Camera)
    for module in ("cameras.admin", "cameras.demo", "layers.parcels.geohash", "gis_core.days"):
        assert signature_with(changed, module, "\nLIMIT = 7\n") == stood, module


def test_helpers_of_another_domain_are_rules_too() -> None:
    """Would fail if a process that began before the units were looked for otherwise put parcels into the old ones."""
    parcels = modules_of(Parcel)
    assert {"layers.parcels.models", "layers.parcels.geohash", "layers.parcels.codes"} <= set(parcels)
    assert {"layers.admin_units.services", "layers.admin_units.models"} <= set(parcels)
    assert not {"layers.parcels.admin", "layers.parcels.demo", "layers.admin_units.admin"} & set(parcels)
    # The ground floor is new with every version: of it the models' own classes count.
    assert {name for name in parcels if name.startswith("gis_core")} == {"gis_core.features"}


SOURCES = {
    "__init__": "from .shared import LIMIT\n",
    "models": "from . import first\nimport sys\n\n\nclass Bench:\n    pass\n",
    "first": "def clean():\n    from bench_of_rules.deep.second import x\n    return x\n",
    "deep/__init__": "",
    "deep/second": "from ..third import *\nfrom .none import y\n",
    "third": "import bench_of_rules.fourth\n",
    "fourth": "",
    "shared": "LIMIT = 1\n",
    "apart": "import bench_of_rules.models\n",
}


def test_imports_are_followed_however_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative, in a function, of a package, with a star, in a ring, of something that is not there."""
    for name, text in SOURCES.items():
        file = tmp_path / "bench_of_rules" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    from bench_of_rules.models import Bench  # type: ignore[import-not-found]

    found = {name.removeprefix("bench_of_rules.") for name in modules_of(Bench)}
    for name in [each for each in sys.modules if each.startswith("bench_of_rules")]:
        del sys.modules[name]
    assert found == {"models", "bench_of_rules", "shared", "first", "deep.second", "third", "fourth"}


def test_words_are_no_rules() -> None:
    source = model_rules.source_of("cameras.models")
    plain = without_words(f"# a comment\n{source}")
    assert plain == without_words(source)
    assert plain != without_words(source.replace("def __str__", "def __repr__", 1))
