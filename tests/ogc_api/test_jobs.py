"""The list of jobs: one's own runs, by the filters and pages of the standard, and nothing of anybody else's."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from gis_core.accounts.models import ApiToken, User
from gis_core.accounts.tokens import issue
from gis_core.audiences import Caller
from gis_core.config import Config
from gis_core.problems import Problem
from gis_core.words import Text
from ogc_api.models import Job
from ogc_api.processes import echo, jobs, service
from tests.acceptance.asking import Call, Person, Reply, citizen, staff

ECHO = "/ogcapi/processes/echo/execution"
SENT = {"inputs": {"text": "lời riêng", "number": 2.5}}


@pytest.fixture
def first(city: Config) -> Person:
    Job.objects.all().delete()
    return staff("operations", "first")


@pytest.fixture
def second(city: Config) -> Person:
    return staff("operations", "second")


def run(who: Person, **more: Any) -> Reply:
    answer = who.ask(Call(ECHO, "POST", {**SENT, **more}))
    assert answer.status == 200, answer.body
    return answer


def path_of(answer: Reply) -> str:
    """The address of the job that a run left."""
    found = re.fullmatch(r"<[^>]*(/ogcapi/jobs/[0-9a-f-]{36})>; rel=monitor;.*", answer.headers["Link"])
    assert found is not None, answer.headers
    return found[1]


def listed(who: Person, query: str = "") -> list[dict[str, Any]]:
    answer = who.get(f"/ogcapi/jobs{query}")
    assert answer.status == 200, answer.body
    return list(answer.json["jobs"])


def made(who: Person, **changes: Any) -> str:
    """The id of a job of ``who``, as if it had been at another time or taken longer."""
    pk = path_of(run(who)).rpartition("/")[2]
    Job.objects.filter(pk=pk).update(**changes)
    return pk


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [each["jobID"] for each in found]


# Whose they are ---------------------------------------------------------------------------------------------------


def test_a_run_is_its_callers_alone(first: Person, second: Person) -> None:
    """Would fail if an id, a count or a time of one person's jobs reached another, or somebody anonymous."""
    before = [who.get("/ogcapi/jobs").lasting for who in (second, citizen())]
    path = path_of(run(first))
    job = path.rpartition("/")[2]
    assert ids(listed(first)) == [job]
    assert [who.get("/ogcapi/jobs").lasting for who in (second, citizen())] == before
    for who in (second, citizen(), staff("land")):
        for address in (path, f"{path}/results"):
            theirs, none = who.get(address), who.get(address.replace(job, "0" * 8 + job[8:]))
            assert theirs.lasting == none.lasting and theirs.status == 404
            assert theirs.json["type"].endswith("/no-such-job")


def test_whoever_is_anonymous_leaves_no_job(city: Config) -> None:
    before = Job.objects.count()
    assert "Link" not in run(citizen()).headers
    assert listed(citizen()) == [] and Job.objects.count() == before


def test_an_account_sees_its_jobs_by_any_token_but_not_in_another_role(first: Person) -> None:
    """What an officer's run found is not given to a token of the same account that sees less."""
    path = path_of(run(first))
    user = ApiToken.objects.get(pk=int((first.caller.actor or "").partition(":")[2])).user
    again = issue(user, f"another {timezone.now()}", "operations", scope="read")[1]
    less = issue(user, f"less {timezone.now()}", "citizen", scope="read")[1]
    assert Person(Caller(), again).get(f"{path}/results").status == 200
    assert Person(Caller(), less).get(f"{path}/results").status == 404
    assert listed(Person(Caller(), less)) == []


def test_jobs_go_with_their_account(first: Person) -> None:
    user = User.objects.create_user(username="leaving", password=None)
    path_of(run(Person(Caller(), issue(user, "t", "citizen")[1])))
    assert Job.objects.filter(account=user).count() == 1
    pk = user.pk
    user.delete()
    assert not Job.objects.filter(account_id=pk).exists()


# One job ----------------------------------------------------------------------------------------------------------


def test_a_job_says_what_the_standard_wants(first: Person) -> None:
    path = path_of(run(first))
    job = first.get(path).json
    assert {"jobID", "type", "status"} <= set(job) and job["jobID"] == path.rpartition("/")[2]
    assert (job["type"], job["status"], job["processID"]) == ("process", "successful", "echo")
    moments = [datetime.fromisoformat(job[name]) for name in ("created", "started", "finished", "updated")]
    assert moments == sorted(moments) and all(each.tzinfo for each in moments)
    assert b"l\xe1\xbb\x9di ri" not in first.get(path).body, "what was sent is not repeated"
    (listed_job,) = listed(first)
    assert {k: v for k, v in listed_job.items() if k != "links"} == {
        k: v for k, v in job.items() if k != "links"
    }
    for link in (*job["links"], *listed_job["links"], *first.get("/ogcapi/jobs").json["links"]):
        assert first.get("/ogcapi" + link["href"].partition("/ogcapi")[2]).status == 200, link


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"response": "document"},
        {"outputs": {"number": {}}},
        {"response": "document", "outputs": {"text": {}}},
    ],
)
def test_results_are_those_of_the_answer(first: Person, more: dict[str, Any]) -> None:
    answer = run(first, **more)
    again = first.get(f"{path_of(answer)}/results")
    parted = re.compile(rb"part-[0-9a-f]+")
    assert parted.sub(b"", again.body) == parted.sub(b"", answer.body)
    assert again.headers["Content-Type"].partition(";")[0] == answer.headers["Content-Type"].partition(";")[0]
    assert again.headers["Cache-Control"] == "private, no-store"


