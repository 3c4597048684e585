"""Putting units and their boundaries into the database: the register first, official boundaries when they come.

An importer hands official boundaries, whatever its source calls the columns, to `replace_boundaries`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from django.contrib.gis.db.models.functions import AsWKB
from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from gis_core.demo import on_grid
from gis_core.geos import multi_polygon
from gis_core.words import Text, nfc
from layers.admin_units import approximation, gazetteer
from layers.admin_units.models import AdminSuccession, AdminUnit

APPROXIMATE_SOURCE = "Hương: gần đúng, từ khung bao của vietnamadminunits 1.0.4"
REFITTED_SOURCE = "Hương: gần đúng, chia trong ranh giới chính thức của đơn vị mới"

# Our field -> names that sources give it, the first that is there counts.
PROPERTY_NAMES: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "Code", "ma", "ma_xa", "maXa", "wardCode", "GSO_CODE"),
    "name": ("name", "Name", "ten"),
    "full_name": ("fullName", "full_name", "FullName", "ten_day_du"),
    "area_km2": ("areaKm2", "area_km2", "dien_tich", "wardAreaKm2"),
    "population": ("population", "dan_so"),
}


@dataclass(frozen=True)
class Rejection:
    """A source row that was not taken, by its number from 1, and why."""

    row: int
    reason: Text


@dataclass
class BoundaryReport:
    """What `replace_boundaries` did: codes replaced, rows refused, units of today that still are approximate."""

    replaced: list[str] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    still_approximate: list[str] = field(default_factory=list)


class BoundariesRefused(ValueError):
    """No row could be taken, or the rows contradict each other; nothing was written. ``report`` says why."""

    def __init__(self, report: BoundaryReport) -> None:
        super().__init__("no boundary was replaced")
        self.report = report


def load_register() -> int:
    """Write the city, its units of today and of early 2025, and the succession; returns the number of units."""
    shapes = approximation.boundaries()
    rows = [*_today(shapes), *_communes_before(shapes), *_districts_before(shapes)]
    with transaction.atomic():
        AdminUnit.objects.bulk_create(rows)
        AdminSuccession.objects.bulk_create(
            AdminSuccession(old_code=c.code, new_code=c.became, effective_on=gazetteer.TWO_TIER)
            for c in gazetteer.old_communes()
        )
    return len(rows)


def _approximate(shape: BaseGeometry, **values: Any) -> AdminUnit:
    geom = multi_polygon(on_grid(shape), 4326)
    return AdminUnit(geom=geom, approximate=True, boundary_source=APPROXIMATE_SOURCE, **values)


def _today(shapes: approximation.Boundaries) -> Iterable[AdminUnit]:
    yield _approximate(
        shapes.outline,
        code=gazetteer.PROVINCE,
        name="Huế",
        full_name=gazetteer.PROVINCE_NAME,
        kind=AdminUnit.Kind.CITY,
        level=AdminUnit.Level.PROVINCE,
        valid_from=gazetteer.CENTRALLY_GOVERNED,
        area_km2=round(sum(unit.area_km2 for unit in gazetteer.units()), 2),
        old_names=gazetteer.PROVINCE_BEFORE,
    )
    for unit in gazetteer.units():
        parts = [c for c in gazetteer.old_communes() if c.became == unit.code]
        yield _approximate(
            shapes.units[unit.code],
            code=unit.code,
            name=unit.name,
            full_name=unit.full_name,
            kind=unit.kind,
            level=AdminUnit.Level.COMMUNE,
            parent_code=gazetteer.PROVINCE,
            valid_from=gazetteer.TWO_TIER,
            area_km2=unit.area_km2,
            old_names=", ".join(c.full_name for c in parts),
        )


def _communes_before(shapes: approximation.Boundaries) -> Iterable[AdminUnit]:
    for commune in gazetteer.old_communes():
        yield _approximate(
            shapes.communes[commune.code],
            code=commune.code,
            name=commune.name,
            full_name=commune.full_name,
            kind=commune.kind,
            level=AdminUnit.Level.COMMUNE,
            parent_code=commune.district_code,
            valid_from=gazetteer.CENTRALLY_GOVERNED,
            valid_to=gazetteer.TWO_TIER,
            alias_keys=" ".join(commune.aliases),
        )


def _districts_before(shapes: approximation.Boundaries) -> Iterable[AdminUnit]:
    for code, full_name in sorted(gazetteer.districts().items()):
        word = next(word for word in gazetteer.KINDS if full_name.startswith(word))
        yield _approximate(
            shapes.districts[code],
            code=code,
            name=full_name.removeprefix(word).strip(),
            full_name=full_name,
            kind=gazetteer.KINDS[word],
            level=AdminUnit.Level.DISTRICT,
            parent_code=gazetteer.PROVINCE,
            valid_from=gazetteer.CENTRALLY_GOVERNED,
            valid_to=gazetteer.TWO_TIER,
        )


@transaction.atomic
def replace_boundaries(
    rows: Iterable[tuple[Mapping[str, Any], GEOSGeometry | None]], *, source: str
) -> BoundaryReport:
    """Take official boundaries of today's units: ``rows`` are (properties, geometry in EPSG:4326).

    All in one transaction. A row is refused, with its reason, whose code is no unit of today, comes twice, or whose
    geometry is no valid polygon. The units before 1 July 2025, which are parts of today's, are fitted anew into the
    official ones, and the districts and the city made of them, so that no two layers contradict each other. Raises
    BoundariesRefused if no row could be taken.
    """
    report = BoundaryReport()
    current = {
        unit.code: unit
        for unit in AdminUnit.objects.select_for_update().filter(
            valid_to__isnull=True, level=AdminUnit.Level.COMMUNE
        )
    }
    for number, (properties, geometry) in enumerate(rows, start=1):
        code = str(_value(properties, "code") or "").strip()
        reason = _refusal(code, geometry, current, report.replaced)
        if reason is not None:
            report.rejected.append(Rejection(number, reason))
            continue
        assert geometry is not None
        _take(current[code], properties, geometry, source)
        report.replaced.append(code)
    if not report.replaced:
        raise BoundariesRefused(report)
    _refit_predecessors(current, report.replaced)
    _rebuild_unions()
    report.still_approximate = sorted(code for code, unit in current.items() if unit.approximate)
    return report


def _value(properties: Mapping[str, Any], name: str) -> Any:
    return next(
        (properties[key] for key in PROPERTY_NAMES[name] if properties.get(key) not in (None, "")), None
    )


def _refusal(
    code: str, geometry: GEOSGeometry | None, current: Mapping[str, AdminUnit], taken: Sequence[str]
) -> Text | None:
    if not code:
        return Text("thiếu mã đơn vị", "no unit code")
    if code not in current:
        return Text(f"mã {code} không phải đơn vị hiện hành của Huế", f"code {code} is no unit of Huế today")
    if code in taken:
        return Text(f"mã {code} lặp lại", f"code {code} comes twice")
    if geometry is None or geometry.empty or geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return Text("ranh giới phải là đa giác", "the boundary must be a polygon")
    try:
        if not geometry.valid:
            why = geometry.valid_reason
            return Text(f"đa giác không hợp lệ: {why}", f"invalid polygon: {why}")
    except GEOSException as error:
        return Text(f"đa giác không hợp lệ: {error}", f"invalid polygon: {error}")
    west, south, east, north = geometry.extent
    if west < 102 or south < 6 or east > 118 or north > 24:
        return Text("ranh giới nằm ngoài Việt Nam", "the boundary lies outside Vietnam")
    return None


def _take(unit: AdminUnit, properties: Mapping[str, Any], geometry: GEOSGeometry, source: str) -> None:
    unit.geom = multi_polygon(shapely.force_2d(_shape(geometry)), 4326)
    unit.approximate = False
    unit.boundary_source = nfc(source)[:200]
    for name in ("name", "full_name"):
        value = _value(properties, name)
        if isinstance(value, str):
            setattr(unit, name, nfc(value.strip()))
    for name in ("area_km2", "population"):
        value = _value(properties, name)
        if isinstance(value, int | float):
            setattr(unit, name, value)
    unit.save()


def _shape(geometry: GEOSGeometry) -> BaseGeometry:
    return shapely.from_wkb(bytes(geometry.wkb))


def _refit_predecessors(current: Mapping[str, AdminUnit], codes: Sequence[str]) -> None:
    """Divide each replaced unit among the old communes that it was made of, as near to where they were as it goes."""
    steps: dict[str, list[str]] = {}
    for step in AdminSuccession.objects.filter(new_code__in=codes, share_area=1.0).order_by("old_code"):
        steps.setdefault(step.new_code, []).append(step.old_code)
    old = {
        unit.code: unit
        for unit in AdminUnit.objects.filter(valid_to=gazetteer.TWO_TIER, level=AdminUnit.Level.COMMUNE)
    }
    for new_code, old_codes in steps.items():
        parts = [old[code] for code in old_codes if code in old]
        if len(parts) == 1:  # kept its extent: what is official today was official then
            parts[0].geom, parts[0].approximate = current[new_code].geom, False
            parts[0].boundary_source = current[new_code].boundary_source
        elif parts:
            shapes = divide(_shape(current[new_code].geom), [_shape(part.geom) for part in parts])
            for part, shape in zip(parts, shapes, strict=True):
                part.geom, part.boundary_source = multi_polygon(shape, 4326), REFITTED_SOURCE
        AdminUnit.objects.bulk_update(parts, ["geom", "approximate", "boundary_source"])


def divide(whole: BaseGeometry, parts: Sequence[BaseGeometry], step: float = 0.002) -> list[BaseGeometry]:
    """Divide ``whole`` among ``parts`` (shapely): each point goes to the part nearest to it.

    Nearness is to sample points ``step`` degrees apart within the parts (the cells of their Voronoi diagram), so the
    results overlap nowhere and together are ``whole``, up to the grid that the coordinates are rounded to.
    """
    samples, owners = [], []
    for index, part in enumerate(parts):
        points = _samples(part, step)
        samples.extend(points)
        owners.extend([index] * len(points))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(samples), extend_to=whole, ordered=True)
    )
    rest, found = whole, []
    for index in range(len(parts) - 1):
        own = [cell for cell, owner in zip(cells, owners, strict=True) if owner == index]
        ground = shapely.union_all(own, grid_size=1e-7)
        found.append(shapely.intersection(rest, ground, grid_size=1e-7))
        rest = shapely.difference(rest, ground, grid_size=1e-7)
    return [*found, rest]


def _samples(part: BaseGeometry, step: float) -> list[BaseGeometry]:
    """Points of a skew lattice within ``part``: on a square one, four neighbours lie on a circle, which a Voronoi
    diagram answers with crumbs that no union can clean up."""
    west, south, east, north = part.bounds
    rows = range(int(south // step), int(north // step) + 2)
    columns = range(int(west // step) - 1, int(east // step) + 2)
    points = shapely.points([((i + 0.37 * j % 1.0) * step, j * step) for j in rows for i in columns])
    shapely.prepare(part)
    inside = list(points[shapely.contains(part, points)])
    return inside or [shapely.point_on_surface(part)]


def _rebuild_unions() -> None:
    """Make the districts of old and the city of the communes that they consist of."""
    above = AdminUnit.objects.exclude(level=AdminUnit.Level.COMMUNE)
    communes = AdminUnit.objects.filter(level=AdminUnit.Level.COMMUNE)
    for unit in above:
        parts = communes.filter(parent_code=unit.code, valid_to=unit.valid_to)
        shapes = [shapely.from_wkb(bytes(wkb)) for wkb in parts.values_list(AsWKB("geom"), flat=True)]
        if shapes:
            # Sources leave slivers of centimetres between neighbours; a metre's rounding closes them.
            unit.geom = multi_polygon(shapely.union_all(shapes, grid_size=1e-6), 4326)
            unit.approximate = any(parts.values_list("approximate", flat=True))
            unit.boundary_source = "Hợp của các đơn vị cấp xã"
            unit.save()
