"""The ways to tiles, pictures and the QGIS project, from every page."""

from gis_core.http.frame import Way
from gis_core.words import Text

WAYS = (
    Way(address="/styles/", title=Text("Kiểu vẽ", "Styles"), kind="page", order=40),
    Way(address="/tiles/", title=Text("Ô bản đồ", "Map tiles"), kind="page", order=41),
    Way(
        address="/qgis/huong.qgz",
        title=Text("Dự án QGIS", "QGIS project"),
        kind="program",
        note=Text(
            "Tải về rồi mở bằng QGIS: cả thành phố, đủ kiểu vẽ và biểu mẫu",
            "Download and open it in QGIS: the whole city with its styles and forms",
        ),
        file=True,
        order=10,
    ),
    Way(
        address="/wms",
        title=Text("WMS 1.3 và 1.1", "WMS 1.3 and 1.1"),
        kind="program",
        note=Text(
            "QGIS: Layer → Add Layer → Add WMS/WMTS Layer", "QGIS: Layer → Add Layer → Add WMS/WMTS Layer"
        ),
        order=30,
    ),
    Way(
        address="/wmts/1.0.0/WMTSCapabilities.xml",
        title=Text("WMTS", "WMTS"),
        kind="program",
        note=Text(
            "Ô ảnh theo lưới Web Mercator và VN-2000", "Picture tiles in the Web Mercator and VN-2000 grids"
        ),
        order=40,
    ),
    Way(
        address="/tiles/{layer}.json",
        title=Text("Ô vectơ (TileJSON)", "Vector tiles (TileJSON)"),
        kind="program",
        note=Text(
            "QGIS: Layer → Add Layer → Add Vector Tile Layer; MapLibre",
            "QGIS: Add Vector Tile Layer; MapLibre",
        ),
        order=60,
    ),
    Way(
        address="/events/",
        title=Text("Luồng thay đổi (SSE)", "Change feed (SSE)"),
        kind="program",
        note=Text("Báo ngay khi dữ liệu thay đổi", "Tells at once when data changes"),
        order=70,
    ),
)
