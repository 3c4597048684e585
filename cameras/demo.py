"""Invented cameras with invented, unreachable stream addresses."""

from __future__ import annotations

import numpy as np
from django.contrib.gis.geos import Point

from cameras.models import Camera, CameraAccess
from gis_core.demo import SOURCE, DemoCity

ORDER = 50
COUNT = 120
PURPOSES = ("traffic", "security", "flood", "environment", "fire", "heritage")
OWNERS = ("city", "police", "enterprise", "community", "household")
STATES = ("working", "faulty", "planned", "retired")
MODELS = ("Mẫu A-2 (minh họa)", "Mẫu B-4K (minh họa)", "Mẫu C-360 (minh họa)")


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write `COUNT` cameras, most of them in town, each with its access apart.

    Each is saved by itself: the database gives the identity that the access needs.
    """
    density = np.array([1 / max(unit.polygon.area, 1e-4) for unit in city.units])
    accesses = []
    for n in range(1, COUNT + 1):
        unit = city.units[int(rng.choice(len(city.units), p=density / density.sum()))]
        camera = invented_camera(n, city.point_near(unit, rng), rng)
        camera.name = f"Camera {n:03d} {unit.name}"
        camera.unit_code = unit.code
        camera.save()
        accesses.append(invented_access(camera, n))
    CameraAccess.objects.bulk_create(accesses)
    return COUNT


def invented_camera(n: int, place: tuple[float, float], rng: np.random.Generator) -> Camera:
    round_view = rng.random() < 0.1
    owner = str(rng.choice(OWNERS, p=(0.4, 0.2, 0.15, 0.1, 0.15)))
    return Camera(
        geom=Point(place, srid=4326),
        purpose=str(rng.choice(PURPOSES, p=(0.4, 0.25, 0.12, 0.08, 0.05, 0.1))),
        owner_type=owner,
        direction_deg=None if round_view else float(rng.integers(0, 360)),
        fov_deg=360.0 if round_view else float(rng.choice((50, 65, 80, 100))),
        range_m=float(rng.choice((30, 50, 80, 120))),
        device_model=str(rng.choice(MODELS)),
        must_connect=owner in ("city", "police"),
        security_checked=bool(rng.random() < 0.8),
        notice_posted=bool(rng.random() < 0.7),
        state=str(rng.choice(STATES, p=(0.78, 0.1, 0.07, 0.05))),
        retention_days=int(rng.choice((15, 30, 90))),
        source=SOURCE,
    )


def invented_access(camera: Camera, n: int) -> CameraAccess:
    access = CameraAccess(
        camera=camera, stream_address=f"rtsp://cam-{n:03d}.invalid:554/stream1", user=f"viewer{n:03d}"
    )
    access.set_password(f"mat-khau-minh-hoa-{n:03d}")
    return access
