"""What a printed sheet says."""

from __future__ import annotations

from gis_core.words import Text

TITLE = Text("Bản đồ", "Map")
SUBTITLE = Text(
    "Tỷ lệ 1:{scale} · Lưới {grid} · Điểm giữa {middle}", "Scale 1:{scale} · Grid {grid} · Middle {middle}"
)
SCALE = Text("Tỷ lệ", "Scale")
GRID = Text("Lưới tọa độ cách nhau {metres} m", "Grid lines {metres} m apart")
NORTH = Text("B", "N")
EAST = Text("Đ", "E")
LEGEND = Text("Chú giải", "Legend")
MORE = Text("(tiếp ở trang sau)", "(continued on the next page)")
PAGE = Text("Trang {page} của bản in mang mã {code}", "Page {page} of the sheet with the code {code}")
PRINTED = Text(
    "In lúc {when} từ dữ liệu đang có của Hương", "Printed {when} from the data that Hương then had"
)
AS_OF = Text("Theo thời điểm {when}: {titles}", "As of {when}: {titles}")
SOURCES = Text("Nguồn", "Sources")
ACCURACY = Text("Độ chính xác", "Accuracy")
TRANSFORMATION = Text(
    "Dữ liệu lưu theo WGS 84 chuyển sang VN-2000 với sai số của phép chuyển khoảng 1 m; bản in này không thay thế "
    "hồ sơ địa chính.",
    "What is stored in WGS 84 is transformed to VN-2000, which is itself good to about 1 m; this sheet does not stand "
    "in for the cadastral record.",
)
NO_SOURCE = Text("dữ liệu của thành phố.", "data of the city.")
SCAN = Text("Quét để kiểm tra bản in", "Scan to check this sheet")
CHECK = Text(
    "Kiểm tra bản in: quét mã QR, hoặc gõ mã dưới nó ở {address}.",
    "To check this sheet scan the QR code, or type the code below it at {address}.",
)
