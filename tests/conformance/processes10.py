"""Port of the published test methods of ets-ogcapi-processes10 at 75abd1f, for a server that answers at once.

Written from what the methods do, in our own words; each check bears the name of its method. Their process is named
``echo``. Theirs ask for the list of jobs without a name and want some in it: here only who is known leaves jobs and
sees any, so the checks of lists and jobs come with a token. What theirs validate by OGC's OpenAPI document is looked at
here member by member.
"""

from __future__ import annotations

import email
import uuid
from typing import Any

import httpx

from tests.conformance.checks import equal, find_links, need
from tests.conformance.faulty import Checks, Service

SUITE = Checks()
ECHO = "/processes/echo"
SENT = "teststring"
CORE = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core"
EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
REL = "http://www.opengis.net/def/rel/ogc/1.0"


def get(service: Service, path: str, status: int = 200, **headers: str) -> Any:
    answer = service.client.get(f"{service.url}{path}", headers={"Accept": "application/json", **headers})
    equal(answer.status_code, status, f"status of {path} ({answer.text[:200]})")
    return answer.json()


def execute(service: Service, body: Any, **headers: str) -> httpx.Response:
    headers = {"Accept": "application/json", **headers}
    return service.client.post(f"{service.url}{ECHO}/execution", json=body, headers=headers)


def description(service: Service) -> Any:
    return get(service, ECHO)


def inputs(service: Service, **replaced: Any) -> dict[str, Any]:
    """What the suite sends for each input by its type: texts, boxes of absurd numbers, objects as ``value``."""
    sent: dict[str, Any] = {}
    for name, each in description(service)["inputs"].items():
        for schema in each["schema"].get("oneOf", [each["schema"]]):
            if schema["type"] == "string" and not {"format", "contentMediaType"} & set(schema):
                sent[name] = SENT
            elif "bbox" in schema.get("properties", {}):
                sent[name] = {"crs": "urn:ogc:def:crs:EPSG:6.6:4326", "bbox": [345345345] * 4}
            elif schema["type"] == "object":
                sent[name] = {"value": SENT}
    need(sent, "no input that the suite can send")
    return sent | replaced


def outputs(service: Service) -> dict[str, Any]:
    return {name: {"transmissionMode": "value"} for name in description(service)["outputs"]}


def request(service: Service, **more: Any) -> dict[str, Any]:
    return {"inputs": inputs(service), "outputs": outputs(service), **more}


def of_type(service: Service, type_: str) -> str:
    for name, each in description(service)["inputs"].items():
        if any(schema["type"] == type_ for schema in each["schema"].get("oneOf", [each["schema"]])):
            return str(name)
    raise LookupError(f"echo has no input of type {type_}")


def need_done(answer: httpx.Response) -> None:
    equal(answer.status_code, 200, f"status of a run ({answer.text[:200]})")


def need_problem(body: Any, type_: str | None = None) -> None:
    need(isinstance(body.get("type"), str), f"an exception without a type: {body}")
    need(type_ is None or body["type"] == f"{EXCEPTIONS}/{type_}", f"the exception is {body['type']}")


@SUITE.check("GeneralHttp.testHttp")
def http(service: Service) -> None:
    equal(service.client.get(f"{service.url}/").http_version, "HTTP/1.1", "version of HTTP")


@SUITE.check("LandingPage.testLandingPageValidation")
def landing(service: Service) -> None:
    links = get(service, "/")["links"]
    for rel in ("service-desc", "conformance", f"{REL}/processes"):
        need(find_links(links, rel), f"the landing page has no link {rel}")


@SUITE.check("Conformance.testValidateConformanceOperationAndResponse")
def conformance(service: Service) -> None:
    need(CORE in get(service, "/conformance")["conformsTo"], "core is not declared")


@SUITE.check("ProcessList.testPlLimitResponse")
def limit(service: Service) -> None:
    equal(len(get(service, "/processes?limit=1")["processes"]), 1, "processes of limit=1")


@SUITE.check("ProcessList.testPlLinks and testProcessListSuccess")
def listed(service: Service) -> None:
    document = get(service, "/processes")
    need(isinstance(document["links"], list) and document["links"], "the list has no links")
    need("echo" in [each["id"] for each in document["processes"]], "echo is not listed")
    for each in document["processes"]:
        need({"id", "version", "jobControlOptions", "links"} <= set(each), f"{each['id']} lacks a member")
        for link in each["links"]:
            need({"href", "rel"} <= set(link), "a link without an address")


