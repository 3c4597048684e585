"""What the page that edits styles says, and its island; in templates ``{{ t.save }}``."""

from __future__ import annotations

from gis_core.words import Text

EDITOR = {
    "of_layer": Text("Kiểu hiển thị của lớp", "Styles of the layer"),
    "styles": Text("Các kiểu", "Styles"),
    "shown": Text("đang dùng", "in use"),
    "add": Text("Thêm kiểu", "Add a style"),
    "in_code": Text(
        "Kiểu hiển thị của lớp này nằm trong mã nguồn; ở đây chỉ xem được.",
        "The styles of this layer stand in the code; here they can only be looked at.",
    ),
    "reading": Text(
        "Bạn được xem, không được sửa kiểu hiển thị.", "You may look at styles, not change them."
    ),
    "id": Text("Mã", "Id"),
    "id_hint": Text("Chữ thường không dấu, số, gạch nối.", "Lower-case letters, digits, hyphens."),
    "title_vi": Text("Tên (tiếng Việt)", "Title (Vietnamese)"),
    "title_en": Text("Tên (tiếng Anh)", "Title (English)"),
    "text": Text("Các lớp vẽ (JSON kiểu MapLibre)", "Drawings (MapLibre style JSON)"),
    "text_hint": Text(
        "Danh sách “layers” của MapLibre, lớp dưới cùng trước. Bỏ trống “source” và “source-layer”.",
        "MapLibre's “layers”, the lowest first. Leave out “source” and “source-layer”.",
    ),
    "fields": Text("Các trường vẽ theo được", "Fields to draw by"),
    "tokens": Text("Màu của bảng màu chung (đổi theo ngày và đêm)", "Colours of the palette (by day and by night)"),
    "preview": Text("Xem thử", "Preview"),
    "save": Text("Lưu kiểu", "Save the style"),
    "first": Text("Dùng làm kiểu chính", "Use as the main style"),
    "delete": Text("Xóa kiểu này", "Delete this style"),
    "picture": Text("Ảnh xem thử", "Preview"),
    "no_picture": Text("Chưa có đối tượng nào để vẽ.", "There is no feature to draw yet."),
    "history": Text("Các lần sửa", "Edits"),
    "born": Text("Kiểu ban đầu", "As it was born"),
    "restore": Text("Quay lại bản này", "Go back to this"),
    "now": Text("hiện nay", "now"),
    "no_history": Text("Chưa ai sửa kiểu của lớp này.", "Nobody has changed the styles of this layer yet."),
    "fault": Text("Chưa lưu được", "Not saved"),
    "where": Text("Chỗ sai", "At"),
}  # fmt: skip

DONE = {
    "save": Text("Đã lưu kiểu “{title}”. Bản đồ đổi ngay.", "The style “{title}” is saved. Maps follow at once."),
    "first": Text("“{title}” là kiểu chính từ nay.", "“{title}” is the main style now."),
    "delete": Text("Đã xóa kiểu “{title}”. Có thể quay lại ở “Các lần sửa”.",
                   "The style “{title}” is deleted. “Edits” can bring it back."),
    "restore": Text("Đã quay lại bản đã chọn.", "The chosen state stands again."),
}  # fmt: skip
ID_TAKEN = Text("lớp đã có kiểu mang mã này", "the layer has a style of this id already")

# What the island says beside the words of every map (web/words.py); keys as in web/src/style-editor.ts.
ISLAND = {
    "checking": Text("Đang kiểm tra", "Checking"),
    "good": Text("Kiểu hợp lệ; bản đồ bên cạnh vẽ theo kiểu này, chưa lưu.",
                 "The style is valid; the map shows it, not saved yet."),
    "saved": Text("Kiểu hợp lệ; bản đồ bên cạnh vẽ theo kiểu này.", "The style is valid; the map shows it."),
    "faultAt": Text("Chỗ sai: {path}. {message}", "At {path}: {message}"),
    "unreached": Text("Chưa kiểm tra được (mất kết nối hoặc phiên đã hết hạn).",
                      "Could not be checked (no connection, or the session has ended)."),
    "noMap": Text("Không mở được bản đồ xem thử; nút “Xem thử” vẫn vẽ được ảnh.",
                  "The live preview did not open; “Preview” still draws a picture."),
    "night": Text("Xem ban đêm", "By night"),
}  # fmt: skip


class Said:
    """Words of a table in one language, by attribute; AttributeError for a word that is not there."""

    def __init__(self, table: dict[str, Text], language: str) -> None:
        self._table, self._language = table, language

    def __getattr__(self, name: str) -> str:
        try:
            return self._table[name].to(self._language)
        except KeyError:
            raise AttributeError(name) from None
