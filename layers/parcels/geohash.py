"""GeoHash, of which the national parcel identifier is made (Thông tư 09/2024/TT-BTNMT: 12 characters, WGS 84).

G. Niemeyer's scheme: the bits of longitude and latitude, halving in turn and longitude first, five to a character.
"""

from __future__ import annotations

ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
PARCEL_LENGTH = 12


def geohash(lon: float, lat: float, length: int = PARCEL_LENGTH) -> str:
    """The GeoHash of ``length`` characters of a WGS 84 point in degrees; ValueError off the globe.

    Twelve characters are a cell of about 3.7 cm by 1.9 cm.
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError(f"({lon}, {lat}) is no longitude and latitude")
    bounds = [[-180.0, 180.0], [-90.0, 90.0]]
    characters = []
    for position in range(length):
        value = 0
        for bit in range(5):
            axis = (position * 5 + bit) % 2
            low, high = bounds[axis]
            middle = (low + high) / 2
            upper = (lon, lat)[axis] >= middle
            value = value * 2 + upper
            bounds[axis] = [middle, high] if upper else [low, middle]
        characters.append(ALPHABET[value])
    return "".join(characters)
