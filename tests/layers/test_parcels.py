"""The cadastre: areas and corners are the surveyed ones, numbers are unique, identifiers stay."""

from __future__ import annotations

import pytest
import shapely
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.demo.city import demo_city
from layers.parcels import codes
from layers.parcels.demo import BLOCKS, COMMUNES, LOTS, load
from layers.parcels.geohash import geohash
from layers.parcels.models import Parcel, ParcelHolder

# The city's check point: the same place in lon/lat and in VN-2000 / TM-3 107-00.
CHECK_LONLAT = (107.5905, 16.4637)
CHECK_9214 = (562855.175, 1820978.806)


def square(east: float, north: float, side: float = 10.0) -> MultiPolygon:
    ring = ((0, 0), (side, 0), (side, side), (0, side), (0, 0))
    return MultiPolygon(Polygon([(east + x, north + y) for x, y in ring]), srid=9214)


def parcel(**given: object) -> Parcel:
    values = {"geom_original": square(*CHECK_9214), "sheet": 12, "number": 345, "land_use": "ODT"}
    made = Parcel(**{**values, "unit_code": "19774", "unit_name": "Kim Long", **given})
    made.save()
    made.refresh_from_db()
    return made


def test_geohash_of_the_worked_example() -> None:
    assert geohash(10.40744, 57.64911, 11) == "u4pruydqqvj"


def test_geohash_off_the_globe_is_refused() -> None:
    with pytest.raises(ValueError, match="no longitude"):
        geohash(181.0, 0.0)


@pytest.mark.django_db
@settings(max_examples=200, deadline=None)
@given(lon=st.floats(-180, 180, exclude_max=True), lat=st.floats(-90, 90, exclude_max=True))
def test_geohash_agrees_with_postgis(lon: float, lat: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select st_geohash(st_setsrid(st_makepoint(%s, %s), 4326), 12)", [lon, lat])
        assert geohash(lon, lat) == cursor.fetchone()[0]


@pytest.mark.django_db
def test_lonlat_follows_the_survey() -> None:
    made = parcel()
    corner = made.geom[0][0][0]
    assert corner == pytest.approx(CHECK_LONLAT, abs=2e-8)
    made.geom_original = square(CHECK_9214[0] + 100, CHECK_9214[1])
    made.save(update_fields=["geom_original"])
    made.refresh_from_db()
    assert made.geom[0][0][0][0] > CHECK_LONLAT[0] + 0.0009


@pytest.mark.django_db
def test_area_is_the_surveyed_one_and_not_the_ellipsoid() -> None:
    """The scale factor 0.9999 and the arc make 100 m² on the plan another number on the ground and in 4326."""
    made = parcel(geom_original=square(*CHECK_9214, side=1000.0))
    assert made.area_m2 == 1_000_000
    with connection.cursor() as cursor:
        cursor.execute("select st_area(geom::geography) from parcels_parcel where fid = %s", [made.pk])
        assert abs(cursor.fetchone()[0] - 1_000_000) > 50


@pytest.mark.django_db
def test_identifier_is_given_once_and_lies_inside() -> None:
    made = parcel()
    first = made.national_id
    assert len(first) == 12
    made.geom_original = square(CHECK_9214[0] + 30, CHECK_9214[1])
    made.save()
    assert made.national_id == first


@pytest.mark.django_db
def test_sheet_and_number_are_taken_once_in_a_commune_of_survey() -> None:
    parcel()
    with pytest.raises(IntegrityError, match="sheet_and_number"), transaction.atomic():
        parcel(geom_original=square(CHECK_9214[0] + 50, CHECK_9214[1]))
    # Two old communes, now one, each had a sheet 12.
    other = parcel(geom_original=square(CHECK_9214[0] + 50, CHECK_9214[1]), sheet_series="Hương Long")
    assert other.designation == "12/345"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"sheet": 0}, "numbers_from_1"),
        ({"legal_area_m2": -1}, "legal_area_positive"),
        ({"map_scale": 1234}, "map_scale"),
        ({"national_id": "ailo00000000"}, "national_id_geohash"),
    ],
)
def test_rules_of_the_cadastre_hold_in_the_database(wrong: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        parcel(**wrong)


@pytest.mark.django_db
def test_shape_that_crosses_itself_is_refused_by_name() -> None:
    east, north = CHECK_9214
    bow = [(east, north), (east + 10, north + 10), (east + 10, north), (east, north + 10), (east, north)]
    crossed = MultiPolygon(Polygon(bow), srid=9214)
    with pytest.raises(ValidationError) as refused:
        Parcel(geom_original=crossed, sheet=1, number=1, land_use="ODT").clean()
    assert "geom_original" in refused.value.message_dict
    with pytest.raises(IntegrityError, match="geometry_valid"), transaction.atomic():
        parcel(geom_original=crossed)


def test_statutory_codes_are_dated_and_sourced() -> None:
    listed = codes.land_use_list()
    values = [code.value for code in codes.LAND_USE]
    assert "08/2024" in listed["source"] and listed["valid_from"]
    assert len(values) == len(set(values)) == 54
    assert not {"BHK", "NHK", "DDT", "DDL", "DSH"} & set(values)
    assert set(listed["superseded"].values()) <= set(values)
    colours = {code.value: code.colour for code in codes.LAND_USE}
    assert (colours["ODT"], colours["LUC"], colours["DMT"]) == ("#FFA0FF", "#FFFC8C", None)


@pytest.mark.django_db
def test_demo_blocks_are_a_coverage_with_holders_apart() -> None:
    city = demo_city()
    assert load(city, city.rng("parcels")) == COMMUNES * BLOCKS * LOTS == ParcelHolder.objects.count()
    shapes = [
        shapely.from_wkb(bytes(geom.wkb)) for geom in Parcel.objects.values_list("geom_original", flat=True)
    ]
    lots = [lot for shape in shapes for lot in shape.geoms]
    assert shapely.coverage_is_valid(lots), "neighbours must share their corners: no overlap, no crack"
    assert Parcel.objects.filter(unit_name="Kim Long", designation="12/345").count() == 1
    assert not Parcel.objects.filter(certificate_no="").exists()
    assert Parcel.objects.filter(mortgaged=True).exists() and Parcel.objects.filter(disputed=True).exists()
    assert not ParcelHolder.objects.filter(id_number="").exists()
    assert not ParcelHolder.objects.exclude(id_number__startswith="000").exists()
    assert all(
        city.unit(code).polygon.contains(shapely.from_wkb(bytes(geom.wkb)))
        for code, geom in Parcel.objects.values_list("unit_code", "geom")
    )
