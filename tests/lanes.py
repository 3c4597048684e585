"""All tests, in lanes side by side: most of a test's time is waiting for a server, a browser or the database.

    python -m tests.lanes [pytest arguments]

Each lane is a pytest process with databases and a running city of its own (``HUONG_TEST_DATABASE``); the templates that
they are cloned from are made once for all. What failed, the slowest files and the sum of all lanes are told at the end.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "var" / "test" / "lanes"
# Those who need a running city share it by lane; what is in none of the lists is in the first lane.
LANES: dict[str, tuple[str, ...]] = {
    "ground": (),
    "clients": ("tests/clients", "tests/browser"),
    "protocols": ("tests/conformance", "tests/acceptance", "tests/faults"),
    "tiles": ("tests/tilesrv",),
}
NO_TESTS = ("tests/bench",)
SLOWEST = 15


@dataclass
class Outcome:
    """What a lane's report says; a lane without one has failed."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)  # by file


def folders(lane: str) -> list[str]:
    """The folders of a lane; every folder of tests is in exactly one."""
    named = {folder for others in LANES.values() for folder in others}
    if LANES[lane]:
        return list(LANES[lane])
    found = {path.parent.relative_to(ROOT) for path in (ROOT / "tests").glob("*/**/test_*.py")}
    tops = {"/".join(path.parts[:2]) for path in found}
    return sorted(tops - named - set(NO_TESTS))


def read_report(path: Path) -> Outcome:
    """The sums of a JUnit report of pytest."""
    if not path.exists():
        return Outcome(Counter(failed=1))
    outcome = Outcome()
    for case in etree.parse(path).iter("testcase"):
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        kind = "failed" if kinds & {"failure", "error"} else "skipped" if kinds else "passed"
        outcome.counts[kind] += 1
        outcome.seconds[case.get("classname", "")] += float(case.get("time", 0))
    return outcome


def start(lane: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    report = LOGS / f"{lane}.xml"
    report.unlink(missing_ok=True)
    env = {**os.environ, "HUONG_TEST_DATABASE": f"lane{lane}", "HUONG_TEST_KEEP_CLUSTER": "1"}
    command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments, *folders(lane)]
    with (LOGS / f"{lane}.log").open("wb") as log:
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)


def wait_for_all(running: dict[str, subprocess.Popen[bytes]]) -> dict[str, int]:
    """The exit codes; each lane's last line is told when it ends."""
    began, codes = time.monotonic(), {}
    while len(codes) < len(running):
        time.sleep(0.5)
        for lane, process in running.items():
            if lane not in codes and process.poll() is not None:
                codes[lane] = process.returncode
                lines = (LOGS / f"{lane}.log").read_text(errors="replace").rstrip().splitlines()
                print(
                    f"• {lane} ({time.monotonic() - began:.0f} s): {lines[-1] if lines else '?'}", flush=True
                )
    return codes


def tell(codes: dict[str, int], outcomes: dict[str, Outcome]) -> int:
    """Print what failed in full and the sum of all; the exit code is not 0 where any lane's is not."""
    for lane, code in codes.items():
        if code:
            print(f"\n══ {lane}: exit code {code} ══")
            print((LOGS / f"{lane}.log").read_text(errors="replace"))
    seconds = sum((outcome.seconds for outcome in outcomes.values()), Counter())
    print("\nThe slowest files:")
    for name, spent in seconds.most_common(SLOWEST):
        print(f"  {spent:6.1f} s  {name}")
    counts = sum((outcome.counts for outcome in outcomes.values()), Counter())
    for lane, code in codes.items():  # a lane that ended badly without a failed test is a failure too
        if code and not outcomes[lane].counts["failed"]:
            counts["failed"] += 1
    print(f"\n{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if any(codes.values()) or counts["failed"] else 0


def main(arguments: Iterable[str]) -> int:
    from tests.city_plugin import template_database

    for kind in ("empty", "demo"):
        template_database(kind)
    LOGS.mkdir(parents=True, exist_ok=True)
    running = {lane: start(lane, list(arguments)) for lane in LANES}
    try:
        codes = wait_for_all(running)
    finally:
        for process in running.values():
            if process.poll() is None:
                process.terminate()
                process.wait()
    return tell(codes, {lane: read_report(LOGS / f"{lane}.xml") for lane in LANES})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
