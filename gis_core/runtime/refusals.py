"""What the front door says by itself when it refuses: a problem document to programs, a plain page to browsers.

Each answer is in Vietnamese and English at once: a request that the door cannot read names no language.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape

from gis_core.http import bodies, cors
from gis_core.http.media import HTML, JSON, PROBLEM
from gis_core.http.negotiation import preferred
from gis_core.http.problems import Refusal
from gis_core.problems import Problem
from gis_core.words import Text

STYLE = (
    "body{font:1.125rem/1.6 sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}"
    "h1,h2{font-size:1.25rem;margin:1.5rem 0 0}small{opacity:.75}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'"
PAGE = """\
<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\
<meta name="color-scheme" content="light dark"><title>{title} · Hương</title><style>{style}</style></head><body><main>\
<h1>{vi_title}</h1><p>{vi}</p><div lang="en"><h2>{en_title}</h2><p>{en}</p></div>\
<p><a href="/">Về trang đầu</a> · <a href="/en/" lang="en">Home</a></p><p><small>{code}</small></p>\
</main></body></html>"""

# What nginx calls a refusal (494 is its own number for headers too large) -> what is said of it.
REFUSALS: tuple[tuple[tuple[int, ...], Problem], ...] = (
    (
        (400, 501, 505),
        Problem(
            400,
            "unreadable-request",
            Text("Yêu cầu gửi lên không đọc được.", "The request cannot be read."),
        ),
    ),
    (
        (403, 404),
        Problem(404, "no-such-page", Text("Không có địa chỉ này.", "There is no such address.")),
    ),
    (
        (405,),
        Problem(
            405,
            "method-not-allowed",
            Text("Địa chỉ này không nhận thao tác đó.", "This address does not take that method."),
        ),
    ),
    (
        (408,),
        Problem(
            408,
            "too-slow",
            Text("Dữ liệu gửi lên quá chậm; hãy gửi lại.", "The request came too slowly; send it again."),
        ),
    ),
    (
        (413,),
        Problem(
            413,
            "too-large",
            Text("Dữ liệu gửi lên lớn hơn mức địa chỉ này nhận.", "More was sent than this address takes."),
        ),
    ),
    (
        (414,),
        Problem(
            414,
            "address-too-long",
            Text(
                "Địa chỉ dài quá 8.000 ký tự; hãy rút ngắn bộ lọc hoặc vùng chọn.",
                "The address is longer than 8,000 characters; shorten the filter or the area.",
            ),
        ),
    ),
    (
        (429,),
        Problem(
            429,
            "too-many-requests",
            Text(
                "Có quá nhiều yêu cầu từ cùng một địa chỉ mạng; hãy chờ ít giây rồi thử lại.",
                "Too many requests come from one network address; wait some seconds and try again.",
            ),
            headers={"Retry-After": "10"},
        ),
    ),
    (
        (494,),
        Problem(
            431,
            "headers-too-large",
            Text(
                "Phần đầu của yêu cầu quá lớn; hãy xoá cookie của trang này rồi thử lại.",
                "The headers of the request are too large; clear the cookies of this site and try again.",
            ),
        ),
    ),
    (
        (500,),
        Problem(500, "unexpected", Text("Hệ thống gặp lỗi.", "The server met an unexpected fault.")),
    ),
    (
        (502, 503, 504),
        Problem(
            503,
            "starting-or-busy",
            Text(
                "Hệ thống đang khởi động hoặc quá tải; hãy thử lại sau ít giây.",
                "Starting or overloaded; try again in a few seconds.",
            ),
            headers={"Retry-After": "2"},
        ),
    ),
)


def refusals_text(run: str) -> str:
    """The part of the front door's configuration that answers its own refusals; ``run`` holds headers.conf."""
    lines = ["# Included by nginx.conf; made by gis_core/runtime/refusals.py.\n"]
    for numbers, problem in REFUSALS:
        status = problem.status
        lines.append(f"error_page {' '.join(map(str, numbers))} ={status} /refused/{status}/$refused_in;\n")
    for _, problem in REFUSALS:
        lines += _locations(problem, run)
    return "".join([*lines, *_unread(run)])


def document(problem: Problem) -> str:
    """The RFC 9457 document, its words in both languages."""
    vi, en = problem.document("vi"), problem.document("en")
    both = {name: f"{vi[name]} · {en[name]}" for name in ("title", "detail")}
    return json.dumps(vi | both, ensure_ascii=False)


def page(problem: Problem) -> str:
    """The same as an HTML page that loads nothing."""
    vi, en = problem.document("vi"), problem.document("en")
    return PAGE.format(
        title=escape(vi["title"]),
        style=STYLE,
        vi_title=escape(vi["title"]),
        vi=escape(vi["detail"]),
        en_title=escape(en["title"]),
        en=escape(en["detail"]),
        code=f"{problem.status} {problem.code}",
    )


def answer(status: int, accept: str) -> Refusal:
    """What the door says with ``status``, for a process that says the same by itself; ``accept`` is the header."""
    problem = next(problem for _, problem in REFUSALS if problem.status == status)
    form = preferred(accept, {"json": (PROBLEM, "application/*+json", JSON), "html": (HTML,)}) or "json"
    kind, text, more = next(each for each in _forms(problem) if (each[0] == HTML) == (form == "html"))
    typed = f"{HTML}; charset=utf-8" if kind == HTML else kind
    headers = {
        "Content-Type": typed,
        "Cache-Control": "no-store",
        "Vary": "Accept",
        **problem.headers,
        **more,
    }
    return Refusal(status, headers, text.encode())


def _forms(problem: Problem) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Media type, text and further headers of each form of a refusal."""
    yield PROBLEM, document(problem), dict(cors.HEADERS)
    yield HTML, page(problem), {"Content-Security-Policy": POLICY}


def _locations(problem: Problem, run: str) -> Iterator[str]:
    """Locations that a client cannot ask for; ``return`` there keeps the words out of reach of a full disk."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    for kind, text, more in _forms(problem):
        form = "html" if kind == HTML else "json"
        added = "".join(
            f' add_header {name} "{value}" always;' for name, value in {**headers, **more}.items()
        )
        yield f"location = /refused/{problem.status}/{form} {{ internal; client_max_body_size 0; default_type {kind};"
        yield f""" include "{run}/headers.conf";{added} return {problem.status} '{_quoted(text)}'; }}\n"""


def _unread(run: str) -> Iterator[str]:
    """What the application says of a body that it does not want, told in the headers of the leave it was asked for.

    Where it gave no answer at all, the body is refused as by one that is starting.
    """
    busy = next(problem for _, problem in REFUSALS if problem.status == 503)
    yield "error_page 401 = /refused/unread/$refused_with;\n"
    kept = {**dict(cors.HEADERS), "Cache-Control": "no-store"}
    for status, text in (
        *((str(each), "$refusal") for each in bodies.STATUSES),
        ("", _quoted(document(busy))),
    ):
        more = {"WWW-Authenticate": "$challenge"} if text == "$refusal" else busy.headers
        added = "".join(f' add_header {name} "{value}" always;' for name, value in {**kept, **more}.items())
        yield f"location = /refused/unread/{status} {{ internal; client_max_body_size 0; default_type {PROBLEM};"
        yield f""" include "{run}/headers.conf";{added} return {status or 503} '{text}'; }}\n"""


def _quoted(text: str) -> str:
    """``text`` for single quotes in nginx.conf; ValueError for what nginx would read as a variable or an escape."""
    if "$" in text or "\\" in text:
        raise ValueError(f"nginx cannot say {text!r}")
    return text.replace("'", "\\'")
