"""GeoHash, of which the national parcel identifier is made (Thông tư 09/2024/TT-BTNMT: 12 characters, WGS 84).

G. Niemeyer's scheme: the bits of longitude and latitude, halving in turn and longitude first, five to a character.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ALPHABET = np.array(list("0123456789bcdefghjkmnpqrstuvwxyz"))
PARCEL_LENGTH = 12


def geohash(lon: float, lat: float, length: int = PARCEL_LENGTH) -> str:
    """The GeoHash of ``length`` characters of a WGS 84 point in degrees; ValueError off the globe.

    Twelve characters are a cell of about 3.7 cm by 1.9 cm.
    """
    return geohashes(np.array([[lon, lat]], dtype=np.float64), length)[0]


def geohashes(points: NDArray[np.float64], length: int = PARCEL_LENGTH) -> list[str]:
    """`geohash` of each of (n, 2) longitudes and latitudes."""
    off = ~((np.abs(points[:, 0]) <= 180) & (np.abs(points[:, 1]) <= 90))
    if off.any():
        lon, lat = points[np.flatnonzero(off)[0]]
        raise ValueError(f"({lon}, {lat}) is no longitude and latitude")
    low = np.tile((-180.0, -90.0), (len(points), 1))
    high = np.tile((180.0, 90.0), (len(points), 1))
    values = np.zeros((len(points), length), dtype=np.intp)
    for bit in range(5 * length):
        axis = bit % 2
        middle = (low[:, axis] + high[:, axis]) / 2
        upper = points[:, axis] >= middle
        values[:, bit // 5] = values[:, bit // 5] * 2 + upper
        low[upper, axis] = middle[upper]
        high[~upper, axis] = middle[~upper]
    return ["".join(characters) for characters in ALPHABET[values].tolist()]
