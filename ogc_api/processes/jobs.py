"""Jobs (OGC 18-062r2, clauses 7.12, 7.13 and 11): the runs of a signed-in caller, listed for that account alone.

Whoever is anonymous leaves no job, so that nobody learns of a run of somebody else's. A job is found by its account in
the capacity that it was run in; for anybody else it is one that there is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from gis_core.accounts.models import ApiToken
from gis_core.audiences import Caller
from gis_core.problems import Problem, bad_request
from gis_core.times import parse_datetime
from gis_core.words import Text
from ogc_api.answers import JSON, NEXT, PROBLEM, Answer, Request, document, link, self_and_alternate
from ogc_api.models import Job
from ogc_api.parameters import refuse_unknown, whole_number
from ogc_api.processes.description import Process
from ogc_api.processes.inputs import Wanted
from ogc_api.processes.results import answer_of

KEPT_FOR = timedelta(days=1)
MOST_OF_ACCOUNT = 100
STATUSES = ("accepted", "running", "successful", "failed", "dismissed")
TYPES = ("process",)
FILTERS = ("type", "processID", "status", "datetime", "minDuration", "maxDuration")
LONGEST_S = 10**9
RESULTS = "http://www.opengis.net/def/rel/ogc/1.0/results"
DONE = Text("Đã chạy xong", "Done")
THESE_RESULTS = Text("Kết quả của công việc", "Results of the job")
THIS_JOB = Text("Công việc này", "This job")


def account_of(caller: Caller) -> int | None:
    """The account behind a caller, whether it came by a session or by one of its tokens; None for nobody."""
    kind, _, number = (caller.actor or "").partition(":")
    if kind == "user":
        return int(number)
    if kind == "token":
        return ApiToken.objects.filter(pk=int(number)).values_list("user_id", flat=True).first()
    return None


def keep(
    caller: Caller, process: Process, wanted: Wanted, values: Mapping[str, Any], since: datetime
) -> Job | None:
    """Keep a run that went well; None for nobody's, which leaves no trace."""
    written = {"outputs": wanted.outputs, "response": wanted.response, "values": dict(values)}
    return _keep(caller, process, "successful", written, since)


def keep_failed(
    caller: Caller, process: Process, problem: Problem, language: str, since: datetime
) -> Job | None:
    """Keep a run that ended in ``problem``."""
    written = {"status": problem.status, "document": problem.document(language)}
    return _keep(caller, process, "failed", written, since)


def _keep(caller: Caller, process: Process, status: str, written: Any, since: datetime) -> Job | None:
    account = account_of(caller)
    if account is None:
        return None
    made = Job.objects.create(
        account_id=account,
        capacity=caller.key,
        process=process.id,
        status=status,
        created=since,
        finished=timezone.now(),
        kept=orjson.dumps(written),
    )
    own = Job.objects.filter(account_id=account).order_by("-created", "-id")
    Job.objects.filter(pk__in=list(own.values_list("pk", flat=True)[MOST_OF_ACCOUNT:])).delete()
    return made


def forget_old() -> None:
    """Delete the jobs that are no longer shown."""
    Job.objects.filter(created__lt=timezone.now() - KEPT_FOR).delete()


def jobs_of(caller: Caller) -> QuerySet[Job]:
    """All that the caller may know of, the newest first."""
    account = account_of(caller)
    if account is None:
        return Job.objects.none()
    own = Job.objects.filter(account_id=account, capacity=caller.key)
    return own.filter(created__gte=timezone.now() - KEPT_FOR).order_by("-created", "-id")


def job_named(caller: Caller, job_id: str) -> Job | None:
    try:
        return jobs_of(caller).filter(pk=UUID(job_id)).first()
    except ValueError:
        return None


# The list ---------------------------------------------------------------------------------------------------------


