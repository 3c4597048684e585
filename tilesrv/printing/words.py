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
MORE = Text("(không đủ chỗ cho mọi mục)", "(not all entries find room)")
PRINTED = Text(
    "In lúc {when} từ dữ liệu đang có của Hương", "Printed {when} from the data that Hương then had"
)
AS_OF = Text("Dữ liệu có thời gian: tại {when}", "Data with time: as of {when}")
SOURCES = Text("Nguồn", "Sources")
ACCURACY = Text("Độ chính xác", "Accuracy")
TRANSFORMATION = Text(
    "Dữ liệu lưu theo WGS 84 chuyển sang VN-2000 với sai số của phép chuyển khoảng 1 m; bản in này không thay thế "
    "hồ sơ địa chính.",
    "What is stored in WGS 84 is transformed to VN-2000, which is itself good to about 1 m; this sheet does not stand "
    "in for the cadastral record.",
)
NO_SOURCE = Text("dữ liệu của thành phố.", "data of the city.")
CHECK = Text("Quét để kiểm tra bản in", "Scan to check this sheet")
GENUINE = Text("Bản in đúng là của hệ thống này", "This sheet was printed by this system")
GENUINE_MEANS = Text(
    "So các thông tin dưới đây và mã với những gì ghi trên giấy: giống hết thì tờ giấy không bị sửa ở các mục đó. Hình "
    "vẽ trên giấy không được kiểm tra ở đây; hãy in lại để so. Tiêu đề là lời của người in.",
    "Hold the facts below and the code against the paper: where they are the same, these were not altered. The drawing "
    "is not checked here; print it again to compare. The title is the words of whoever printed it.",
)
NOT_OURS = Text(
    "Mã này không phải của hệ thống này, hoặc đã bị sửa. Đừng tin tờ giấy mang mã này.",
    "This code is not of this system, or was altered. Do not trust the paper that bears it.",
)
FACTS = {
    "title": Text(
        "Tiêu đề do người in tự đặt, không được xác nhận",
        "Title, in the words of who printed it, not vouched for",
    ),
    "layers": Text("Các lớp", "Layers"),
    "center": Text("Điểm giữa (kinh độ, vĩ độ)", "Middle (longitude, latitude)"),
    "scale": Text("Tỷ lệ", "Scale"),
    "paper": Text("Khổ giấy", "Paper"),
    "grid": Text("Lưới tọa độ", "Grid"),
    "printed": Text("In lúc", "Printed"),
    "seen_as": Text("In cho", "Printed for"),
    "code": Text("Mã kiểm tra", "Verification code"),
}
