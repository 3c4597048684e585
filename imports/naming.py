"""Names of files and fields as keys: lower-case ASCII, stable, unlike each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from gis_core.layer import RESERVED
from gis_core.words import nfc

LONGEST = 50
# What the views add to every feature, and the parameters of a request for features: a field of that name could not
# be asked for. (OGC 17-069r4 7.15.5: a property's name is the parameter's.)
TAKEN = RESERVED | {"id", "geometry", "properties", "links"}
TAKEN |= {"bbox", "datetime", "limit", "offset", "cursor", "crs", "sortby", "filter", "f"}


def folded(text: str) -> str:
    """``text`` without diacritics, case and punctuation: "Tên đường (mới)" -> "ten_duong_moi"."""
    plain = text.casefold().replace("đ", "d")
    letters = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")


def key_of(text: str, otherwise: str) -> str:
    """A key made of ``text``, at most `LONGEST` characters; ``otherwise`` where nothing of it is left."""
    key = folded(text)[:LONGEST].strip("_") or otherwise
    return f"{otherwise}_{key}"[:LONGEST] if key[0].isdigit() else key


def field_keys(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A key for each of ``names``, in order; the second "ten" becomes "ten_2", "fid" becomes "fid_2"."""
    used = set(TAKEN) | set(taken)
    keys = {}
    for name in names:
        stem = key_of(nfc(name), "field")
        key, number = stem, 2
        while key in used:
            key, number = f"{stem}_{number}", number + 1
        used.add(key)
        keys[name] = key
    return keys
