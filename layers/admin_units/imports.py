"""An imported file of units is a set of official boundaries: they replace what is approximate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gis_core.taking import SourceFeature, Taken, Taker
from gis_core.words import Text
from gis_core.writers import geos
from layers.admin_units.boundaries import BoundariesRefused, load_register, replace_boundaries
from layers.admin_units.models import AdminUnit


def take_boundaries(features: Iterable[SourceFeature], source: str) -> Taken:
    """Replace the boundaries of today's units by ``features``, matched by code; an empty register is filled first."""
    if not AdminUnit.objects.exists():
        load_register()
    numbers: list[int] = []

    def rows() -> Iterable[tuple[Mapping[str, object], object]]:
        for feature in features:
            numbers.append(feature.row)
            yield feature.properties, geos(feature.geometry, 4326)

    try:
        report = replace_boundaries(rows(), source=source)  # type: ignore[arg-type]
    except BoundariesRefused as refused:
        report = refused.report
    left = len(report.still_approximate)
    notes = (
        (
            Text(
                f"Còn {left} đơn vị có ranh giới gần đúng.",
                f"{left} units still have approximate boundaries.",
            ),
        )
        if left
        else ()
    )
    return Taken(len(report.replaced), tuple((numbers[r.row - 1], r.reason) for r in report.rejected), notes)


TAKERS: Mapping[str, Taker] = {"admin_units": take_boundaries}
