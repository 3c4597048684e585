"""The entry points run in whatever a service or a scheduler gives them: without HOME, in no language at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.city_plugin import ROOT


def test_a_python_is_found_without_a_home() -> None:
    """Would fail if a name that is not set ended the script (`set -u`) before it said anything."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", ". deploy/environment.sh; find_python"],
        cwd=ROOT,
        env={"PATH": f"{Path(sys.executable).parent}:{os.defpath}", "LANG": "C", "TZ": "America/New_York"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).exists()


def test_a_command_speaks_without_a_home() -> None:
    """Vietnamese is written in a place that says it knows ASCII alone, and nothing is looked for in a home."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "huong"), "--help"],
        cwd=ROOT,
        env={"PATH": os.defpath, "LANG": "C", "LC_ALL": "C", "HUONG_VAR": "var/test"},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "·" in done.stdout.decode("utf-8")
