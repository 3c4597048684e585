"""Coordinate reference systems as QGIS writes them into a project (``<spatialrefsys>``).

The element is complete, so that a QGIS whose own tables lack the system (EPSG:9214 came into PROJ in 2019) draws all
the same.
"""

from __future__ import annotations

import warnings
from functools import cache
from xml.etree.ElementTree import Element, SubElement

import pyproj

from gis_core.crs import CRS84, Crs

ACRONYMS = {"Transverse Mercator": "tmerc", "Popular Visualisation Pseudo Mercator": "merc"}


def authority_code(crs: Crs) -> str:
    """``EPSG:9214``, ``OGC:CRS84``"""
    return "OGC:CRS84" if crs is CRS84 else f"EPSG:{crs.srid}"


def spatial_ref_sys(crs: Crs) -> Element:
    """The element ``spatialrefsys`` of ``crs``, new at each call."""
    made = Element("spatialrefsys")
    for name, text in _described(authority_code(crs)):
        SubElement(made, name).text = text
    return made


@cache
def _described(code: str) -> tuple[tuple[str, str], ...]:
    known = pyproj.CRS.from_user_input(code)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a PROJ string loses what the WKT beside it keeps
        proj4 = known.to_proj4()
    operation = known.coordinate_operation
    acronym = "longlat" if operation is None else ACRONYMS[operation.method_name]
    number = code.rpartition(":")[2]
    return (
        ("wkt", known.to_wkt("WKT2_2019")),
        ("proj4", proj4.replace(" +type=crs", "")),
        ("srid", number if number.isdecimal() else "0"),
        ("authid", code),
        ("description", known.name),
        ("projectionacronym", acronym),
        ("ellipsoidacronym", "EPSG:7030"),  # WGS 84, which VN-2000 too is drawn on
        ("geographicflag", "true" if known.is_geographic else "false"),
    )
