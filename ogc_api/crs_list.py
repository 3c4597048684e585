"""The CRSs of a collection: CRS84 first (what every client can draw), then the authorities', the storage CRS."""

from __future__ import annotations

from gis_core.crs import CRS84, SUPPORTED, Crs
from gis_core.layer import Layer


def crs_of(layer: Layer) -> tuple[Crs, ...]:
    """Every supported CRS, CRS84 first; Huế's VN-2000 zone and both UTM zones lie around every layer's place."""
    return SUPPORTED


def storage_crs(layer: Layer) -> Crs:
    """The CRS in which features lose nothing: the surveyed one for cadastre, else CRS84."""
    if layer.geometry.original_srid is not None:
        for crs in SUPPORTED:
            if crs.srid == layer.geometry.original_srid:
                return crs
    return CRS84
