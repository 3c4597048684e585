from __future__ import annotations

from gis_core.layer import Code
from gis_core.words import Text

KINDS = (
    Code(value="country", label=Text("Nước láng giềng", "Neighbouring country")),
    Code(value="region", label=Text("Tỉnh, thành lân cận", "Neighbouring province")),
    Code(value="city", label=Text("Thành phố", "City")),
    Code(value="town", label=Text("Thị trấn, trung tâm", "Town")),
    Code(value="suburb", label=Text("Khu vực đô thị", "Part of a city")),
    Code(value="village", label=Text("Làng, xã", "Village")),
    Code(value="neighbourhood", label=Text("Khu phố, xóm", "Neighbourhood")),
    Code(value="hamlet", label=Text("Thôn, bản", "Hamlet")),
    Code(value="locality", label=Text("Xứ đất, địa điểm có tên", "Named spot")),
    Code(value="peak", label=Text("Núi, đỉnh", "Peak")),
)
# The usual rank of each kind, from 1; a map that has no room for all names keeps the lowest numbers.
RANKS = {
    "country": 1,
    "region": 1,
    "city": 1,
    "town": 3,
    "peak": 4,
    "suburb": 5,
    "village": 5,
    "neighbourhood": 6,
    "hamlet": 7,
    "locality": 8,
}
LAST_RANK = 9
