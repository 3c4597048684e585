"""The instance's secret: whole from its first moment for whoever starts at once, and never a guessable one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gis_core import config as config_module
from gis_core.config import Config, SettingError
from tests.city_plugin import ROOT

TELL = "import sys; from gis_core.config import Config; sys.stdin.readline(); print(Config.from_env().secret)"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    for name in ("HUONG_SECRET", "HUONG_SECRET_FILE"):
        monkeypatch.delenv(name, raising=False)
    return replace(Config.from_env(), var=tmp_path / "var")


def test_all_who_start_at_once_have_one_secret(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("HUONG_SECRET")}
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", TELL], env={**env, "HUONG_VAR": str(tmp_path)}, cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(8)
    ]  # fmt: skip
    for process in starting:
        assert process.stdin
        process.stdin.write("now\n")
        process.stdin.flush()
    told = {process.communicate(timeout=60)[0].strip() for process in starting}
    assert told == {(tmp_path / "secret").read_text()} and len(told.pop()) > 40
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_a_second_maker_reads_what_the_first_one_made(
    instance: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the very moment between looking and making: the file has its content before it has its name."""
    at_first, content_at_link = os.link, []

    def watched(source: str, target: Path) -> None:
        assert not target.exists()
        content_at_link.append(Path(source).read_text())
        target.write_text("the secret of the one who was faster")
        at_first(source, target)

    monkeypatch.setattr(config_module.os, "link", watched)
    assert instance.secret == "the secret of the one who was faster"
    assert len(content_at_link[0]) > 40


@pytest.mark.parametrize("content", ["", "\n", "short"])
def test_an_empty_or_short_secret_is_refused(
    instance: Config, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    instance.var.mkdir()
    held = instance.var / "secret"
    held.write_text(content)
    with pytest.raises(SettingError, match=f"secret holds {len(content.strip())} characters"):
        instance.derive("role")
    monkeypatch.setenv("HUONG_SECRET_FILE", str(held))
    with pytest.raises(SettingError, match="HUONG_SECRET_FILE holds"):
        replace(instance).derive("role")
    monkeypatch.setenv("HUONG_SECRET", content or " ")
    with pytest.raises(SettingError, match="HUONG_SECRET holds"):
        replace(instance).derive("role")
    assert held.read_text() == content


def test_a_secret_of_bytes_is_refused_with_words(instance: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    held = instance.var.parent / "bytes"
    held.write_bytes(b"\xff" * 40)
    monkeypatch.setenv("HUONG_SECRET_FILE", str(held))
    with pytest.raises(SettingError, match="cannot be read"):
        instance.derive("role")
