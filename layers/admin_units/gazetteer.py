"""The register of Huế's units that every installation has: names, codes, points and the reform of 1 July 2025.

Read from the data files of the PyPI package ``vietnamadminunits`` (MIT). Its Python modules are not imported: they
parse addresses and load 5 MB of tables for it. The package knows 133 communes as they stood from 1 January 2025 to
30 June 2025 with the bounding box that a geocoder gave each, and 40 units from 1 July 2025 with point and area.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from gis_core.words import nfc

PROVINCE = "46"
PROVINCE_NAME = "Thành phố Huế"
PROVINCE_BEFORE = "Tỉnh Thừa Thiên Huế"  # until 31 December 2024 (resolution 175/2024/QH15)
# The register begins when the city became centrally governed, with two urban districts; then the districts ended and
# 133 communes became 40.
CENTRALLY_GOVERNED = date(2025, 1, 1)
TWO_TIER = date(2025, 7, 1)

KINDS = {
    "Phường": "phuong",
    "Xã": "xa",
    "Thị trấn": "thi_tran",
    "Quận": "quan",
    "Huyện": "huyen",
    "Thị xã": "thi_xa",
    "Thành phố": "thanh_pho",
}


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit of today at commune level; the point is EPSG:4326, the area the official one in km2."""

    code: str
    name: str
    full_name: str
    lon: float
    lat: float
    area_km2: float

    @property
    def kind(self) -> str:
        return KINDS[self.full_name.removesuffix(self.name).strip()]


@dataclass(frozen=True, kw_only=True)
class OldCommune:
    """A commune of the first half of 2025 and the unit that it became part of, whole.

    ``box`` is (west, south, east, north) in degrees as a geocoder answered it; some are wrong (see `approximation`).
    ``aliases`` are older names as the package keys them: no diacritics, no spaces.
    """

    code: str
    name: str
    full_name: str
    district_code: str
    district_name: str
    lon: float
    lat: float
    box: tuple[float, float, float, float]
    became: str
    aliases: tuple[str, ...]

    @property
    def kind(self) -> str:
        return KINDS[self.full_name[: len(self.full_name) - len(self.name)].strip()]


def _data_folder() -> Path:
    spec = find_spec("vietnamadminunits")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package vietnamadminunits, a dependency of Hương, is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def _rows(sql: str) -> list[sqlite3.Row]:
    # immutable: the file may lie where this process cannot write a journal
    database = sqlite3.connect(f"{(_data_folder() / 'dataset.db').as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        database.row_factory = sqlite3.Row
        return database.execute(sql, (PROVINCE,)).fetchall()
    finally:
        database.close()


def _successors() -> Mapping[str, str]:
    """Key of an old commune (``province_district_ward``) -> key of the unit that it went to."""
    tables = json.loads((_data_folder() / "converter_2025.json").read_text(encoding="utf-8"))
    merged: Mapping[str, list[str]] = tables["DICT_PROVINCE_WARD_NO_DIVIDED"]["thanhphohue"]
    return {old: new for new, olds in merged.items() for old in olds}


def _box(text: str) -> tuple[float, float, float, float]:
    """``"south,west – north,east"`` -> (west, south, east, north)."""
    low, high = (tuple(float(number) for number in corner.split(",")) for corner in text.split("–"))
    return low[1], low[0], high[1], high[0]


@cache
def units() -> tuple[Unit, ...]:
    """The 40 units since 1 July 2025, by code."""
    rows = _rows(
        "select distinct wardCode, wardShort, ward, wardLon, wardLat, wardAreaKm2 from admin_units"
        " where provinceCode = ? order by wardCode"
    )
    return tuple(
        Unit(
            code=row["wardCode"],
            name=nfc(row["wardShort"]),
            full_name=nfc(row["ward"]),
            lon=row["wardLon"],
            lat=row["wardLat"],
            area_km2=row["wardAreaKm2"],
        )
        for row in rows
    )


@cache
def old_communes() -> tuple[OldCommune, ...]:
    """The 133 communes of the first half of 2025, by code."""
    became = _successors()
    code_of = {
        row["wardKey"]: row["wardCode"]
        for row in _rows("select distinct wardKey, wardCode from admin_units where provinceCode = ?")
    }
    rows = _rows("select * from admin_units_legacy where provinceCode = ? order by wardCode")
    return tuple(
        OldCommune(
            code=row["wardCode"],
            name=nfc(row["wardShort"]),
            full_name=nfc(row["ward"]),
            district_code=row["districtCode"],
            district_name=nfc(row["district"]),
            lon=row["wardLon"],
            lat=row["wardLat"],
            box=_box(row["wardBounds"]),
            became=code_of[became["_".join((row["provinceKey"], row["districtKey"], row["wardKey"]))]],
            aliases=tuple(dict.fromkeys(json.loads(row["wardAlias"] or "[]"))),
        )
        for row in rows
    )


@cache
def districts() -> Mapping[str, str]:
    """Code -> full name of the 9 districts of the first half of 2025."""
    return {commune.district_code: commune.district_name for commune in old_communes()}
