"""Requests of OGC API Processes: the list, descriptions, runs, which answer at once, and the jobs that they leave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import orjson
from django.utils import timezone

from gis_core.problems import Problem
from gis_core.words import Text
from ogc_api.answers import JSON, Answer, Request, document, link, self_and_alternate
from ogc_api.models import Job
from ogc_api.parameters import refuse_unknown, whole_number
from ogc_api.processes import echo, jobs, what_is_here
from ogc_api.processes.description import Process
from ogc_api.processes.inputs import read_request
from ogc_api.processes.results import answer_of

PROCESSES = {each.id: each for each in (what_is_here.PROCESS, echo.PROCESS)}
EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
THIS = Text("Danh sách này", "This list")
NO_SUCH_JOB = Text("Không có công việc này trong số của bạn.", "You have no such job.")
WAIT_S = 0.5


class NotThere(Problem):
    """A process or job that there is not; its ``type`` is the standard's own (OGC 18-062r2, 7.10.3 and 7.12.3)."""

    def document(self, language: str) -> dict[str, Any]:
        return {**super().document(language), "type": f"{EXCEPTIONS}/{self.code}"}


def process_named(process_id: str) -> Process:
    found = PROCESSES.get(process_id)
    if found is None:
        words = Text("Không có phép xử lý này.", "There is no such process.")
        raise NotThere(404, "no-such-process", words)
    return found


def listed(request: Request) -> Answer:
    """``GET /processes``"""
    refuse_unknown(request.parameters, {"f", "limit"})
    limit = whole_number(request.parameters.get("limit", "100"), "limit", 1, 1000)
    links = [link(request.url("/processes"), "self", JSON, THIS, request.language)]
    found = [each.summary(request) for each in list(PROCESSES.values())[:limit]]
    return Answer(orjson.dumps({"processes": found, "links": links}))


def described(request: Request, process_id: str) -> Answer:
    """``GET /processes/{processId}``"""
    process = process_named(process_id)
    refuse_unknown(request.parameters, {"f"})
    return Answer(orjson.dumps(process.document(request)))


def execute(request: Request, process_id: str) -> Answer:
    """``POST /processes/{processId}/execution``"""
    process = process_named(process_id)
    refuse_unknown(request.parameters, {"f"})
    wanted = read_request(request.body, process)
    since = timezone.now()
    with one_at_a_time():
        try:
            values = process.run(request.caller, request.language, wanted.inputs)
        except Problem as problem:
            jobs.keep_failed(request.caller, process, problem, request.language, since)
            raise
    answer = answer_of(process, wanted, values)
    job = jobs.keep(request.caller, process, wanted, values, since)
    return (
        answer if job is None else replace(answer, headers={**answer.headers, "Link": monitor(request, job)})
    )


def monitor(request: Request, job: Job) -> str:
    """The header that names the job of a run; the official suite looks for the relation without quotes."""
    return f'<{request.url(f"/jobs/{job.id}")}>; rel=monitor; type="{JSON}"'


def job_there(request: Request, job_id: str) -> Job:
    """The caller's own job; `NotThere` for any other, as for one that there is not."""
    refuse_unknown(request.parameters, {"f"})
    found = jobs.job_named(request.caller, job_id)
    if found is None:
        raise NotThere(404, "no-such-job", NO_SUCH_JOB)
    return found


def job(request: Request, job_id: str) -> Answer:
    """``GET /jobs/{jobId}``"""
    found = job_there(request, job_id)
    value = jobs.status_of(request, found)
    return document({**value, "links": self_and_alternate(request) + value["links"][1:]}, "job")


def results(request: Request, job_id: str) -> Answer:
    """``GET /jobs/{jobId}/results``"""
    found = job_there(request, job_id)
    process = PROCESSES.get(found.process)
    if process is None:  # one that an older version had
        raise NotThere(404, "no-such-job", NO_SUCH_JOB)
    return jobs.results_of(process, found)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """A process runs in one thread of a server process at most: the others answer everybody else meanwhile."""
    if not _running.acquire(timeout=WAIT_S):
        words = Text(
            "Nhiều phép xử lý đang chạy. Hãy thử lại sau ít giây.",
            "Other processes are running. Try again in a few seconds.",
        )
        raise Problem(429, "busy", words, headers={"Retry-After": "3"})
    try:
        yield
    finally:
        _running.release()


_running = threading.Semaphore(1)
