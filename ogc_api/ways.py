"""The ways to open data, from every page."""

from gis_core.http.frame import Way
from gis_core.words import Text

WAYS = (
    Way(address="/ogcapi/", title=Text("Dữ liệu mở (OGC API)", "Open data (OGC API)"), kind="page", order=30),
    Way(
        address="/ogcapi/",
        title=Text("OGC API", "OGC API"),
        kind="program",
        note=Text(
            "QGIS: Layer → Add Layer → Add WFS / OGC API – Features Layer; mọi lớp, lọc và sửa",
            "QGIS: Layer → Add Layer → Add WFS / OGC API – Features Layer; every layer, filters and editing",
        ),
        order=20,
    ),
    Way(
        address="/wfs",
        title=Text("WFS 2.0 và 1.1", "WFS 2.0 and 1.1"),
        kind="program",
        note=Text("Cho phần mềm cũ hơn", "For older programs"),
        order=50,
    ),
)
