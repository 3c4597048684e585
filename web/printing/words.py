"""What the pages around printing say; in templates ``{{ t.title }}``."""

from __future__ import annotations

from gis_core.words import Text
from tilesrv.printing.asked import LONGEST_TITLE, MOST_LAYERS

FORM = {
    "page": Text("In bản đồ", "Print a map"),
    "about": Text(
        "Một tờ đúng tỷ lệ, có lưới VN-2000, chú giải, nguồn và mã kiểm tra.",
        "A sheet true to scale, with the VN-2000 grid, a legend, sources and a code to check it by.",
    ),
    "place": Text("Giữa tờ giấy", "Middle of the sheet"),
    "place_hint": Text(
        "Tên phường, xã, đường, công trình; hoặc tọa độ: vĩ độ; kinh độ (16,4637; 107,5906), hoặc mét của lưới"
        " đã chọn.",
        "Name of a ward, a road, a facility; or coordinates: latitude, longitude (16.4637, 107.5906), or metres of the"
        " chosen grid.",
    ),
    "scale": Text("Tỷ lệ", "Scale"),
    "other": Text("Hoặc tỷ lệ khác (1:…)", "Or another scale (1:…)"),
    "is_other": Text("Khác", "Another"),
    "paper": Text("Khổ giấy", "Paper"),
    "orientation": Text("Chiều giấy", "Orientation"),
    "crs": Text("Lưới tọa độ", "Coordinate grid"),
    "crs_hint": Text(
        "Lưới TM-3 107°00' là của địa chính Huế. Quần đảo Hoàng Sa, Trường Sa: chọn UTM 49N.",
        "TM-3 107°00' is the grid of Huế's cadastre. For Hoàng Sa and Trường Sa choose UTM 49N.",
    ),
    "layers": Text("Lớp in", "Layers"),
    "basemap": Text("Bản đồ nền", "Basemap"),
    "title": Text("Tiêu đề", "Title"),
    "title_hint": Text(f"Một dòng, tối đa {LONGEST_TITLE} ký tự; bỏ trống cũng được.",
                       f"One line of at most {LONGEST_TITLE} characters; may be left empty."),
    "t": Text("Ngày của bản đồ", "Day of the map"),
    "t_hint": Text("Bỏ trống là hôm nay. Đổi theo ngày: {titles}.",
                   "Left empty it is today. What changes by the day: {titles}."),
    "lang": Text("Ngôn ngữ trên tờ giấy", "Language of the sheet"),
    "mode": Text("Màu", "Colours"),
    "preview": Text("Xem trước", "Preview"),
    "print": Text("Xuất bản in (PDF)", "Make the PDF"),
    "sheet": Text("Tờ giấy sẽ in", "The sheet"),
    "to_sheet": Text("Xem tờ giấy sẽ in", "See the sheet"),
    "picture": Text("Bản đồ với khung của tờ giấy: phần sáng sẽ được in.",
                    "Map with the frame of the sheet: what is bright will be printed."),
    "not_yet": Text("Chưa xem trước được; hãy sửa chỗ sai trong mẫu.",
                    "There is no preview yet; correct the form first."),
    "address": Text("Địa chỉ của bản in này (PDF)", "Address of this sheet (PDF)"),
    "full_size": Text("In đúng 100 %, không chọn “vừa trang giấy”; rồi đo thước tỷ lệ trên giấy.",
                      "Print at 100 %, not “fit to page”, and measure the scale bar on paper."),
    "check": Text("Kiểm tra một bản in", "Check a printed sheet"),
    "faults": Text("Chưa in được. Hãy sửa:", "Not ready to print. Correct:"),
    "which": Text("Bạn muốn lấy nơi nào làm giữa?", "Which one shall be the middle?"),
}  # fmt: skip

PAPER = {"portrait": Text("Dọc", "Portrait"), "landscape": Text("Ngang", "Landscape")}
LANGUAGE = {"vi": Text("Tiếng Việt", "Vietnamese"), "en": Text("Tiếng Anh", "English")}
MODE = {
    "print": Text("Cho giấy, ít mực", "For paper, little ink"),
    "day": Text("Như trên màn hình", "As on the screen"),
}

NO_PLACE = Text("Hãy nhập tọa độ hoặc tên một nơi.", "Enter coordinates or the name of a place.")
UNKNOWN_PLACE = Text(
    "Chưa tìm thấy nơi nào là “{text}”. Hãy thử tên phường, xã, đường, hoặc tọa độ như 16,4637; 107,5906.",
    "No place “{text}” was found. Try the name of a ward or road, or coordinates such as 16.4637, 107.5906.",
)
PLACE_OUT_OF_RANGE = Text(
    "Tọa độ này nằm ngoài bản đồ. Vĩ độ ở Việt Nam từ 8 đến 24, kinh độ từ 102 đến 118.",
    "These coordinates are off the map. In Việt Nam latitudes are 8 to 24, longitudes 102 to 118.",
)
SEVERAL_PLACES = Text("“{text}” chỉ nhiều nơi. Hãy chọn một nơi bên dưới.",
                      "“{text}” means several places. Choose one below.")  # fmt: skip
NO_SCALE = Text("Mẫu số tỷ lệ phải là số nguyên từ 100 đến 1.000.000, ví dụ 2.000.",
                "The scale must be a whole number from 100 to 1,000,000, for example 2,000.")  # fmt: skip
