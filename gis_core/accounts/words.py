"""What the account pages say, in both languages, and how Django gets to say it."""

from __future__ import annotations

from django.utils.functional import lazy
from django.utils.translation import get_language

from gis_core.audiences import TITLES
from gis_core.words import Text


def said(vi: str, en: str) -> str:
    """The words in the language of the request."""
    return Text(vi, en).to(spoken_language())


# Made once: Django makes a class for each function that is to be lazy, which costs more than a page has cells.
_said_when_shown = lazy(said, str)


def spoken(vi: str, en: str) -> str:
    """A lazy string for labels, choices and messages, in the language of the request that shows it."""
    return _said_when_shown(vi, en)


def spoken_language() -> str:
    """``vi`` or ``en``; Vietnamese outside a request."""
    return "en" if (get_language() or "vi").startswith("en") else "vi"


AUDIENCES = TITLES
SCOPES = {"read": Text("chỉ đọc", "read only"), "write": Text("đọc và ghi", "read and write")}

BAD_TOKEN = Text(
    "Mã truy cập không đúng, đã hết hạn hoặc đã bị thu hồi. Hãy tạo mã mới ở /accounts/tokens/.",
    "The token is wrong, has expired or was revoked. Make a new one at /accounts/tokens/.",
)
NOT_A_TOKEN = Text(
    "Hãy đăng nhập bằng mã truy cập (Bearer, hoặc Basic với tên người dùng và mã thay cho mật khẩu);"
    " mật khẩu không dùng được ở đây.",
    "Sign in with an API token (Bearer, or Basic with the user name and the token in place of the password);"
    " passwords do not work here.",
)
BAD_ORIGIN = Text(
    "Yêu cầu ghi này không đến từ trang của hệ thống. Hãy tải lại trang rồi làm lại.",
    "This change was not asked for by a page of this system. Load the page again, then repeat it.",
)
LOCKED_OUT = Text(
    "Đăng nhập sai quá nhiều lần với tên này từ địa chỉ này. Hãy thử lại sau 15 phút, hoặc đặt lại mật khẩu.",
    "Too many wrong sign-ins for this name from this address. Try again in 15 minutes, or reset the password.",
)
ENROL = Text(
    "Tài khoản cán bộ cần xác thực hai bước. Hãy cài đặt trước khi vào việc; đến lúc đó bạn chỉ thấy phần công khai.",
    "A staff account needs two-step sign-in. Set it up before you start; until then you see only the public part.",
)
SIGN_IN_AGAIN = Text(
    "Hãy đăng nhập lại bằng hai bước để vào phần dành cho cán bộ.",
    "Sign in again with both steps to enter the part for staff.",
)
