"""All tests, in lanes side by side: most of a test's time is waiting for a server, a browser or the database.

    python -m tests.lanes [pytest arguments]
    python -m tests.lanes --weigh

Each lane is a pytest process with databases and a running city of its own (``HUONG_TEST_DATABASE``); the templates that
they are cloned from are made once for all. What failed, the slowest files and the sum of all lanes are told at the end.

Lanes are filled so that they end together, by the seconds of each file in ``lanes.json``; ``--weigh`` writes those of
the last run there. A file that is not in it is no less run.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "var" / "test" / "lanes"
WEIGHTS = ROOT / "tests" / "lanes.json"
# Lanes, and the folders that stay in them: what their files share (a running city, a cluster) is made once by lane. Of
# all other folders each file is in the lane that has least to do.
LANES: dict[str, tuple[str, ...]] = {
    "ground": ("tests/runtime",),
    "clients": ("tests/clients", "tests/browser"),
    "protocols": ("tests/conformance", "tests/faults"),
    "tiles": (),
}
SHARED_CITY = "protocols"  # files elsewhere that use the running city are here
NO_TESTS = ("tests/bench",)
UNWEIGHED_S = 5.0
SLOWEST = 15


@dataclass
class Outcome:
    """What a lane's report says; a lane without one has failed."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)  # by file


def files() -> list[str]:
    """All files of tests, by path from the root."""
    found = (path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py"))
    return sorted(path for path in found if not path.startswith(NO_TESTS))


def home(path: str) -> str | None:
    """The lane that a file must be in; None where any will do."""
    for lane, folders in LANES.items():
        if any(path.startswith(f"{folder}/") for folder in folders):
            return lane
    return SHARED_CITY if "live_city: " in (ROOT / path).read_text() else None


def filled(weights: Mapping[str, float]) -> dict[str, list[str]]:
    """The files of each lane: those that must be in it, then the longest first to the lane that has least to do."""
    lanes: dict[str, list[str]] = {lane: [] for lane in LANES}
    seconds = dict.fromkeys(LANES, 0.0)
    placed = [(home(path), weights.get(path, UNWEIGHED_S), path) for path in files()]
    for lane, weight, path in sorted(placed, key=lambda each: (each[0] is None, -each[1], each[2])):
        chosen = lane or min(seconds, key=lambda each: seconds[each])
        lanes[chosen].append(path)
        seconds[chosen] += weight
    return {lane: sorted(paths) for lane, paths in lanes.items()}


def weights() -> dict[str, float]:
    return dict(json.loads(WEIGHTS.read_text()))


def weigh() -> None:
    """Write the seconds of each file in the last run."""
    seconds: Counter[str] = Counter()
    for lane in LANES:
        seconds.update(read_report(LOGS / f"{lane}.xml").seconds)
    modules = {path: path.removesuffix(".py").replace("/", ".") for path in files()}
    known = {path: round(seconds[module], 1) for path, module in modules.items() if module in seconds}
    WEIGHTS.write_text(json.dumps(known, indent=2) + "\n")


def module_of(classname: str) -> str:
    """``tests.x.test_y`` of ``tests.x.test_y.TestZ``."""
    return re.sub(r"\.Test\w+$", "", classname)


def read_report(path: Path) -> Outcome:
    """The sums of a JUnit report of pytest."""
    if not path.exists():
        return Outcome(Counter(failed=1))
    outcome = Outcome()
    for case in etree.parse(path).iter("testcase"):
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        kind = "failed" if kinds & {"failure", "error"} else "skipped" if kinds else "passed"
        outcome.counts[kind] += 1
        outcome.seconds[module_of(case.get("classname", ""))] += float(case.get("time", 0))
    return outcome


def start(lane: str, paths: Sequence[str], arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    report = LOGS / f"{lane}.xml"
    report.unlink(missing_ok=True)
    env = {**os.environ, "HUONG_TEST_DATABASE": f"lane{lane}", "HUONG_TEST_KEEP_CLUSTER": "1"}
    command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments, *paths]
    with (LOGS / f"{lane}.log").open("wb") as log:
        # Ctrl-C is ours alone: each lane is told once, and has the time to stop the city that it started.
        return subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


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


def end(running: Collection[subprocess.Popen[bytes]]) -> None:
    """Interrupt the lanes that still run, which clean up after themselves."""
    left = [process for process in running if process.poll() is None]
    for process in left:
        process.send_signal(signal.SIGINT)
    for process in left:
        process.wait()


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

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # told to end, it ends its lanes too
    for kind in ("empty", "demo"):
        template_database(kind)
    LOGS.mkdir(parents=True, exist_ok=True)
    running = {lane: start(lane, paths, list(arguments)) for lane, paths in filled(weights()).items()}
    try:
        codes = wait_for_all(running)
    finally:
        end(running.values())
    return tell(codes, {lane: read_report(LOGS / f"{lane}.xml") for lane in LANES})


if __name__ == "__main__":
    sys.exit(weigh() if sys.argv[1:] == ["--weigh"] else main(sys.argv[1:]))