@SUITE.check("Process.testProcessExceptionNoSuchProcess")
def no_such_process(service: Service) -> None:
    need_problem(get(service, f"/processes/invalid-process-{uuid.uuid4()}", 404), "no-such-process")


@SUITE.check("Process.testProcessSuccess, OGCProcessDescription")
def described(service: Service) -> None:
    document = description(service)
    equal(document["id"], "echo", "id")
    for kind in ("inputs", "outputs"):
        need(
            document[kind] and all("schema" in each for each in document[kind].values()),
            f"{kind} without a schema",
        )
        mixed = [each for each in document[kind].values() if "oneOf" in each["schema"]]
        need(mixed, f"no {kind} of mixed type to try with")


@SUITE.check("Jobs.testJobCreationAutoExecutionMode")
def auto(service: Service) -> None:
    answer = service.client.post(
        f"{service.url}{ECHO}/execution", json=request(service), headers={"Prefer": "respond-async"}
    )
    need_done(answer)


@SUITE.check("Jobs.testJobCreationDefaultExecutionMode, Op, Request and Inputs")
def run(service: Service) -> None:
    """The raw answer with several outputs, which theirs knows as a multipart message by a line of its body."""
    answer = execute(service, request(service))
    need_done(answer)
    need(
        answer.headers["content-type"].startswith("multipart/related"), "several raw outputs are no multipart"
    )
    need("Content-Type: multipart/related" in answer.text, "theirs would not know the message")
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    parts = email.message_from_bytes(head + answer.content).get_payload()
    texts = [part.get_payload(decode=True) for part in parts if not isinstance(part, str)]
    need(any(SENT.encode() in (text or b"") for text in texts), "no part holds what was sent")


@SUITE.check("Jobs.testJobCreationDefaultOutputs")
def default_outputs(service: Service) -> None:
    need_done(execute(service, {"inputs": inputs(service)}))


@SUITE.check("Jobs.testJobCreationInputArray")
def array(service: Service) -> None:
    name = of_type(service, "array")
    answer = execute(service, {"inputs": inputs(service, **{name: [1, 2, 3]}), "outputs": {name: {}}})
    need_done(answer)
    equal(answer.json(), [1, 2, 3], "the array")


