"""The audit of libraries says what it looked up, and never that all is well where it asked nobody."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from gis_core.config import ROOT
from gis_core.runtime.audit import (
    CLEAN,
    FOUND,
    UNKNOWN,
    ages,
    node_advisories,
    node_ages,
    python_advisories,
    versions,
)


def pip_audit(*dependencies: dict[str, object]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_a_service_that_knows_no_library_is_no_audit() -> None:
    """Would fail if "No known vulnerabilities found" of a mirror without advisories were taken for an answer."""
    skipped = {"name": "lxml", "skip_reason": "Dependency not found on PyPI and could not be audited"}
    audit = python_advisories(pip_audit(skipped), "No known vulnerabilities found")
    assert audit.code == UNKNOWN and "NOT audited" in audit.lines()[0]


def test_a_service_out_of_reach_is_no_audit() -> None:
    """Would fail if a fault on the way ended in silence, or as a clean audit."""
    assert python_advisories("", "ConnectionError: no such name").code == UNKNOWN
    assert node_advisories(
        '{"error": {"code": "ENOAUDIT"}}', "npm error audit endpoint returned an error"
    ).code == (UNKNOWN)
    assert ages({"lxml": "6.0"}, {}, "error: network").code == UNKNOWN


def test_what_the_service_does_not_know_is_named_and_not_clean() -> None:
    """Would fail if a library of which nothing was said were counted with those that were found sound."""
    known = {"name": "lxml", "version": "6.1", "vulns": []}
    audit = python_advisories(pip_audit(known, {"name": "odd", "skip_reason": "not found"}), "")
    assert (audit.code, audit.looked_up) == (UNKNOWN, 1) and "odd: " in audit.lines()[1]


def test_what_is_known_is_told() -> None:
    flaw = {"id": "PYSEC-2026-1", "fix_versions": ["6.1"], "aliases": [], "description": ""}
    audit = python_advisories(pip_audit({"name": "lxml", "version": "6.0", "vulns": [flaw]}), "")
    assert audit.code == FOUND and "lxml 6.0: PYSEC-2026-1, mended in 6.1" in audit.lines()[1]
    told = {"metadata": {"dependencies": {"total": 7}}, "vulnerabilities": {"vite": {"severity": "high"}}}
    assert node_advisories(json.dumps(told), "").lines()[1].strip() == "vite: high"
    clean = python_advisories(pip_audit({"name": "lxml", "version": "6.1", "vulns": []}), "")
    assert (clean.code, clean.looked_up) == (CLEAN, 1)


def test_a_library_that_was_outdone_a_quarter_ago_is_old() -> None:
    """Would fail if 6.10 were taken for older than 6.9, or names were compared by their letters."""
    locked = versions(
        "Typing_Extensions==6.9 \\\n    --hash=sha256:ab\nlxml==6.10\nnew==1.0; python_version > '3'\n"
    )
    assert locked == {"typing-extensions": "6.9", "lxml": "6.10", "new": "1.0"}
    audit = ages(locked, {"typing-extensions": "6.10", "lxml": "6.9"}, "")
    assert (audit.code, audit.looked_up) == (FOUND, 2)
    assert audit.lines()[1].strip().startswith("typing-extensions 6.9: 6.10")


def test_of_the_front_end_only_the_own_series_counts() -> None:
    """Would fail if a new major version, which may need work, were called a neglected one."""
    told = {
        "typescript": {"current": "6.0.3", "latest": "7.0.2"},
        "vite": {"current": "8.3.8", "latest": "8.3.10"},
    }
    assert [line.split(":")[0].strip() for line in node_ages(json.dumps(told), "").lines()[1:]] == [
        "vite 8.3.8"
    ]
    assert node_ages("", "").code == CLEAN
    assert node_ages("", "npm error network").code == UNKNOWN


# With a stand-in for the services ------------------------------------------------------------------------------------

FLAW = {
    "id": 7,
    "url": "https://example.org/7",
    "title": "a flaw",
    "severity": "high",
    "vulnerable_versions": "*",
}
# For uv, which is asked for the newest of a quarter ago, and for pip-audit, which asks for advisories.
UV = "#!{python}\nimport pathlib\nprint(pathlib.Path({lock!r}).read_text())\n"
PIP_AUDIT = (
    "#!{python}\nimport urllib.request\nprint(urllib.request.urlopen('{url}/python').read().decode())\n"
)


class Services(BaseHTTPRequestHandler):
    """A registry of Node's packages with advisories, and those of Python's; ``flaws`` by name."""

    flaws: dict[str, list[Any]] = {}  # noqa: RUF012  (set by a test)
    status = 200

    def do_GET(self) -> None:
        if self.path == "/python":
            self.answer({"dependencies": [{"name": "lxml", "version": "6.1", "vulns": []}]})
            return
        name = self.path.strip("/").replace("%2f", "/")
        version = {**PINNED["dependencies"], **PINNED["devDependencies"]}[name]
        made = {"name": name, "version": version, "dist": {"tarball": "http://127.0.0.1/none.tgz"}}
        times = {"created": "2020-01-01T00:00:00Z", version: "2020-01-01T00:00:00Z"}
        self.answer(
            {"name": name, "dist-tags": {"latest": version}, "versions": {version: made}, "time": times}
        )

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(self.flaws)

    def answer(self, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


PINNED = json.loads((ROOT / "web" / "package.json").read_text())


@contextmanager
def services(flaws: dict[str, list[Any]], status: int) -> Iterator[str]:
    """The address of the stand-in."""
    handler = type("Told", (Services,), {"flaws": flaws, "status": status})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def audited(tmp_path: Path) -> Callable[[str], tuple[int, str]]:
    """Exit code and words of the audit that asks the services at an address."""

    def audited(url: str) -> tuple[int, str]:
        programs = []
        for name, text in (("uv", UV), ("pip-audit", PIP_AUDIT)):
            program = tmp_path / name
            program.write_text(
                text.format(python=sys.executable, lock=str(ROOT / "requirements.lock"), url=url)
            )
            program.chmod(0o755)
            programs.append(str(program))
        npm = {"npm_config_registry": url, "npm_config_fetch_retries": "0", "npm_config_cache": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-m", "gis_core.runtime.audit", *programs],
            env={**os.environ, **npm, "no_proxy": "127.0.0.1"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    return audited


def test_services_that_answer_are_an_audit(audited: Callable[[str], tuple[int, str]]) -> None:
    with services({}, 200) as url:
        code, said = audited(url)
    assert code == CLEAN and "NOT" not in said and "Everything was asked" in said
    assert len(re.findall(r"(?m)^✓ .*looked up", said)) == 4
    with services({"lit": [FLAW]}, 200) as url:
        code, said = audited(url)
    assert code == FOUND and "lit: high" in said and "Some libraries need an update" in said


@pytest.mark.parametrize("status", [0, 404], ids=["nobody answers", "a mirror without advisories"])
def test_services_out_of_reach_are_said_to_be(audited: Callable[[str], tuple[int, str]], status: int) -> None:
    """Would fail if an audit that asked nobody ended as one that found nothing."""
    with services({}, status or 200) as url:
        if status:
            code, said = audited(url)
    if not status:
        code, said = audited(url)
    assert code == UNKNOWN and "The audit is NOT complete" in said and "CHƯA kiểm tra đủ" in said
    assert len(re.findall("NOT audited: no service could be reached", said)) >= 2
