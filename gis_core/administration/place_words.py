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
    "tooLarge": Text(
        "Nhiều đỉnh quá, không kiểm tra được khi đang nhập; máy chủ kiểm tra khi bạn lưu, hoặc hãy nhập tệp.",
        "Too many corners to be checked while you type; the server checks them when you save, or import a file.",
    ),
    "busy": Text(
        "Máy chủ đang bận, chưa kiểm tra được tọa độ; nó kiểm tra khi bạn lưu.",
        "The server is busy and has not checked the coordinates; it checks them when you save.",
    ),
    "confirm": Text("Tôi xác nhận thay đổi diện tích này", "I confirm this change of the area"),
    "snapped": Text("Đã bắt vào đỉnh của đối tượng bên cạnh.", "Snapped to a neighbour’s corner."),
    "nearMe": Text("Chỗ tôi đứng", "Where I am"),
    "locating": Text("Đang hỏi thiết bị…", "Asking the device…"),
    "locateRefused": Text(
        "Trình duyệt không cho trang này biết vị trí. Hãy cho phép trong cài đặt của trình duyệt, hoặc nhập tọa độ.",
        "The browser keeps the position from this page. Allow it in the browser’s settings, or type the coordinates.",
    ),
    "locateFailed": Text(
        "Thiết bị không xác định được vị trí. Hãy thử ngoài trời, hoặc nhập tọa độ.",
        "The device could not find the position. Try outdoors, or type the coordinates.",
    ),
    "locateSlow": Text(
        "Thiết bị chưa xác định được vị trí kịp. Hãy thử lại, hoặc nhập tọa độ.",
        "The device took too long to find the position. Try again, or type the coordinates.",
    ),
    "locateInsecure": Text(
        "Chỉ hỏi được vị trí trên đường truyền an toàn (https).",
        "The position is told on a safe line (https) only.",
    ),
    "locateOutside": Text("Bạn đang ở ngoài thành phố.", "You are outside the city."),
    "noMap": Text(
        "Máy này không vẽ được bản đồ; hãy nhập tọa độ.", "This device draws no map; type the coordinates."
    ),
    "credit": Text("Nền: © những người đóng góp OpenStreetMap", "Ground: © OpenStreetMap contributors"),
    "mapLabel": Text("Bản đồ để chọn vị trí", "Map for picking the place"),
    "zoomIn": Text("Phóng to", "Zoom in"),
    "zoomOut": Text("Thu nhỏ", "Zoom out"),
}