@SUITE.check("Jobs.testJobCreationInputInlineBbox")
def bbox(service: Service) -> None:
    box = {"bbox": [51.9, 7, 52, 7.1], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
    name = next(n for n, each in description(service)["inputs"].items() if "bbox" in str(each["schema"]))
    need_done(execute(service, {"inputs": inputs(service, **{name: box}), "outputs": {}}))


@SUITE.check("Jobs.testJobCreationInputInlineObject and Mixed")
def object_(service: Service) -> None:
    name = of_type(service, "object")
    need_done(
        execute(service, {"inputs": inputs(service, **{name: {"value": SENT}}), "outputs": outputs(service)})
    )


@SUITE.check("Jobs.testJobCreationInputRef")
def by_reference(service: Service) -> None:
    """Theirs send an address for binary inputs, which echo has not; a value in its address is one all the same."""
    name = of_type(service, "string")
    answer = execute(service, {"inputs": {name: {"href": f"data:text/plain,{SENT}"}}, "outputs": {name: {}}})
    need_done(answer)
    equal(answer.text, SENT, "what was referred to")


@SUITE.check("Jobs.testJobCreationInputValidation")
def validation(service: Service) -> None:
    need_done(execute(service, request(service)))
    found = description(service)["inputs"].items()
    names = [name for name, each in found if "contentMediaType" in each["schema"]]
    need(names, "no input with a format")
    wrong = {name: {"type": f"wrong/type_{uuid.uuid4()}"} for name in names}
    answer = execute(service, {"inputs": inputs(service, **wrong), "outputs": outputs(service)})
    need(answer.status_code > 300, f"a wrong format is answered {answer.status_code}")
    need_problem(answer.json())


@SUITE.check("Jobs.testJobCreationSyncDocument")
def document(service: Service) -> None:
    """Theirs looks at the status alone; the document is keyed by output (OGC 18-062r2, results.yaml)."""
    answer = execute(service, request(service, response="document"))
    need_done(answer)
    body = answer.json()
    need(set(body) <= set(description(service)["outputs"]), f"members that are no outputs: {set(body)}")
    equal(body[of_type(service, "string")], SENT, "the text in the document")


@SUITE.check("Jobs.testJobCreationSyncRawValueOne")
def raw_one(service: Service) -> None:
    name = next(iter(description(service)["inputs"]))
    body = request(service, response="raw") | {"outputs": {name: {"transmissionMode": "value"}}}
    answer = execute(service, body)
    need_done(answer)
    equal(answer.text, SENT, "the one raw output")


@SUITE.check("Jobs.testJobCreationSyncRawValueMulti and MixedMulti")
def raw_many(service: Service) -> None:
    need_done(execute(service, request(service, response="raw")))


@SUITE.check("Jobs.testJobExceptionNoSuchJob")
def no_such_job(service: Service) -> None:
    need_problem(get(service, f"/jobs/invalid-job-{uuid.uuid4()}", 404), "no-such-job")


@SUITE.check("Jobs.testJobResultsNoSuchJob")
def no_such_results(service: Service) -> None:
    need_problem(get(service, f"/jobs/invalid-job-{uuid.uuid4()}/results", 404), "no-such-job")


@SUITE.check("Jobs.testJobResultsFailed")
def failed(service: Service) -> None:
    answer = execute(service, {"invalid-execute-request": "true)"})
    need(answer.status_code > 200, "a request that is none is answered 200")
    need_problem(answer.json())


@SUITE.check("Jobs.testJobResultsSync")
def monitor(service: Service) -> None:
    """A run that leaves a job names it by a Link rel=monitor, and has no Link otherwise (theirs takes any for one)."""
    answer = execute(service, request(service))
    need_done(answer)
    need("link" not in answer.headers, f"Link: {answer.headers.get('link')}")
    need_job(get(service, monitored(service), **service.signed))


def monitored(service: Service) -> str:
    """The path of the job that a run of somebody known leaves."""
    answer = execute(service, request(service), **service.signed)
    need_done(answer)
    return job_of(answer)


def job_of(answer: httpx.Response) -> str:
    """The path that the Link of a run names."""
    address, _, rest = answer.headers["link"].partition(";")
    need("rel=monitor" in rest, f"Link: {answer.headers['link']}")
    return "/jobs/" + address.strip("<> ").rpartition("/jobs/")[2]


def need_job(job: Any) -> None:
    """statusInfo.yaml, of a run that went well."""
    need({"jobID", "status", "type"} <= set(job), f"members of a job: {sorted(job)}")
    equal((job["type"], job["status"]), ("process", "successful"), "type and status of a job")


@SUITE.check("Jobs.testJobResults, AsyncDocument and AsyncRaw")
def results(service: Service) -> None:
    """Theirs look for results behind asynchronous runs alone; here of the job that a run leaves."""
    answer = execute(service, request(service, response="document"), **service.signed)
    equal(get(service, f"{job_of(answer)}/results", **service.signed), answer.json(), "results of a job")


@SUITE.check("ProcessList.testPlLimitDefinition")
def limit_definition(service: Service) -> None:
    """The API definition has an integer ``limit`` of the list in the query, from 1, that need not be there."""
    document = get(service, "/api", **{"Accept": "application/vnd.oai.openapi+json;version=3.0"})
    found = [resolved(document, each) for each in document["paths"]["/processes"]["get"]["parameters"]]
    limits = [each for each in found if each["name"] == "limit"]
    equal(len(limits), 1, "definitions of limit")
    equal((limits[0]["in"], limits[0].get("required", False)), ("query", False), "where limit is")
    schema = limits[0]["schema"]
    equal(schema["type"], "integer", "type of limit")
    need(
        schema["minimum"] >= 1 and schema["maximum"] >= 10 and "default" in schema,
        f"bounds of limit {schema}",
    )


def resolved(document: Any, node: Any) -> Any:
    for part in node["$ref"].removeprefix("#/").split("/") if "$ref" in node else ():
        document = document[part]
    return document if "$ref" in node else node


@SUITE.check("JobList.testJobList and testJobListSuccess")
def job_list(service: Service) -> None:
    """jobList.yaml, and the run that was last in it."""
    job = monitored(service).rpartition("/")[2]
    document = get(service, "/jobs", **service.signed)
    need(isinstance(document["links"], list) and document["links"], "the list of jobs has no links")
    need(job in [each["jobID"] for each in document["jobs"]], "a run is not in the list of jobs")
    for each in document["jobs"]:
        need({"jobID", "status", "type"} <= set(each), f"members of a job: {sorted(each)}")
    need("getJobs" in str(get(service, "/api")), "the API definition has no operation getJobs")
    need(
        f"{CORE.removesuffix('core')}job-list" in get(service, "/conformance")["conformsTo"],
        "job-list is not declared",
    )
