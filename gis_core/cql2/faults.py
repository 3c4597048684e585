"""The refusals of the filter language: each is a `Problem` 400 on ``filter`` that names the fault in both languages."""

from __future__ import annotations

from gis_core.problems import Problem, bad_request
from gis_core.words import Text

PARAMETER = "filter"

KIND_WORDS: dict[str, Text] = {
    "text": Text("văn bản", "text"),
    "integer": Text("số nguyên", "an integer"),
    "number": Text("số", "a number"),
    "boolean": Text("đúng/sai", "a boolean"),
    "date": Text("ngày", "a date"),
    "datetime": Text("thời điểm", "a timestamp"),
    "geometry": Text("hình học", "a geometry"),
    "interval": Text("khoảng thời gian", "an interval"),
    "null": Text("NULL", "NULL"),
}


def fault(code: str, vi: str, en: str) -> Problem:
    """Problem 400 on ``filter``."""
    return bad_request(code, vi, en, parameter=PARAMETER)


def shown(value: str) -> str:
    """``value`` short enough for a message."""
    return value if len(value) <= 60 else value[:60] + "…"


def too_large(what: Text, limit: int) -> Problem:
    return fault(
        "filter-too-large",
        f"Bộ lọc quá lớn: {what.vi}, nhiều nhất là {limit}.",
        f"The filter is too large: {what.en}, at most {limit}.",
    )


def syntax(vi: str, en: str) -> Problem:
    return fault("filter-syntax", f"Bộ lọc sai cú pháp: {vi}.", f"The filter has a syntax error: {en}.")


def unknown_property(name: str) -> Problem:
    """One answer for a property that does not exist and for one that the caller may not see."""
    return fault(
        "filter-unknown-property",
        f"Không có thuộc tính «{shown(name)}» để lọc. Các thuộc tính có thể lọc nằm ở /queryables.",
        f'There is no property "{shown(name)}" to filter by. The properties are listed at /queryables.',
    )


def unknown_function(name: str) -> Problem:
    return fault(
        "filter-unknown-function",
        f"Bộ lọc không có hàm hay toán tử «{shown(name)}».",
        f'The filter language has no function or operator "{shown(name)}" here.',
    )


def arithmetic(operator: str) -> Problem:
    return fault(
        "filter-arithmetic",
        f"Bộ lọc không tính toán được (toán tử «{operator}»). Hãy tính sẵn giá trị rồi so sánh.",
        f'Filters do no arithmetic (operator "{operator}"). Compute the value first and compare with it.',
    )


def wrong_type(where: str, wanted: str, got: str) -> Problem:
    """``where`` is a property or an operator as written; ``wanted`` and ``got`` are keys of `KIND_WORDS`."""
    return fault(
        "filter-type",
        f"«{shown(where)}» cần {KIND_WORDS[wanted].vi}, nhưng nhận {KIND_WORDS[got].vi}.",
        f'"{shown(where)}" needs {KIND_WORDS[wanted].en}, and was given {KIND_WORDS[got].en}.',
    )


def not_comparable(operator: str, left: str, right: str) -> Problem:
    return fault(
        "filter-type",
        f"Toán tử {operator} không so sánh được {KIND_WORDS[left].vi} với {KIND_WORDS[right].vi}.",
        f"Operator {operator} cannot compare {KIND_WORDS[left].en} with {KIND_WORDS[right].en}.",
    )


def null_comparison(operator: str) -> Problem:
    return fault(
        "filter-null",
        f"So sánh {operator} với NULL không bao giờ đúng. Hãy dùng IS NULL hoặc IS NOT NULL.",
        f"Comparing by {operator} with NULL is never true. Use IS NULL or IS NOT NULL.",
    )


def bad_value(vi: str, en: str) -> Problem:
    return fault("filter-value", vi, en)


def bad_geometry(vi: str, en: str) -> Problem:
    return fault(
        "filter-geometry", f"Hình học trong bộ lọc: {vi}.", f"A geometry of the filter is at fault: {en}."
    )


def argument_count(name: str, wanted: int, got: int) -> Problem:
    return syntax(
        f"{shown(name)} cần {wanted} tham số, có {got}", f"{shown(name)} has {got} arguments, not {wanted}"
    )
