"""The stages of an import, as its progress names them."""

from __future__ import annotations

from gis_core.words import Text

READING = Text("đọc", "read")
CHECKING = Text("kiểm tra và ghi", "checked and written")
