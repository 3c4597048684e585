"""A Debian trixie with its QGIS 3.40 in a folder of its own, made by debootstrap from the machine's own Debian mirror.

``HUONG_QGIS_ROOT`` names the folder (``var/test/trixie`` unless it does); it is made once, takes 2.2 GB and some five
minutes, and is used again by the next run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.city_plugin import ROOT

FULL = os.environ.get("HUONG_TEST_FULL") == "1"
FOLDER = Path(os.environ.get("HUONG_QGIS_ROOT") or ROOT / "var" / "test" / "trixie")
READY = "qgis-is-installed"


def qgis_root() -> Path:
    """The folder, made if it is not there; skips where that cannot be."""
    if (FOLDER / READY).exists():
        return FOLDER
    if not FULL and "HUONG_QGIS_ROOT" not in os.environ:
        pytest.skip("QGIS 3.40 is tried by script/test --full, which makes a Debian trixie of 2.2 GB for it")
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        pytest.skip("a Debian trixie is made by root with debootstrap (package debootstrap)")
    mirror = debian_mirror()
    if mirror is None:
        pytest.skip("apt knows no Debian mirror on this machine: debootstrap has nowhere to ask")
    make(FOLDER, mirror)
    return FOLDER


def debian_mirror() -> str | None:
    """The first address of Debian's own packages in apt's configuration."""
    asked = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Label: Debian"]
    done = subprocess.run(asked, capture_output=True, text=True)
    return next(iter(done.stdout.split()), None)


def make(folder: Path, mirror: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run("debootstrap", "--variant=minbase", "--include=ca-certificates", "trixie", str(folder), mirror)
    policy = folder / "usr" / "sbin" / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")  # no service is started in there
    policy.chmod(0o755)
    for name in ("/etc/resolv.conf", "/etc/apt/apt.conf.d/99proxy"):
        if Path(name).exists():
            shutil.copy(name, folder / name.lstrip("/"))
    install = ("apt-get", "install", "-y", "--no-install-recommends", "python3-qgis", "qgis-providers")
    run("chroot", str(folder), "env", "DEBIAN_FRONTEND=noninteractive", *install)
    (folder / READY).touch()


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]} {done.stderr[-2000:]}"


@contextmanager
def shared_folder(root: Path) -> Iterator[tuple[Path, str]]:
    """A folder inside ``root``, by the path that we know it by and by the one that programs in there do."""
    folder = Path(tempfile.mkdtemp(prefix="huong-", dir=root / "tmp"))
    try:
        yield folder, f"/tmp/{folder.name}"
    finally:
        shutil.rmtree(folder)


def start_python(root: Path, home: str, *arguments: str) -> subprocess.Popen[str]:
    """QGIS's Python in there, without a screen, in the city's zone."""
    settings = {
        "HOME": home,
        "QGIS_AUTH_DB_DIR_PATH": home,
        "QT_QPA_PLATFORM": "offscreen",
        "LANG": "C.UTF-8",
        "TZ": "Asia/Ho_Chi_Minh",
    }
    named = [f"{name}={value}" for name, value in settings.items()]
    command = ["chroot", str(root), "env", "-i", "PATH=/usr/bin:/bin", *named, "python3", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
