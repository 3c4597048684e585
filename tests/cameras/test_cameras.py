"""The camera registry: what a camera sees follows from how it stands, and how to reach it stays sealed."""

from __future__ import annotations

import math

import pytest
from cryptography.fernet import Fernet
from django.contrib.admin.sites import site
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import from_wkb

from cameras import sealing
from cameras.admin import CameraAccessForm
from cameras.codes import PUBLIC_OWNERS
from cameras.demo import COUNT, load
from cameras.models import Camera, CameraAccess, without_credentials
from cameras.view import field_of_view
from gis_core.audiences import Caller
from gis_core.layer import Audience
from layers.demo.city import demo_city

POLE = Point(107.5905, 16.4637, srid=4326)
METRES = Geod(ellps="WGS84")


def camera(**given: object) -> Camera:
    values = {"geom": POLE, "name": "C", "purpose": "traffic", "owner_type": "city", "unit_code": "19789"}
    sight = {"direction_deg": 90.0, "fov_deg": 60.0, "range_m": 80.0}
    return Camera.objects.create(**{**values, **sight, **given})


@settings(deadline=None)
@given(direction=st.floats(0, 360, exclude_max=True), fov=st.floats(1, 360), reach=st.floats(20, 2000))
@example(direction=0.0, fov=math.nextafter(360, 0), reach=20.0)  # a gap that no coordinate can show
def test_area_is_that_of_a_sector(direction: float, fov: float, reach: float) -> None:
    view = from_wkb(bytes(field_of_view(POLE, direction, fov, reach).wkb))
    area = abs(METRES.geometry_area_perimeter(view)[0])
    assert view.is_valid
    assert area == pytest.approx(math.pi * reach**2 * fov / 360, rel=0.002)


def test_it_looks_where_the_camera_looks() -> None:
    """East is 90 degrees: taken for the mathematician's angle, the view would point north."""
    view = field_of_view(POLE, 90.0, 60.0, 80.0)
    assert view.centroid.x > POLE.x
    assert view.centroid.y == pytest.approx(POLE.y, abs=1e-6)
    ahead, _, _ = METRES.fwd(POLE.x, POLE.y, 90, 79)
    assert view.contains(Point(ahead, POLE.y, srid=4326))
    behind, _, _ = METRES.fwd(POLE.x, POLE.y, 270, 5)
    assert not view.contains(Point(behind, POLE.y, srid=4326))


def test_a_round_view_holds_the_pole_within() -> None:
    assert field_of_view(POLE, 0.0, 360.0, 50.0).contains(POLE)


@pytest.mark.parametrize(("fov", "reach"), [(0, 50), (361, 50), (60, 0), (60, -1), (60, float("nan"))])
def test_impossible_sights_are_refused(fov: float, reach: float) -> None:
    with pytest.raises(ValueError, match="not"):
        field_of_view(POLE, 0.0, fov, reach)


@pytest.mark.django_db
def test_the_view_follows_whenever_the_camera_is_saved() -> None:
    made = camera()
    made.direction_deg = 270.0
    made.save(update_fields=["direction_deg"])
    made.refresh_from_db()
    assert made.view.centroid.x < POLE.x
    made.range_m = None
    made.save()
    made.refresh_from_db()
    assert made.view is None and made.view3857 is None


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"direction_deg": 360}, {"fov_deg": 0.0}, {"range_m": 6000}])
def test_registry_rules_hold_in_the_database(wrong: dict[str, float]) -> None:
    made = camera()
    with pytest.raises(IntegrityError, match="cameras_camera"), transaction.atomic():
        Camera.objects.filter(pk=made.pk).update(**wrong)


@pytest.mark.django_db
@pytest.mark.parametrize("owner", ["city", "police", "enterprise", "community", "household", "brand_new"])
def test_the_camera_of_a_home_does_not_show_the_home(owner: str) -> None:
    made = camera(owner_type=owner)
    made.refresh_from_db()
    assert made.geom_public.equals_exact(made.geom) is (owner in PUBLIC_OWNERS)


@pytest.mark.django_db
def test_passwords_are_sealed_in_the_database() -> None:
    access = CameraAccess(camera=camera(), stream_address="rtsp://cam.invalid/1", user="u")
    access.set_password("mật khẩu rất dài 1")
    access.save()
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(a)::text from cameras_cameraaccess a")
        assert "rất dài" not in cursor.fetchone()[0]
    assert CameraAccess.objects.get().password() == "mật khẩu rất dài 1"


def test_altered_or_foreign_seals_do_not_open() -> None:
    token = sealing.seal("x")
    foreign = Fernet(Fernet.generate_key()).encrypt(b"x").decode()
    for broken in (token[:-4] + "AAA=", foreign, "không phải", ""):
        with pytest.raises(sealing.SealBrokenError):
            sealing.unseal(broken)


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://admin:1@10.0.0.1/s",
        "admin:1@10.0.0.1/s",
        "http://10.0.0.1/s?user=a&PWD=b",
        "rtsp://u@10.0.0.1",
    ],
)
def test_addresses_with_credentials_are_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        without_credentials(address)
    without_credentials("rtsp://10.0.0.1:554/stream1?channel=2")


@pytest.mark.django_db
def test_the_admin_takes_a_password_and_never_shows_one() -> None:
    access = CameraAccess(camera=camera(), stream_address="rtsp://cam.invalid/1", user="u")
    form = CameraAccessForm(
        {"stream_address": "rtsp://cam.invalid/2", "user": "u", "new_password": "bí mật 9"}, instance=access
    )
    assert form.is_valid(), form.errors
    saved = form.save()
    assert saved.password() == "bí mật 9"
    page = str(CameraAccessForm(instance=saved))
    assert "bí mật 9" not in page and saved.sealed_password not in page
    kept = CameraAccessForm(
        {"stream_address": "rtsp://cam.invalid/3", "user": "u", "new_password": ""}, instance=saved
    )
    assert kept.is_valid() and kept.save().password() == "bí mật 9"
    desk = site._registry[Camera]
    for audience, takes in (("operations", True), ("land", False)):
        inlines = desk.get_inline_instances(request(audience))
        assert (CameraAccess in {inline.model for inline in inlines}) is takes, audience


def request(audience: Audience) -> object:
    """Of somebody who may do everything by Django's permissions, in a role."""
    made = RequestFactory().get("/")
    made.user = type("Everything", (), {"has_perm": lambda *_: True})()
    made.caller = Caller(audience=audience, actor="user:1")
    return made


@pytest.mark.django_db
def test_demo_cameras_have_something_to_leak() -> None:
    city = demo_city()
    assert load(city, city.rng("cameras")) == COUNT == Camera.objects.count() == CameraAccess.objects.count()
    assert not CameraAccess.objects.filter(sealed_password="").exists()
    assert not CameraAccess.objects.exclude(stream_address__contains=".invalid").exists()
    assert not Camera.objects.filter(device_model="").exists()
    assert Camera.objects.exclude(state__in=("working", "faulty")).exists()
    assert not Camera.objects.filter(view=None).exists()
    assert all("mat-khau" in access.password() for access in CameraAccess.objects.all()[:3])
