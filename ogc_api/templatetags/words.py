"""Words of the API's pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template

from gis_core.spoken import moment
from gis_core.words import Text

register = template.Library()

WORDS = {
    "collections": Text("Các lớp dữ liệu", "Collections"),
    "conformance": Text("Các lớp tuân thủ", "Conformance classes"),
    "api": Text("Định nghĩa API", "API definition"),
    "items": Text("Đối tượng", "Features"),
    "home": Text("Trang chủ API", "API home"),
    "links": Text("Liên kết", "Links"),
    "next": Text("Trang sau", "Next page"),
    "formats": Text("Tải về", "Download"),
    "picture": Text("Hình vẽ các đối tượng trên trang này", "Picture of the features on this page"),
    "properties": Text("Thuộc tính", "Properties"),
    "matched": Text("đối tượng khớp", "features match"),
    "returned": Text("trên trang này", "on this page"),
    "cut": Text(
        "Trang này chỉ hiện 200 đối tượng đầu; tải về để có đủ.",
        "This page shows the first 200 features only; download to have all.",
    ),
    "none": Text("Không có đối tượng nào khớp.", "No feature matches."),
    "crs": Text("Hệ tọa độ", "Coordinate reference systems"),
    "extent": Text("Phạm vi", "Extent"),
    "credit": Text("Nguồn", "Credit"),
    "use": Text(
        "Trong QGIS: Layer → Add Layer → Add WFS / OGC API Features Layer, địa chỉ:",
        "In QGIS: Layer → Add Layer → Add WFS / OGC API Features Layer, address:",
    ),
    "jobs": Text("Các công việc của bạn", "Your jobs"),
    "job": Text("Công việc", "Job"),
    "no_jobs": Text(
        "Không có công việc nào. Chỉ người đã đăng nhập để lại công việc; mỗi người chỉ thấy của mình, trong một ngày.",
        "There are no jobs. Only those who are signed in leave any; each sees their own alone, for a day.",
    ),
    "results": Text("Kết quả", "Results"),
    "description": Text("Mô tả", "Description"),
    "name": Text("Tên", "Name"),
}


@register.simple_tag(takes_context=True)
def say(context: dict[str, Any], key: str) -> str:
    """The page's own words in the reader's language."""
    return WORDS[key].to(context["request_language"])


@register.simple_tag(takes_context=True)
def told(context: dict[str, Any], value: Any) -> Any:
    """A declaration's Text in the reader's language; anything else as it is, nothing for None."""
    if isinstance(value, Text):
        return value.to(context["request_language"])
    return "" if value is None else value


@register.filter
def at(text: str) -> str:
    """A moment of a document as people read it, in the city's zone."""
    return moment(datetime.fromisoformat(text))


@register.filter
def get_reference(parameter: dict[str, str]) -> str:
    """``limit`` of ``{"$ref": "#/components/parameters/limit"}``."""
    return parameter.get("$ref", "").rsplit("/", 1)[-1]
