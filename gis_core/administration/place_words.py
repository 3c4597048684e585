"""What a field of a place says, on the page and in its map (web/src/parts/place-picker.ts, ``Words``)."""

from __future__ import annotations

from gis_core.words import Text

PLACE_WORDS = {
    "zone": Text("Số lớn là mét, hệ VN-2000:", "Large numbers are metres of VN-2000:"),
    "how": Text(
        "Độ (WGS 84): vĩ độ, kinh độ, ví dụ 16.4637, 107.5905 hoặc 16°27'49\"B 107°35'26\"Đ. Mét (VN-2000): X, Y."
        " Mỗi đỉnh một dòng; một dòng trống bắt đầu phần hoặc lỗ tiếp theo. Nhận cả WKT và GeoJSON.",
        "Degrees (WGS 84): latitude, longitude, such as 16.4637, 107.5905 or 16°27'49\"N 107°35'26\"E. Metres"
        " (VN-2000): X, Y. One corner a line; an empty line begins the next part or hole. WKT and GeoJSON work too.",
    ),
    "add": Text("Vẽ thêm", "Draw"),
    "addHole": Text("Vẽ lỗ", "Draw a hole"),
    "finish": Text("Vẽ xong", "Finish drawing"),
    "move": Text("Dời cả hình", "Move all"),
    "remove": Text("Xóa đỉnh", "Delete corner"),
    "undo": Text("Hoàn tác", "Undo"),
    "redo": Text("Làm lại", "Redo"),
    "fit": Text("Về hình", "Zoom to it"),
    "hint": Text(
        "Kéo đỉnh để dời; kéo chấm nhỏ giữa hai đỉnh để thêm; bấm một đỉnh rồi “Xóa đỉnh” để bỏ.",
        "Drag a corner to move it; drag a small dot between two to add one; choose a corner, then delete it.",
    ),
    "hintDraw": Text(
        "Bấm lên bản đồ để đặt đỉnh (Enter đặt ở giữa bản đồ); bấm đúp, Esc hoặc “Vẽ xong” để kết thúc.",
        "Click the map to set corners (Enter sets one at the map's centre); double-click or Escape ends.",
    ),
    "hintPoint": Text(
        "Bấm lên bản đồ hoặc kéo chấm để đặt vị trí; Enter đặt ở giữa bản đồ.",
        "Click the map or drag the dot to set the place; Enter sets it at the map's centre.",
    ),
    "hintMove": Text("Kéo trên bản đồ để dời cả hình.", "Drag on the map to move the whole shape."),
    "read": Text("Đã đọc được tọa độ.", "The coordinates were understood."),
    "unreached": Text(
        "Chưa kiểm tra được tọa độ; máy chủ kiểm tra khi bạn lưu.",
        "The coordinates could not be checked now; the server checks them when you save.",
    ),
    "noMap": Text(
        "Máy này không vẽ được bản đồ; hãy nhập tọa độ.", "This device draws no map; type the coordinates."
    ),
    "credit": Text("Nền: © những người đóng góp OpenStreetMap", "Ground: © OpenStreetMap contributors"),
    "mapLabel": Text("Bản đồ để chọn vị trí", "Map for picking the place"),
    "zoomIn": Text("Phóng to", "Zoom in"),
    "zoomOut": Text("Thu nhỏ", "Zoom out"),
}
