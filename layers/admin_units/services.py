"""Which unit is here, which unit is meant, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet

from gis_core.problems import bad_request
from gis_core.query.point_on import point_on
from gis_core.words import Text
from layers.admin_units.models import AdminSuccession, AdminUnit
from layers.admin_units.names import Name, exact_key, plain_key, read_name

MAX_QUERY = 200


@dataclass(frozen=True, kw_only=True)
class Successor:
    """A unit of today that received ``share_area`` (0 to 1) of an old one."""

    code: str
    full_name: str
    share_area: float


@dataclass(frozen=True, kw_only=True)
class UnitMatch:
    """A unit that a typed name may mean, or begin to (``partial``). ``successors`` is empty for a unit of today."""

    fid: int
    code: str
    full_name: str
    level: str
    parent_name: str
    valid_from: date
    valid_to: date | None
    successors: tuple[Successor, ...] = ()
    partial: bool = False

    @property
    def is_current_commune(self) -> bool:
        """Is it one of the wards and communes of today, which have a layer of their own?"""
        return self.valid_to is None and self.level == AdminUnit.Level.COMMUNE

    @property
    def today(self) -> frozenset[str]:
        """Codes of the units of today that it stands for."""
        return frozenset(s.code for s in self.successors) if self.valid_to else frozenset({self.code})

    @property
    def label(self) -> Text:
        """How documents name it: "Phường Thủy Vân (nay là Phường Thanh Thủy)"."""
        if self.valid_to is None:
            return Text(self.full_name, self.full_name)
        where = f", {self.parent_name}" if self.parent_name else ""
        now = ", ".join(s.full_name for s in self.successors)
        return Text(f"{self.full_name}{where} (nay là {now})", f"{self.full_name}{where} (now {now})")


UNITS_AT = f"""
select (select u.code from admin_units_adminunit u
        where u.valid_to is null and u.level = 'commune' and st_intersects(u.geom, p.point)
        order by u.code limit 1)
from (select n, case st_dimension(g) when 0 then g else {point_on("g")} end as point
      from unnest(%s::bytea[]) with ordinality sent (ewkb, n), st_geomfromewkb(ewkb) g) p
order by p.n"""


def units_at(geometries: Sequence[bytes]) -> list[str | None]:
    """For each of ``geometries`` (EWKB, EPSG:4326) the code of the unit of today that holds a point of it, or None.

    On a border it is the lower code.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNITS_AT, [list(geometries)])
        return [code for (code,) in cursor.fetchall()]


def current_communes() -> QuerySet[AdminUnit]:
    """The wards and communes of today."""
    return AdminUnit.objects.filter(valid_to__isnull=True, level=AdminUnit.Level.COMMUNE)


def unit_names() -> dict[str, str]:
    """The wards and communes of today by code, in the order of their names."""
    return dict(current_communes().order_by("name", "code").values_list("code", "full_name"))


def find_units(text: str, on: date | None = None) -> list[UnitMatch]:
    """The units that ``text`` may mean, the likeliest first; several where the caller has to ask back.

    Diacritics, case and tone placement do not matter, but where they are typed they decide between names that differ
    by them. A kind before the name ("xã Phú Vinh") is obeyed where such a unit exists. ``on`` keeps the units of that
    day; without it old units are found too, except where a unit of today carries on the same name and ground. Raises
    Problem 400 for a text over `MAX_QUERY` characters; a text without letters finds nothing.
    """
    if len(text) > MAX_QUERY:
        raise bad_request("name-too-long", "Tên cần tìm quá dài.", "The name to find is too long.")
    wanted = read_name(text)
    if not wanted.plain:
        return []
    units = list(_units(on))
    found = (
        _named(units, wanted)
        or _named(units, Name(exact_key(text), plain_key(text)))
        or _named_before(units, wanted)
    )
    partial = not found
    if partial:
        found = _beginning_with(units, wanted)
    successors, parents = _lineage(found)
    matches = [_match(unit, successors, parents, partial) for unit in found]
    return sorted(_without_carried_on(matches), key=_rank)


def needs_asking(matches: Sequence[UnitMatch]) -> bool:
    """Do the commune-level ``matches`` stand for different units of today, so that the user must choose?"""
    meanings = {match.today for match in matches if match.level == AdminUnit.Level.COMMUNE}
    return len(meanings) > 1


def succession(old_code: str) -> tuple[Successor, ...]:
    """The units of today that the old commune ``old_code`` went to, the largest share first."""
    return _successors({old_code}).get(old_code, ())


