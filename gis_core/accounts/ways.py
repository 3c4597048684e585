"""The way to one's account, from every page."""

from gis_core.http.frame import Way
from gis_core.words import Text

WAYS = (
    Way(address="/accounts/", title=Text("Tài khoản", "Account"), kind="page", order=95),
    Way(address="/admin/", title=Text("Quản trị", "Administration"), kind="page", staff=True, order=96),
    Way(
        address="/accounts/tokens/",
        title=Text("Mã truy cập API", "API tokens"),
        kind="program",
        note=Text(
            "Cán bộ: phần mềm đọc và sửa dữ liệu theo quyền của bạn bằng một mã",
            "Staff: a program reads and edits with your rights by a token",
        ),
        order=80,
    ),
)