def test_a_run_that_failed_is_a_job_that_failed(first: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise Problem(503, "busy", Text("Đang bận.", "Busy."))

    monkeypatch.setitem(service.PROCESSES, "echo", replace(echo.PROCESS, run=fails))
    assert first.ask(Call(ECHO, "POST", SENT)).status == 503
    (job,) = listed(first, "?status=failed")
    assert job["status"] == "failed" and job["message"]
    assert listed(first, "?status=successful") == []
    answer = first.get(f"/ogcapi/jobs/{job['jobID']}/results")
    assert answer.status == 503 and answer.json["code"] == "busy"


# The list ---------------------------------------------------------------------------------------------------------


def test_filters_choose(first: Person) -> None:
    now = timezone.now()
    old = now - timedelta(hours=5)
    quick = made(
        first, created=now - timedelta(hours=1), finished=now - timedelta(hours=1) + timedelta(seconds=2)
    )
    slow = made(first, created=old, finished=old + timedelta(seconds=30), process="what-is-here")
    bad = made(
        first,
        status="failed",
        kept=b'{"status":503,"document":{"title":"x"}}',
        created=old - timedelta(1 / 24),
        finished=old,
    )
    everything = [quick, slow, bad]
    spot = (now - timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    for query, expected in {
        "": everything,
        "?type=process": everything,
        "?processID=echo": [quick, bad],
        "?processID=what-is-here": [slow],
        "?processID=echo,what-is-here": everything,
        "?processID=nothing": [],
        "?status=successful": [quick, slow],
        "?status=failed": [bad],
        "?status=failed,successful": everything,
        "?status=running": [],
        "?minDuration=2": everything,
        "?minDuration=3": [slow, bad],
        "?maxDuration=30": [quick, slow],
        "?maxDuration=29": [quick],
        "?minDuration=30&maxDuration=30": [slow],
        f"?datetime={spot}": [quick],
        f"?datetime=../{old.isoformat().replace('+00:00', 'Z')}": [slow, bad],
        f"?datetime={spot}/..": [quick],
        "?status=successful&processID=echo&minDuration=1": [quick],
    }.items():
        assert ids(listed(first, query)) == expected, query


@pytest.mark.parametrize(
    "query",
    [
        "type=thing",
        "status=done",
        "status=",
        "minDuration=-1",
        "minDuration=x",
        "maxDuration=1.5",
        "datetime=yesterday",
        "limit=0",
        "cursor=x",
        "cursor=1.5_x",
        "cursor=99999999999999999999.0_00000000000000000000000000000000",
        "unknown=1",
    ],
)
def test_what_is_no_filter_is_refused(first: Person, query: str) -> None:
    for who in (first, citizen()):
        assert who.get(f"/ogcapi/jobs?{query}").status == 400


def test_pages_hold_each_job_once_though_others_come(first: Person) -> None:
    """The newest first; a run while somebody pages on neither repeats one nor leaves one out."""
    moment = timezone.now() - timedelta(minutes=5)
    expected = [made(first, created=moment) for _ in range(5)]  # of one moment: their ids tell them apart
    found, address = [], "/ogcapi/jobs?limit=2"
    while address:
        answer = first.get(address).json
        assert len(answer["jobs"]) <= 2
        found += ids(answer["jobs"])
        run(first)
        address = next(
            (
                "/ogcapi" + each["href"].partition("/ogcapi")[2]
                for each in answer["links"]
                if each["rel"] == "next"
            ),
            "",
        )
    assert sorted(found) == sorted(expected)


def test_what_is_kept_is_bounded(first: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_OF_ACCOUNT", 3)
    latest = [made(first) for _ in range(5)][2:]
    assert sorted(ids(listed(first))) == sorted(latest)
    gone = made(first, created=timezone.now() - jobs.KEPT_FOR - timedelta(seconds=1))
    assert gone not in ids(listed(first)), "older than a day is not shown"
    jobs.forget_old()
    assert not Job.objects.filter(pk=gone).exists() and Job.objects.count() == 2


def test_people_read_the_list(first: Person) -> None:
    path = path_of(run(first))
    page = first.get("/ogcapi/jobs?f=html").body.decode()
    assert f"{path}?f=html" in page and "Các công việc của bạn" in page
    assert "Done" in first.get(f"{path}?f=html", **{"Accept-Language": "en"}).body.decode()
    assert "Không có công việc nào" in citizen().get("/ogcapi/jobs?f=html").body.decode()
