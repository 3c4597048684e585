"""The run of all tests: every test is in one lane, and no lane's failure reads like the success of another."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests import lanes
from tests.lanes import ROOT, Outcome, files, filled, read_report, tell


def test_every_test_is_in_one_lane() -> None:
    for weights in ({}, lanes.weights(), dict.fromkeys(files(), 0.0)):
        run = [path for paths in filled(weights).values() for path in paths]
        assert sorted(run) == sorted(
            path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")
        )


def test_lanes_end_together() -> None:
    """By the seconds that each file took: none has much more to do than the others."""
    weights = lanes.weights()
    assert set(weights) <= set(files()), "weigh anew"
    seconds = [sum(weights.get(path, 0) for path in paths) for paths in filled(weights).values()]
    assert max(seconds) < 1.1 * sum(seconds) / len(seconds)


def test_who_shares_a_city_is_in_its_lane() -> None:
    filled_by = {path: lane for lane, paths in filled(lanes.weights()).items() for path in paths}
    assert filled_by["tests/acceptance/test_live.py"] == lanes.SHARED_CITY
    assert {lane for path, lane in filled_by.items() if path.startswith("tests/browser/")} == {"clients"}


CLEANS_UP = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    print("ready", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    open(sys.argv[1], "w").close()
"""


def test_an_interrupted_run_lets_its_lanes_clean_up(tmp_path: Path) -> None:
    """Would fail if lanes were killed, whose cities then ran on."""
    lane = subprocess.Popen([sys.executable, "-c", CLEANS_UP, tmp_path / "clean"], stdout=subprocess.PIPE)
    assert lane.stdout is not None and lane.stdout.readline() == b"ready\n"
    lanes.end([lane])
    assert (tmp_path / "clean").exists() and lane.returncode == 0


REPORT = """<testsuites><testsuite>
<testcase classname="tests.a" time="1.5"/><testcase classname="tests.a.TestOne" time="2"><failure/></testcase>
<testcase classname="tests.b" time="0"><skipped/></testcase><testcase classname="tests.b" time="0"><error/></testcase>
</testsuite></testsuites>"""


def test_a_report_is_counted(tmp_path: Path) -> None:
    (tmp_path / "lane.xml").write_text(REPORT)
    outcome = read_report(tmp_path / "lane.xml")
    assert outcome.counts == Counter(passed=1, failed=2, skipped=1) and outcome.seconds["tests.a"] == 3.5
    assert read_report(tmp_path / "none.xml").counts["failed"] == 1


@pytest.mark.parametrize(
    ("codes", "failed", "code", "closing"),
    [
        ({"one": 0, "two": 0}, 0, 0, "5 passed, 0 failed, 1 skipped"),
        ({"one": 1, "two": 0}, 2, 1, "5 passed, 2 failed, 1 skipped"),
        ({"one": -9, "two": 0}, 0, 1, "5 passed, 1 failed, 1 skipped"),  # ended by a signal, no test failed
        ({"one": 0, "two": 0}, 1, 1, "5 passed, 1 failed, 1 skipped"),  # its report is not there
    ],
)
def test_the_closing_line_speaks_of_all(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    codes: dict[str, int],
    failed: int,
    code: int,
    closing: str,
) -> None:
    monkeypatch.setattr("tests.lanes.LOGS", tmp_path)
    for lane in codes:
        (tmp_path / f"{lane}.log").write_text(f"what {lane} said")
    outcomes = {
        "one": Outcome(Counter(passed=2, failed=failed)),
        "two": Outcome(Counter(passed=3, skipped=1)),
    }
    assert tell(codes, outcomes) == code
    told = capsys.readouterr().out
    assert told.endswith(f"\n{closing}\n")
    assert [f"what {lane} said" in told for lane in codes] == [bool(codes[lane]) for lane in codes]
