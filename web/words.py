"""What the pages say. One place for both languages, for templates (``{{ w.search }}``) and for the islands (JSON)."""

from __future__ import annotations

from gis_core.words import Text

MORE_THAN = Text("hơn {count}", "more than {count}")
HOANG_SA = Text("Quần đảo Hoàng Sa (Việt Nam)", "Quần đảo Hoàng Sa (Việt Nam)")
TRUONG_SA = Text("Quần đảo Trường Sa (Việt Nam)", "Quần đảo Trường Sa (Việt Nam)")

PAGE = {
    # The house
    "map_title": Text("Bản đồ thành phố Huế", "Map of the city of Huế"),
    "about": Text(
        "Bản đồ mở của thành phố Huế: địa giới, đường, công trình, phản ánh, quan trắc.",
        "The open map of the city of Huế: units, roads, facilities, reports, measurements.",
    ),
    "skip_to_list": Text("Bỏ qua bản đồ, đến danh sách", "Skip the map, go to the list"),
    "home": Text("Về bản đồ", "Back to the map"),
    # Search
    "search": Text("Tra cứu", "Search"),
    "search_hint": Text("Không cần gõ dấu: “duong hue” cũng tìm ra “Đường Huế”.",
                        "Marks may be left out: “duong hue” finds “Đường Huế”."),
    "results_for": Text("Kết quả cho", "Results for"),
    "no_results": Text("Chưa tìm thấy gì khớp.", "Nothing matches."),
    "no_results_next": Text(
        "Hãy thử ít từ hơn, hoặc tên xã, phường; tên trước ngày 1/7/2025 cũng tìm được.",
        "Try fewer words, or the name of a commune or ward; names from before 1 July 2025 are found too.",
    ),
    "which": Text("Tên này chỉ nhiều nơi. Bạn muốn xem nơi nào?", "This name means several places. Which one?"),
    "pieces": Text("đoạn", "pieces"),
    "places_called_so": Text("nơi cùng tên", "places of this name"),
    "elsewhere": Text("ngoài các xã, phường", "outside the communes"),
    "say_also": Text("Để tìm đúng, hãy gõ thêm", "To tell them apart, add the"),
    "results_cut": Text("Còn nhiều kết quả nữa; hãy thêm từ để thu hẹp.", "There are more; add a word to narrow them."),
    # Map
    "map_picture": Text("Ảnh bản đồ", "Picture of the map"),
    "picture_alt": Text(
        "Ảnh bản đồ; mỗi tên là một đường dẫn. Danh sách bên dưới có cùng nội dung.",
        "Picture of the map; every shape is a link. The list below has the same content.",
    ),
    "open_map": Text("Mở bản đồ tương tác", "Open the live map"),
    "zoom_in": Text("Phóng to", "Zoom in"),
    "zoom_out": Text("Thu nhỏ", "Zoom out"),
    "go_north": Text("Sang phía bắc", "Go north"),
    "go_south": Text("Sang phía nam", "Go south"),
    "go_east": Text("Sang phía đông", "Go east"),
    "go_west": Text("Sang phía tây", "Go west"),
    "whole_city": Text("Cả thành phố", "Whole city"),
    "move_map": Text("Di chuyển ảnh bản đồ", "Move the picture of the map"),
    "left_out": Text(
        "Ảnh chỉ vẽ một phần, phóng to để thấy đủ:", "Drawn in part in this picture, zoom in to see all:"
    ),
    "scale": Text("Tỷ lệ", "Scale"),
    "credit": Text("Nguồn", "Source"),
    "data_time": Text("Dữ liệu lúc", "Data of"),
    "place_gone": Text("Lớp trong đường dẫn không còn hoặc không dành cho bạn:",
                       "Layers of the link that are gone, or not for you:"),
    # Actions
    "actions": Text("Bạn có thể làm gì", "What you can do"),
    "soon": Text("Đang xây dựng", "In preparation"),
    "report": Text("Phản ánh", "Report"),
    "report_soon": Text("Gửi phản ánh kèm ảnh và vị trí.", "Send a report with a photo and its place."),
    "report_now": Text("Xem phản ánh đã công khai", "See the published reports"),
    "warn": Text("Cảnh báo", "Warnings"),
    "warn_soon": Text("Nhận cảnh báo lũ, mưa, không khí theo nơi ở.", "Be warned of flood, rain and bad air at home."),
    "warn_now": Text("Xem trạm quan trắc", "See the measuring stations"),
    "route": Text("Tìm đường", "Route"),
    "route_soon": Text("Tìm đường tránh chỗ ngập.", "Find a way around flooded places."),
    "route_now": Text("Xem mạng lưới đường", "See the roads"),
    # Layers and list
    "layers": Text("Lớp dữ liệu và chú giải", "Layers and legend"),
    "show_layers": Text("Hiện các lớp đã chọn", "Show the chosen layers"),
    "codes": Text("Bảng màu", "Colours"),
    "approximate": Text("gần đúng", "approximate"),
    "cells": Text("nhìn từ xa là các ô gộp nhiều đối tượng, càng đậm càng nhiều",
                  "from afar in cells that sum many up, the stronger the more"),
    "from_zoom": Text("hiện khi phóng to", "appears closer in"),
    "no_layers": Text(
        "Chưa có lớp dữ liệu nào. Dữ liệu nhập vào sẽ hiện ở đây sau vài giây.",
        "There is no layer yet. Imported data will appear here within seconds.",
    ),
    "in_view": Text("Trong khung bản đồ", "In the map's frame"),
    "nearest_first": Text("Gần giữa khung xếp trước.", "Nearest to the middle first."),
    "newest_first": Text("Mới nhất xếp trước.", "The newest first."),
    "list_title": Text("Danh sách trên bản đồ", "List of what is on the map"),
    "nothing_in_view": Text(
        "Không có gì trong khung này với các lớp đang chọn. Hãy thu nhỏ bản đồ hoặc chọn thêm lớp.",
        "Nothing lies in this frame with the chosen layers. Zoom out or choose more layers.",
    ),
    "see_all": Text("Xem cả danh sách", "See the whole list"),
    # What is near
    "near": Text("Gần bạn", "Near you"),
    "you_are_in": Text("Bạn đang ở", "You are in"),
    "nothing_near": Text("Không có gì trong vòng 3 km.", "Nothing within 3 km."),
    "what_is_here": Text("Ở đây có gì", "What is here"),
    "nothing_here": Text("Không có vùng nào chứa điểm này.", "No area holds this point."),
    "near_it": Text("Gần đó", "Near it"),
    "as_today": Text("như hôm nay", "as of today"),
    "others_as_today": Text(
        "Các lớp khác không theo thời gian: luôn như hôm nay.", "The others have no time: they are always as of today."
    ),
    # Time
    "map_of_day": Text("Bản đồ ngày", "The map of"),
    "show_day": Text("Xem", "Show"),
    "day_is_of": Text("Ngày này áp dụng cho:", "The day counts for:"),
    "before_day": Text("Trước", "Before"),
    "today": Text("Hôm nay", "Today"),
    "back_to_today": Text("Về hôm nay", "Back to today"),
    # Feature
    "on_map": Text("Xem trên bản đồ", "Show on the map"),
    "print": Text("In bản đồ", "Print"),
    "print_this": Text("In nơi này", "Print this place"),
    "raw": Text("Dữ liệu mở của đối tượng này (OGC API)", "Open data of this feature (OGC API)"),
    "no_facts": Text("Chưa có thông tin nào được công bố về đối tượng này.",
                     "Nothing has been published about this feature yet."),
    "place": Text("Vị trí", "Place"),
    "close": Text("Đóng", "Close"),
    # Problems
    "problem_next": Text("Bạn có thể về bản đồ hoặc tra cứu ở ô phía trên.",
                         "You can go back to the map, or search in the box above."),
    "problem_code": Text("Mã lỗi", "Code"),
    "problem_parameter": Text("Phần sai trong địa chỉ", "Part of the address at fault"),
}  # fmt: skip

