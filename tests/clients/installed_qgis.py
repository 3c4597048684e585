"""Debian's QGIS, without a screen: scripts beside the tests run by its Python, and what they say."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

SYSTEM_PYTHON = "/usr/bin/python3"
SCRIPTS = Path(__file__).parent
MARK = "SAID "  # before the answer's line: libraries print lines of their own


def need_qgis() -> None:
    """Skip the test where QGIS is not installed."""
    probe = subprocess.run([SYSTEM_PYTHON, "-c", "import qgis.core"], capture_output=True)
    if probe.returncode != 0:
        pytest.skip("QGIS with its Python is not installed (Debian: python3-qgis)")


def surroundings(home: Path | None = None) -> Mapping[str, str]:
    """The environment of a program of QGIS: no screen, and ``home`` for its settings, else the user's own."""
    place = str(home) if home is not None else os.environ.get("HOME", "/")
    return {"PATH": os.environ["PATH"], "HOME": place, "QT_QPA_PLATFORM": "offscreen"}


def said_by_qgis(
    script: str,
    *arguments: str,
    typed: str | None = None,
    home: Path | None = None,
    patience_s: float = 180,
    **more: str,
) -> Any:
    """The JSON that ``script`` (its path from here) says of ``arguments`` and of what is ``typed`` on its input.

    ``more`` is of its environment. The test is skipped where QGIS is not installed.
    """
    need_qgis()
    done = subprocess.run(
        [SYSTEM_PYTHON, str(SCRIPTS / script), *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=patience_s,
        env={**surroundings(home), **more},
    )
    return answer_in(done.stdout, done.stderr)


def answer_in(output: str, errors: str) -> Any:
    """What a script said among ``output``; where it said nothing, ``errors`` tell why."""
    line = next((each for each in output.splitlines() if each.startswith(MARK)), None)
    assert line, errors[-3000:]
    return json.loads(line.removeprefix(MARK))
