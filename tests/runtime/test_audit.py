"""The audit of libraries says what it looked up, and never that all is well where it asked nobody."""

from __future__ import annotations

import json

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
