"""What the page of help says."""

from gis_core.words import Text

TITLE = Text("Trợ giúp, kết nối dữ liệu", "Help, connecting to the data")
CONNECT = Text("Kết nối từ phần mềm khác", "Connecting from other programs")
SECTIONS: tuple[tuple[str, Text, tuple[Text, ...]], ...] = (
    (
        "search",
        Text("Tra cứu", "Search"),
        (
            Text(
                "Gõ tên nơi, đường, công trình; không cần gõ dấu. Tên xã, phường trước ngày 1/7/2025 cũng tìm được.",
                "Type the name of a place, road or facility; marks may be left out. Names of communes and wards from"
                " before 1 July 2025 are found too.",
            ),
            Text("Thửa đất: “thửa 345 tờ 12 Kim Long”.", "A parcel: “parcel 345 sheet 12 Kim Long”."),
            Text(
                "Tọa độ: “16,46370; 107,59090” (WGS 84) hoặc “1820787,25; 563108,10” (VN-2000, kinh tuyến trục"
                " 107°00').",
                "Coordinates: “16.46370, 107.59090” (WGS 84) or “1820787.25, 563108.10” (VN-2000, central"
                " meridian 107°00').",
            ),
        ),
    ),
    (
        "map",
        Text("Bản đồ", "The map"),
        (
            Text(
                "Trang bản đồ dùng được khi mạng yếu: ảnh bản đồ và danh sách có cùng nội dung; bản đồ tương"
                " tác chỉ tải"
                " khi bạn mở.",
                "The map's page works on a bad line: its picture and its list hold the same; the live map is"
                " loaded only"
                " when you open it.",
            ),
            Text(
                "Chọn lớp trong “Lớp dữ liệu”. Mỗi khung nhìn có địa chỉ riêng: chép địa chỉ trang để gửi cho"
                " người khác.",
                "Choose layers in the list of layers. Every view has its address: copy that of the page to share it.",
            ),
        ),
    ),
    (
        "print",
        Text("In đúng tỷ lệ", "Printing to scale"),
        (
            Text(
                "“In bản đồ” làm tờ PDF ở tỷ lệ bạn chọn, có lưới VN-2000 và mã kiểm tra; ai cầm bản in cũng"
                " kiểm tra được"
                " ở “Kiểm tra bản in”.",
                "“Print a map” makes a PDF at the scale that you choose, with the VN-2000 grid and a code;"
                " whoever holds"
                " the sheet can check it at “Check a printed sheet”.",
            ),
        ),
    ),
    (
        "staff",
        Text("Cán bộ", "Staff"),
        (
            Text(
                "Đăng nhập ở “Tài khoản” bằng mật khẩu và mã xác thực thứ hai. Bản đồ và dữ liệu sau đó hiện"
                " theo quyền"
                " của bạn; phần quản trị ở /admin/.",
                "Sign in under “Account” with your password and a second factor. The map and the data then show"
                " what your"
                " role may see; the administration is at /admin/.",
            ),
        ),
    ),
)