# What the islands say; keys as in web/src/lib/words.ts.
ISLAND = {
    "openMap": PAGE["open_map"],
    "closeMap": Text("Đóng bản đồ", "Close the map"),
    "starting": Text("Đang mở bản đồ", "Opening the map"),
    "mapLabel": Text(
        "Bản đồ. Mũi tên để di chuyển, cộng và trừ để phóng, Page Down và Page Up đến cụm hay ghim kế tiếp và trước đó,"
        " Enter để mở; danh sách có cùng nội dung.",
        "Map. Arrows move it, plus and minus zoom, Page Down and Page Up go to the next group or pin and back,"
        " Enter opens it; the list has the same content.",
    ),
    "zoomIn": PAGE["zoom_in"],
    "zoomOut": PAGE["zoom_out"],
    "northUp": Text("Quay về hướng bắc", "Turn north up"),
    "locate": Text("Đến chỗ tôi đứng", "Go to where I am"),
    "suggestions": Text("Gợi ý", "Suggestions"),
    "nearMe": Text("Gần tôi", "Near me"),
    "locating": Text("Đang tìm vị trí của bạn", "Finding where you are"),
    "locateRefused": Text(
        "Trình duyệt không cho biết vị trí. Hãy cho phép trong cài đặt của trang này, hoặc tra cứu bằng tên nơi.",
        "The browser does not tell your place. Allow it in this site's settings, or search by the name of a place.",
    ),
    "locateFailed": Text(
        "Máy này chưa biết mình ở đâu. Hãy bật định vị rồi thử lại, hoặc tra cứu bằng tên nơi.",
        "This device does not know where it is. Turn location on and try again, or search by the name of a place.",
    ),
    "locateSlow": Text(
        "Chưa tìm được vị trí sau 15 giây. Hãy thử lại ở chỗ thoáng, hoặc tra cứu bằng tên nơi.",
        "No position within 15 seconds. Try again under open sky, or search by the name of a place.",
    ),
    "locateInsecure": Text(
        "Trình duyệt chỉ cho biết vị trí trên kết nối an toàn (https). Hãy tra cứu bằng tên nơi.",
        "Browsers tell a position on secure connections (https) only. Search by the name of a place.",
    ),
    "locateOutside": Text(
        "Bạn đang ở ngoài thành phố Huế; bản đồ đứng yên.",
        "You are outside the city of Huế; the map stays where it is.",
    ),
    "layers": Text("Lớp và chú giải", "Layers and legend"),
    "keyAndCredit": Text("Chú giải và nguồn", "Key and source"),
    "map": PAGE["map_title"],
    "print": Text("In", "Print"),
    "share": Text("Chia sẻ", "Share"),
    "shareAddress": Text("Đường dẫn của bản đồ này", "The address of this map"),
    "copied": Text("Đã chép đường dẫn", "Address copied"),
    "mapOfDay": Text("Bản đồ ngày {day}", "The map of {day}"),
    "mapOfToday": Text("Bản đồ hôm nay", "The map of today"),
    "noWebgl": Text(
        "Máy này không vẽ được bản đồ tương tác (thiếu WebGL). Ảnh bản đồ và danh sách vẫn dùng được.",
        "This device cannot draw the live map (no WebGL). The picture and the list still work.",
    ),
    "mapFailed": Text(
        "Chưa mở được bản đồ tương tác. Ảnh bản đồ và danh sách vẫn dùng được; bạn có thể thử lại.",
        "The live map did not open. The picture and the list still work; you can try again.",
    ),
    "live": Text("Cập nhật trực tiếp", "Live"),
    "connecting": Text("Đang nối", "Connecting"),
    "stale": Text("Mất kết nối, đang nối lại. Dữ liệu lúc {time}.", "Connection lost, reconnecting. Data of {time}."),
    "updated": Text("Có thay đổi: {layer}", "Changed: {layer}"),
    "loading": Text("Đang tải", "Loading"),
    "loadFailed": Text("Chưa tải được. Kiểm tra mạng rồi thử lại.", "Could not load. Check the network and try again."),
    "retry": Text("Thử lại", "Try again"),
    "close": PAGE["close"],
    "panel": Text("Thông tin đã chọn", "Selected"),
    "several": Text("Ở đây có {count} đối tượng. Bạn muốn xem cái nào?", "{count} features here. Which one?"),
    "results": Text("{count} kết quả", "{count} results"),
    "shownOnMap": Text("Bản đồ đang chỉ {name}.", "The map shows {name}."),
    "cell": Text("{count} đối tượng trong ô này; phóng to để thấy từng cái.",
                 "{count} features in this cell; zoom in to see each."),
    "hoangSa": HOANG_SA,
    "truongSa": TRUONG_SA,
}  # fmt: skip


class Spoken:
    """The page's words in one language, by attribute; AttributeError for a word that is not there."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __getattr__(self, name: str) -> str:
        try:
            return PAGE[name].to(self._language)
        except KeyError:
            raise AttributeError(name) from None


def for_islands(language: str) -> dict[str, str]:
    """The islands' words in one language."""
    return {key: text.to(language) for key, text in ISLAND.items()}
