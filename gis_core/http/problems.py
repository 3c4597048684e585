"""Refusals as answers, and the refusals that every server makes by itself."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gis_core.http.media import PROBLEM
from gis_core.outages import outage_of
from gis_core.problems import Problem
from gis_core.words import Text

log = logging.getLogger(__name__)

VARY = "Accept-Language, Authorization, Cookie"


class Refusal(NamedTuple):
    """An answer whose body is a problem document."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def refusal(problem: Problem, language: str) -> Refusal:
    """``problem`` as RFC 9457 has it, in the reader's language; no cache keeps it."""
    body = json.dumps(problem.document(language), ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": PROBLEM,
        "Content-Language": language,
        "Cache-Control": "no-store",
        "Vary": VARY,
        **problem.headers,
    }
    return Refusal(problem.status, headers, body)


def no_such_page() -> Problem:
    return Problem(404, "no-such-page", Text("Không có địa chỉ này.", "There is no such address."))


def method_not_allowed(allowed: Iterable[str]) -> Problem:
    """405; ``allowed`` are the methods that there are."""
    listed = ", ".join(allowed)
    return Problem(
        405,
        "method-not-allowed",
        Text(f"Địa chỉ này chỉ nhận: {listed}.", f"This address takes: {listed}."),
        headers={"Allow": listed},
    )


def precondition_failed() -> Problem:
    return Problem(
        412,
        "changed",
        Text(
            "Dữ liệu ở đây không còn như điều kiện đã nêu (If-Match, If-None-Match).",
            "What is here is not in the state that was named (If-Match, If-None-Match).",
        ),
    )


def failed(error: BaseException) -> Problem:
    """What is said of an exception that nobody foresaw: 503 for an outage, else 500 with its number in the log."""
    outage = outage_of(error)
    if outage is not None:
        return outage
    number = uuid.uuid4().hex[:12]
    log.error("request %s failed", number, exc_info=error)
    return unexpected(number)


def unexpected(number: str) -> Problem:
    """500; ``number`` is what the fault is called in the log."""
    return Problem(
        500,
        "unexpected",
        Text(
            f"Hệ thống gặp lỗi khi xử lý; không có gì bị thay đổi. Mã lỗi {number}.",
            f"The request failed; nothing has been changed. Error {number}.",
        ),
    )


def busy(seconds: int = 2) -> Problem:
    """503; it is worth asking again after ``seconds``."""
    return Problem(
        503,
        "busy",
        Text(
            "Hệ thống đang bận hoặc truy vấn quá nặng; hãy thử lại sau ít giây.",
            "The system is busy or the query too heavy; try again in a few seconds.",
        ),
        headers={"Retry-After": str(seconds)},
    )


def too_large(limit: int) -> Problem:
    """413; ``limit`` is in bytes."""
    shown = f"{limit // 1_000_000} MB" if limit >= 1_000_000 else f"{limit // 1000} kB"
    words = Text(f"Nội dung gửi lên vượt quá {shown}.", f"The body is larger than {shown}.")
    return Problem(413, "too-large", words)