def predecessors(new_code: str) -> Mapping[str, float]:
    """Old code -> share of its area that went to the unit of today ``new_code``."""
    rows = AdminSuccession.objects.filter(new_code=new_code).order_by("old_code")
    return dict(rows.values_list("old_code", "share_area"))


def _units(on: date | None) -> QuerySet[AdminUnit]:
    units = AdminUnit.objects.defer("geom", "geom3857")
    if on is None:
        return units
    return units.filter(Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on)))


def _named(units: Sequence[AdminUnit], wanted: Name) -> list[AdminUnit]:
    """Units whose whole name is ``wanted``; those that agree in diacritics alone, where there are any."""
    same = [u for u in units if plain_key(u.name) == wanted.plain and wanted.kind in (None, u.kind)]
    if not same and wanted.kind:  # the kind was wrong, or belongs to another time: "xã Dương Nỗ"
        same = [u for u in units if plain_key(u.name) == wanted.plain]
    exact = [u for u in same if exact_key(u.name) == wanted.exact]
    return exact if exact and not wanted.is_plain else same


def _named_before(units: Sequence[AdminUnit], wanted: Name) -> list[AdminUnit]:
    """Units that carried the name before the times that the register holds."""
    key = wanted.plain.replace(" ", "")
    return [u for u in units if key in u.alias_keys.split()]


def _beginning_with(units: Sequence[AdminUnit], wanted: Name) -> list[AdminUnit]:
    """Units with a word-wise part of their name as typed so far: "a luoi", "chan may", "lang co"."""
    if len(wanted.plain) < 2:
        return []
    return [u for u in units if f" {wanted.plain}" in f" {plain_key(u.name)}"]


def _lineage(units: Sequence[AdminUnit]) -> tuple[Mapping[int, tuple[Successor, ...]], Mapping[str, str]]:
    """Successors by fid and names of the units above by code, for the old ones among ``units``."""
    old = [u for u in units if u.valid_to is not None]
    communes = {u.code for u in old if u.level == AdminUnit.Level.COMMUNE}
    districts = {u.code for u in old if u.level == AdminUnit.Level.DISTRICT}
    members: dict[str, set[str]] = defaultdict(set)
    for code, parent in AdminUnit.objects.filter(
        parent_code__in=districts, level=AdminUnit.Level.COMMUNE
    ).values_list("code", "parent_code"):
        members[parent].add(code)
    of_commune = _successors(communes.union(*members.values()))
    found = {}
    for unit in old:
        parts = members[unit.code] if unit.level == AdminUnit.Level.DISTRICT else {unit.code}
        heirs = {s.code: s for part in sorted(parts) for s in of_commune.get(part, ())}
        found[unit.fid] = tuple(heirs[code] for code in sorted(heirs))
    above = AdminUnit.objects.filter(code__in={u.parent_code for u in old}, level=AdminUnit.Level.DISTRICT)
    return found, dict(above.values_list("code", "full_name"))


def _successors(old_codes: set[str]) -> Mapping[str, tuple[Successor, ...]]:
    steps = list(AdminSuccession.objects.filter(old_code__in=old_codes).order_by("-share_area", "new_code"))
    names = dict(
        current_communes().filter(code__in={s.new_code for s in steps}).values_list("code", "full_name")
    )
    found: dict[str, tuple[Successor, ...]] = {}
    for step in steps:
        heir = Successor(
            code=step.new_code, full_name=names.get(step.new_code, step.new_code), share_area=step.share_area
        )
        found[step.old_code] = (*found.get(step.old_code, ()), heir)
    return found


def _match(
    unit: AdminUnit,
    successors: Mapping[int, tuple[Successor, ...]],
    parents: Mapping[str, str],
    partial: bool,
) -> UnitMatch:
    return UnitMatch(
        fid=unit.fid,
        code=unit.code,
        full_name=unit.full_name,
        level=unit.level,
        parent_name=parents.get(unit.parent_code, "") if unit.valid_to else "",
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        successors=successors.get(unit.fid, ()),
        partial=partial,
    )


def _without_carried_on(matches: Sequence[UnitMatch]) -> list[UnitMatch]:
    """Without the old communes whose one successor is itself among the matches: the unit of today stands for both."""
    current = {m.code for m in matches if m.valid_to is None}
    return [
        m
        for m in matches
        if m.valid_to is None
        or m.level != AdminUnit.Level.COMMUNE
        or len(m.today) != 1
        or not m.today <= current
    ]


def _rank(match: UnitMatch) -> tuple[bool, int, str]:
    levels = (AdminUnit.Level.COMMUNE, AdminUnit.Level.DISTRICT, AdminUnit.Level.PROVINCE)
    return match.valid_to is not None, levels.index(AdminUnit.Level(match.level)), match.code
