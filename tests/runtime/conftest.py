"""A private cluster of these tests' own, made by the same code as a city's."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gis_core.config import Config
from gis_core.runtime.cluster import cluster_of, ensure_cluster, stop_cluster


@pytest.fixture(scope="session")
def instance() -> Iterator[Config]:
    """The settings of a city that nobody else uses, in a folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="huong-", dir="/tmp"))
    folder.chmod(0o755)
    config = replace(Config.from_env(), var=folder, database_url="", role_prefix="runtime", port=8470)
    (folder / "secret").write_text("a secret of the tests")
    yield config
    stop_cluster(config)
    shutil.rmtree(cluster_of(config).home, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def superuser(instance: Config) -> str:
    """The superuser's conninfo of the running cluster."""
    return ensure_cluster(instance)


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No setting of Hương but those that the test makes."""
    for name in [name for name in os.environ if name.startswith("HUONG_")]:
        monkeypatch.delenv(name)
    return monkeypatch
