"""Zooms of a style as the scales that other programs know, and px as their lengths.

A px of a style is one of CSS, 1/96 inch on a screen (QGIS); the pixel of OGC standards is 0.28 mm.
"""

from __future__ import annotations

from gis_core.styles.folding import METRES_PER_PX_AT_0

OGC_PX_M = 0.00028  # standardized rendering pixel, SLD 1.1 (05-078r4) section 10.2
CSS_PX_M = 0.0254 / 96
MM_OF_PX = CSS_PX_M * 1000
QGIS_SCALE_0 = METRES_PER_PX_AT_0 / CSS_PX_M  # QGIS's scale denominator at zoom 0 in EPSG:3857
WIDEST, CLOSEST = 0.0, 24.0  # zooms at which a limit limits nothing


def scale_denominator(zoom: float, px_m: float = OGC_PX_M) -> float:
    """The denominator of the scale at ``zoom`` where a px is ``px_m`` metres wide (EPSG:3857)."""
    return METRES_PER_PX_AT_0 / px_m / 2**zoom


def mm(px: float) -> float:
    """Millimetres on the screen of ``px``, as QGIS takes lengths that print at any resolution."""
    return round(px * MM_OF_PX, 5)