LONG_TITLE = Text(
    f"Tiêu đề dài {{count}} ký tự; nhiều nhất là {LONGEST_TITLE}.",
    f"The title has {{count}} characters; at most {LONGEST_TITLE} find room.",
)
ODD_TITLE = Text("Tiêu đề phải là một dòng chữ, không có ký tự điều khiển.",
                 "The title must be one line of text without control characters.")  # fmt: skip
ODD_DAY = Text("Ngày phải là một ngày có trong lịch, ví dụ 2025-06-30.",
               "The day must be one of the calendar, for example 2025-06-30.")  # fmt: skip
NO_LAYERS = Text("Hãy chọn ít nhất một lớp.", "Choose at least one layer.")
MANY_LAYERS = Text(f"Nhiều nhất {MOST_LAYERS} lớp trên một tờ.", f"At most {MOST_LAYERS} layers on a sheet.")
GONE_LAYERS = Text("Lớp không còn hoặc không dành cho bạn: {names}.",
                   "Layers that are gone, or not for you: {names}.")  # fmt: skip
NOT_OFFERED = Text("Hãy chọn một trong các mục có sẵn.", "Choose one of what is offered.")

SUMMARY = Text(
    "{paper} {orientation}, 1:{scale}: bản đồ rộng {width}, cao {height} ngoài thực địa.",
    "{paper} {orientation}, 1:{scale}: the map shows {width} by {height} of ground.",
)
MIDDLE = Text("Giữa tờ: {title} ({place}).", "Middle: {title} ({place}).")
UNNAMED_MIDDLE = Text("Giữa tờ: {place}.", "Middle: {place}.")
NOT_DRAWN = Text("Ở tỷ lệ này chưa vẽ: {titles}. Hãy chọn tỷ lệ lớn hơn.",
                 "Not drawn at this scale: {titles}. Choose a larger one.")  # fmt: skip
NOT_TRUE = Text(
    "Ở nơi này lưới đã chọn làm độ dài sai {percent} %. Hãy chọn lưới khác nếu cần đo.",
    "Here the chosen grid makes lengths wrong by {percent} %. Choose another one if you mean to measure.",
)
TOO_LARGE = Text("“{title}” rộng hơn tờ giấy.", "“{title}” is larger than the sheet.")
FIT = Text("In cả nơi này ở 1:{scale}", "Print all of it at 1:{scale}")

CHECK = {
    "page": Text("Kiểm tra bản in", "Check a printed sheet"),
    "about": Text(
        "Mỗi tờ in ra có một mã QR và một mã chữ bên dưới nó. Quét mã QR, hoặc gõ mã chữ vào đây, để biết tờ giấy có"
        " đúng là của Hương và nói gì khi được in.",
        "Every sheet bears a QR code and letters below it. Scan the one, or type the other here, to learn whether the"
        " sheet is Hương's own and what it said when it was printed.",
    ),
    "code": Text("Mã trên tờ giấy", "Code on the sheet"),
    "code_hint": Text("Tám nhóm, mỗi nhóm bốn chữ; chữ hoa hay thường, có gạch hay không đều được.",
                      "Eight groups of four; capitals and hyphens do not matter."),
    "check": Text("Kiểm tra", "Check"),
    "means": Text(
        "So các mục dưới đây và mã với những gì ghi trên giấy: giống hết thì các mục đó không bị sửa. Hình vẽ không"
        " được kiểm tra ở đây; hãy in lại để so.",
        "Hold what follows, and the code, against the paper: where they are the same, these were not altered. The"
        " drawing is not checked here; print it again to compare.",
    ),
    "by_code": Text("Mã gõ tay không mang tiêu đề, tên các lớp và ngày của bản đồ; mã QR có.",
                    "The typed code does not carry the title, the layers and the day of the map; the QR code does."),
    "again": Text("In lại nơi này để so", "Print this place again to compare"),
    "try_again": Text("Nếu bạn gõ tay, hãy xem lại từng chữ: mã chỉ có chữ A đến Z và số 2 đến 7.",
                      "If you typed it, look at each letter again: only A to Z and 2 to 7 occur."),
    "picture": Text("Nơi được in", "The place that was printed"),
}  # fmt: skip
GENUINE = Text("Bản in đúng là của hệ thống này", "This sheet was printed by this system")
NOT_OURS = Text(
    "Mã này không phải của hệ thống này, hoặc đã bị sửa. Đừng tin tờ giấy mang mã này.",
    "This code is not of this system, or was altered. Do not trust the paper that bears it.",
)
FACTS = {
    "title": Text("Tiêu đề (lời của người in, không được xác nhận)",
                  "Title (in the words of who printed it, not vouched for)"),
    "printed": Text("In lúc", "Printed"),
    "scale": Text("Tỷ lệ", "Scale"),
    "paper": Text("Khổ giấy", "Paper"),
    "grid": Text("Lưới tọa độ", "Grid"),
    "center": Text("Giữa tờ (vĩ độ, kinh độ)", "Middle (latitude, longitude)"),
    "box": Text("Góc tây nam đến đông bắc (X bắc; Y đông, mét)",
                "South-west to north-east corner (northing; easting, m)"),
    "layers": Text("Các lớp", "Layers"),
    "day": Text("Ngày của bản đồ", "Day of the map"),
    "seen_as": Text("In với quyền của", "Printed with the rights of"),
    "code": Text("Mã", "Code"),
}  # fmt: skip
CITIZEN = Text("mọi người", "everybody")
