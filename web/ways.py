"""The ways to the pages, from every page."""

from gis_core.http.frame import Way
from gis_core.words import Text

WAYS = (
    Way(address="/", title=Text("Bản đồ", "Map"), kind="page", translated=True, order=10),
    Way(address="/list", title=Text("Danh sách", "List"), kind="page", translated=True, order=11),
    Way(address="/search", title=Text("Tra cứu", "Search"), kind="page", translated=True, order=12),
    Way(address="/print", title=Text("In bản đồ", "Print a map"), kind="page", translated=True, order=20),
    Way(
        address="/print/check",
        title=Text("Kiểm tra bản in", "Check a printed sheet"),
        kind="page",
        translated=True,
        order=21,
    ),
    Way(
        address="/help",
        title=Text("Trợ giúp, kết nối dữ liệu", "Help, connecting to the data"),
        kind="page",
        translated=True,
        order=90,
    ),
)