def listed(request: Request) -> Answer:
    """``GET /jobs``"""
    refuse_unknown(request.parameters, {"f", "limit", "cursor", *FILTERS})
    limit = whole_number(request.parameters.get("limit", "10"), "limit", 1, 1000)
    chosen = filtered(jobs_of(request.caller), request.parameters)
    if "cursor" in request.parameters:
        after = Position.read(request.parameters["cursor"])
        chosen = chosen.filter(Q(created__lt=after.created) | Q(created=after.created, id__lt=after.id))
    found = list(chosen[: limit + 1])
    links = self_and_alternate(request)
    if len(found) > limit:
        kept = {key: value for key, value in request.parameters.items() if key != "cursor"}
        href = request.url(
            "/jobs", **kept, cursor=Position(found[limit - 1].created, found[limit - 1].id).token
        )
        links.append(link(href, "next", JSON, NEXT, request.language))
    value = {"jobs": [status_of(request, job) for job in found[:limit]], "links": links}
    return document(value, "jobs")


@dataclass(frozen=True)
class Position:
    """After which job a page begins."""

    created: datetime
    id: UUID

    @property
    def token(self) -> str:
        return f"{self.created.timestamp():.6f}_{self.id.hex}"

    @classmethod
    def read(cls, token: str) -> Position:
        moment, _, job = token.partition("_")
        try:
            whole, _, parts = moment.partition(".")
            created = datetime.fromtimestamp(int(whole), tz=UTC) + timedelta(microseconds=int(parts))
            return cls(created, UUID(job))
        except (ValueError, OverflowError, OSError):
            raise bad_request(
                "bad-cursor", "“cursor” không đúng.", "“cursor” is not one.", parameter="cursor"
            ) from None


def filtered(jobs: QuerySet[Job], parameters: Mapping[str, str]) -> QuerySet[Job]:
    """Those that every parameter of the standard lets through (clause 11.2)."""
    if "type" in parameters:
        words(parameters["type"], "type", TYPES)  # every job here is of a process
    if "processID" in parameters:
        jobs = jobs.filter(process__in=parameters["processID"].split(","))
    if "status" in parameters:
        jobs = jobs.filter(status__in=words(parameters["status"], "status", STATUSES))
    if "datetime" in parameters:
        asked = parse_datetime(parameters["datetime"])
        if asked.start is not None:
            jobs = jobs.filter(created__gte=asked.start)
        if asked.end is not None:
            jobs = jobs.filter(created__lte=asked.end)
    for name, comparison in (("minDuration", "gte"), ("maxDuration", "lte")):
        if name in parameters:
            seconds = whole_number(parameters[name], name, 0, LONGEST_S)
            bound = F("created") + timedelta(seconds=seconds)
            jobs = jobs.filter(**{f"finished__{comparison}": bound})
    return jobs


def words(text: str, name: str, known: Iterable[str]) -> list[str]:
    """The words of a list that is parted by commas, all among ``known``."""
    found = text.split(",")
    if not set(found) <= set(known):
        among = ", ".join(known)
        raise bad_request(
            f"bad-{name}", f"“{name}” là: {among}.", f"“{name}” is among: {among}.", parameter=name
        )
    return found


# One job ----------------------------------------------------------------------------------------------------------


def status_of(request: Request, job: Job) -> dict[str, Any]:
    """What the list and the job's own address say (statusInfo.yaml)."""
    here = f"/jobs/{job.id}"
    moments = {name: getattr(job, at).isoformat() for name, at in MOMENTS.items()}
    kept = orjson.loads(bytes(job.kept))
    message = DONE.to(request.language) if job.status == "successful" else str(kept["document"]["title"])
    return {
        "jobID": str(job.id),
        "processID": job.process,
        "type": TYPES[0],
        "status": job.status,
        "message": message,
        "progress": 100,
        **moments,
        "links": [
            link(request.url(here), "self", JSON, THIS_JOB, request.language),
            link(request.url(f"{here}/results"), RESULTS, JSON, THESE_RESULTS, request.language),
        ],
    }


MOMENTS = {"created": "created", "started": "created", "finished": "finished", "updated": "finished"}


def results_of(process: Process, job: Job) -> Answer:
    """What the run answered: its results, or the problem that it ended in."""
    kept = orjson.loads(bytes(job.kept))
    if job.status == "failed":
        return Answer(orjson.dumps(kept["document"]), status=kept["status"], media_type=PROBLEM)
    return answer_of(process, Wanted({}, tuple(kept["outputs"]), kept["response"]), kept["values"])
