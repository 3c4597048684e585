"""What the front door is told where a body is not let in, and how much each reader takes."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse, JsonResponse

from gis_core.accounts.requests import leave
from gis_core.http import bodies
from gis_core.http.problems import refusal
from gis_core.problems import Problem
from gis_core.words import Text


@pytest.mark.parametrize(
    ("status", "said"), [(500, 503), (502, 503), (504, 503), (503, 503), (401, 401), (413, 413), (418, 403)]
)
def test_a_failure_is_never_told_as_a_refusal(status: int, said: int) -> None:
    """Would fail if a fault of ours told somebody who may write that they may not; and its two statuses agree."""
    told = bodies.told(refusal(Problem(status, "some", Text("Lời.", "Words.")), "vi"))
    document = json.loads(told[bodies.REFUSAL])
    assert (told[bodies.REFUSED_WITH], document["status"]) == (str(said), said)
    assert (document["code"], document["detail"]) == ("some", "Lời.")


@pytest.mark.parametrize(("status", "said"), [(500, "503"), (403, "403"), (404, "403")])
@pytest.mark.parametrize("kind", [HttpResponse, JsonResponse])
def test_so_it_is_for_pages(kind: type[HttpResponse], status: int, said: str) -> None:
    answer = leave(kind({"status": status} if kind is JsonResponse else "<h1>", status=status))
    expected = "404" if kind is JsonResponse and status == 404 else said
    assert (answer.status_code, answer.headers[bodies.REFUSED_WITH]) == (401, expected)
