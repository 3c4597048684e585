"""The TypeScript side holds its own checks: types, lint (no unsanitized HTML), unit tests."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gis_core.config import ROOT
from gis_core.runtime.frontend import node_program

WEB = ROOT / "web"
CHECKS = {
    "types": ("typescript/bin/tsc", "--noEmit"),
    "lint": ("eslint/bin/eslint.js", "src"),
    "units": ("vitest/vitest.mjs", "run"),
}


@pytest.mark.parametrize("check", CHECKS)
def test_the_front_end_passes(check: str) -> None:
    script, *arguments = CHECKS[check]
    program: Path = WEB / "node_modules" / script
    done = subprocess.run(
        [str(node_program()), str(program), *arguments], cwd=WEB, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
