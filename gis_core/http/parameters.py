"""What a query says, read strictly: each parameter once, only those that there are, values within their bounds."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from gis_core.problems import bad_request

MOST_FIELDS = 1000
SHOWN = 60  # characters of a name that a refusal repeats


def pairs_of(query: str, most: int = MOST_FIELDS) -> list[tuple[str, str]]:
    """The pairs of a query string as it was sent; a 400 Problem for one that is no ASCII, no UTF-8, or too long."""
    if not query:
        return []
    if query.count("&") >= most:
        raise bad_request("too-many-parameters", "Quá nhiều tham số.", "There are too many parameters.")
    try:
        query.encode("ascii")
        return parse_qsl(query, keep_blank_values=True, errors="strict")
    except ValueError:
        raise bad_request(
            "bad-query", "Chuỗi truy vấn không đọc được.", "The query cannot be read."
        ) from None


def single_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each parameter once. The same one twice with the same value is tolerated (clients repeat those of `next`)."""
    values: dict[str, str] = {}
    for key, value in pairs:
        if "\x00" in key or "\x00" in value:
            raise bad_request("bad-character", "Tham số có ký tự không hợp lệ.", "A parameter holds a NUL.")
        if values.setdefault(key, value) != value:
            raise bad_request(
                "repeated-parameter",
                f"Tham số “{key[:SHOWN]}” được nêu hai lần với giá trị khác nhau.",
                f"The parameter “{key[:SHOWN]}” is given twice with different values.",
                parameter=key[:SHOWN],
            )
    return values


def refuse_unknown(parameters: Iterable[str], known: Iterable[str]) -> None:
    """A 400 Problem for the first parameter that is not among ``known``."""
    allowed = set(known)
    for key in parameters:
        if key not in allowed:
            vi = f" Các tham số: {', '.join(sorted(allowed))}." if allowed else ""
            en = f" Parameters: {', '.join(sorted(allowed))}." if allowed else ""
            raise bad_request(
                "unknown-parameter",
                f"Không có tham số “{key[:SHOWN]}” ở đây.{vi}",
                f"There is no parameter “{key[:SHOWN]}” here.{en}",
                parameter=key[:SHOWN],
            )


def parameters_of(query: str, known: Iterable[str], most: int = MOST_FIELDS) -> dict[str, str]:
    """The parameters of a query string, all of them among ``known``; a 400 Problem for any other."""
    found = single_values(pairs_of(query, most))
    refuse_unknown(found, known)
    return found


def whole_number(text: str, name: str, low: int, high: int | None) -> int:
    """``text`` as an integer from ``low``; above ``high`` it is ``high`` (OGC 17-069r4, /req/core/fc-limit-...)."""
    if not text.isascii() or not text.isdecimal() or len(text) > 12 or int(text) < low:
        raise bad_request(
            f"bad-{name}",
            f"“{name}” phải là số nguyên từ {low}" + (f" đến {high}." if high else "."),
            f"“{name}” must be a whole number from {low}" + (f" to {high}." if high else "."),
            parameter=name,
        )
    value = int(text)
    return value if high is None else min(value, high)
