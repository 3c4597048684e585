"""Refusals: every bad input ends as one `Problem`, in the user's language, never as a stack trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis_core.words import Text


class Problem(Exception):
    """A request that is refused, with what happened, why, and the next step.

    ``code`` is a stable, language-free word for programs (``unknown-parameter``); ``parameter`` names the faulty
    part of the request. Served as an RFC 9457 problem document.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: Text,
        *,
        parameter: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail.en)
        self.status = status
        self.code = code
        self.detail = detail
        self.parameter = parameter
        self.headers = dict(headers or {})

    def document(self, language: str) -> dict[str, Any]:
        """The RFC 9457 members, in ``language``."""
        body: dict[str, Any] = {
            "type": f"urn:huong:problem:{self.code}",
            "title": TITLES.get(self.status, TITLES[400]).to(language),
            "status": self.status,
            "detail": self.detail.to(language),
            "code": self.code,
        }
        if self.parameter is not None:
            body["parameter"] = self.parameter
        return body


TITLES: Mapping[int, Text] = {
    400: Text("Yêu cầu không hợp lệ", "Bad request"),
    401: Text("Cần đăng nhập", "Sign-in needed"),
    403: Text("Không được phép", "Not allowed"),
    404: Text("Không tìm thấy", "Not found"),
    405: Text("Thao tác không được hỗ trợ", "Method not allowed"),
    406: Text("Không có định dạng này", "Not acceptable"),
    408: Text("Hết thời gian chờ", "Request timeout"),
    409: Text("Xung đột dữ liệu", "Conflict"),
    412: Text("Dữ liệu đã được người khác sửa", "The data has been changed by someone else"),
    413: Text("Dữ liệu gửi lên quá lớn", "Content too large"),
    414: Text("Địa chỉ quá dài", "Address too long"),
    415: Text("Định dạng gửi lên không được hỗ trợ", "Unsupported media type"),
    422: Text("Dữ liệu không hợp lệ", "Unprocessable content"),
    428: Text("Cần nêu phiên bản đang sửa", "Precondition required"),
    429: Text("Quá nhiều yêu cầu", "Too many requests"),
    431: Text("Phần đầu của yêu cầu quá lớn", "Request headers too large"),
    500: Text("Lỗi của hệ thống", "Server error"),
    503: Text("Hệ thống đang bận", "Service unavailable"),
}


def bad_request(code: str, vi: str, en: str, *, parameter: str | None = None) -> Problem:
    """A 400 with its words in both languages."""
    return Problem(400, code, Text(vi, en), parameter=parameter)


def not_found(code: str, vi: str, en: str, *, parameter: str | None = None) -> Problem:
    """A 404 with its words in both languages."""
    return Problem(404, code, Text(vi, en), parameter=parameter)
