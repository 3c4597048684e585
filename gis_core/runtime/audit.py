"""What is known against the locked libraries, and how old they are: ``script/audit``.

Advisories come from services that a mirror of packages need not have. A tool that reaches none says "no known
vulnerabilities" all the same: so what counts is how many libraries were really looked up, and where it is none that is
said plainly.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from gis_core.config import ROOT
from gis_core.runtime.frontend import node_program

LOCK = ROOT / "requirements.lock"
A_QUARTER = timedelta(days=92)
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
SEPARATORS = re.compile(r"[-_.]+")
CLEAN, FOUND, UNKNOWN = 0, 1, 3


@dataclass(frozen=True)
class Audit:
    """Of one kind of library: how many were looked up, what was found, and why none was where there is a reason.

    ``unknown`` are those that the service does not know, so that nothing was said of them.
    """

    kind: str
    looked_up: int
    found: tuple[str, ...] = ()
    reason: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        if self.found:
            return FOUND
        return CLEAN if self.looked_up and not self.unknown else UNKNOWN

    def lines(self) -> list[str]:
        if not self.looked_up:
            return [
                f"✗ {self.kind}: không kiểm tra được · NOT audited: no service could be reached ({self.reason})"
            ]
        mark = "✗" if self.found else "✓"
        return [
            f"{mark} {self.kind}: {self.looked_up} đã kiểm tra · looked up, {len(self.found)} found",
            *(f"    {each}" for each in self.found),
            *(
                f"    {each}: không tra được · NOT audited, the service does not know it"
                for each in self.unknown
            ),
        ]


def python_advisories(output: str, errors: str) -> Audit:
    """From pip-audit's JSON; a library that its service does not know was not looked up."""
    try:
        told: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Audit("Python", 0, reason=last_line(errors))
    known = [each for each in told if "skip_reason" not in each]
    found = [
        f"{each['name']} {each['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'none'}"
        for each in known
        for flaw in each["vulns"]
    ]
    unknown = tuple(each["name"] for each in told if "skip_reason" in each)
    return Audit("Python", len(known), tuple(found), "it knows none of the libraries", unknown)


def node_advisories(output: str, errors: str) -> Audit:
    """From npm's JSON."""
    try:
        told: dict[str, Any] = json.loads(output)
        total = int(told["metadata"]["dependencies"]["total"])
    except (ValueError, KeyError, TypeError):
        said = re.search(r'"message": "([^"]*)', output)
        return Audit("Node", 0, reason=said[1] if said else last_line(errors))
    found = [f"{name}: {flaw['severity']}" for name, flaw in sorted(told["vulnerabilities"].items())]
    return Audit("Node", total, tuple(found))


def node_ages(output: str, errors: str) -> Audit:
    """From ``npm outdated --before`` a quarter ago; only what is outdone within its own series counts."""
    pinned = json.loads((ROOT / "web" / "package.json").read_text())
    names = [*pinned["dependencies"], *pinned["devDependencies"]]
    try:
        told: dict[str, dict[str, str]] = json.loads(output or "{}")
        found = [
            f"{name} {each['current']}: {each['latest']} is a quarter old by now"
            for name, each in told.items()
            if series(each["latest"]) == series(each["current"]) and is_newer(each["latest"], each["current"])
        ]
    except (ValueError, KeyError, TypeError):
        return Audit("Tuổi, Node · Age", 0, reason=last_line(errors))
    return Audit(
        "Tuổi, Node · Age", 0 if "npm error" in errors else len(names), tuple(found), last_line(errors)
    )


def ages(locked: Mapping[str, str], resolved: Mapping[str, str], errors: str) -> Audit:
    """``resolved``: the newest of a quarter ago. What was newer by then than ours is too old."""
    known = [name for name in locked if name in resolved]
    found = [
        f"{name} {locked[name]}: {resolved[name]} is a quarter old by now"
        for name in known
        if is_newer(resolved[name], locked[name])
    ]
    return Audit("Tuổi, Python · Age", len(known), tuple(found), last_line(errors))


def is_newer(one: str, other: str) -> bool:
    try:
        return Version(one) > Version(other)
    except InvalidVersion:
        return False


def versions(text: str) -> dict[str, str]:
    """Name, as registries compare it, to version, of a list of requirements."""
    return {SEPARATORS.sub("-", name).lower(): version for name, version in LOCKED.findall(text)}


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1][:200]


def run(*command: str | Path, folder: Path = ROOT, given: str = "") -> tuple[str, str]:
    """Output and errors of a tool; its exit code says too little."""
    done = subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        input=given,
    )
    return done.stdout, done.stderr


def newest_then(uv: Path, locked: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The newest version of each library a quarter ago, within the series that we keep to (5 of Django, 6 of protobuf);
    and what went wrong.
    """
    asking = (
        "pip",
        "compile",
        "--quiet",
        "--no-header",
        "--no-annotate",
        "--no-deps",
        "--exclude-newer",
        a_quarter_ago(),
        "-",
    )
    found, errors = run(uv, *asking, given="\n".join(locked))
    newest = versions(found)
    beyond = [name for name in newest if name in locked and series(newest[name]) > series(locked[name])]
    for name in beyond:
        found, _ = run(uv, *asking, given=f"{name}<{series(locked[name]) + 1}")
        newest = (
            {**newest, **versions(found)}
            if versions(found)
            else {k: v for k, v in newest.items() if k != name}
        )
    return newest, errors


def a_quarter_ago() -> str:
    return (datetime.now(UTC) - A_QUARTER).strftime("%Y-%m-%d")


def series(version: str) -> int:
    return int(version.partition(".")[0])


def audits(uv: Path, pip_audit: Path) -> Sequence[Audit]:
    """Ask everybody."""
    node = node_program()
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    asked = ("--requirement", LOCK, "--require-hashes", "--disable-pip", "--progress-spinner", "off")
    locked = versions(LOCK.read_text())
    resolved, errors = newest_then(uv, locked)
    return (
        python_advisories(*run(pip_audit, *asked, "--format", "json")),
        node_advisories(*run(node, npm, "audit", "--json", folder=ROOT / "web")),
        ages(locked, resolved, errors),
        node_ages(*run(node, npm, "outdated", "--json", "--before", a_quarter_ago(), folder=ROOT / "web")),
    )


VERDICTS: Mapping[int, str] = {
    CLEAN: "✓ Đã hỏi đủ, không có gì cần vá · Everything was asked, nothing needs mending",
    FOUND: "✗ Có thư viện cần cập nhật · Some libraries need an update",
    UNKNOWN: "✗ CHƯA kiểm tra đủ: có dịch vụ không hỏi được; hãy chạy lại ở nơi ra được mạng"
    " · The audit is NOT complete: not every service could be asked; run it where they can be reached",
}


def main() -> int:
    """The worst of what was found: 0 nothing, 3 not everything could be asked, 1 something."""
    found = audits(Path(sys.argv[1]), Path(sys.argv[2]))
    codes = {audit.code for audit in found}
    code = next((code for code in (FOUND, UNKNOWN) if code in codes), CLEAN)
    said = [VERDICTS[each] for each in (FOUND, UNKNOWN) if each in codes] or [VERDICTS[CLEAN]]
    print("\n".join([*(line for audit in found for line in audit.lines()), *said]))
    return code


if __name__ == "__main__":
    sys.exit(main())
