"""The registry of cameras, and apart from it how each is reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, urlsplit

from django.contrib.gis.db import models
from django.core.exceptions import ValidationError
from django.db.models import Q

from cameras import codes, sealing
from cameras.view import field_of_view
from gis_core.accounts.words import spoken
from gis_core.coarse import coarse_point
from gis_core.features import ScopedFeature, permuted_fid, web_mercator_of

COARSE_GRID_M = 50
EXACT = Q(owner_type__in=codes.PUBLIC_OWNERS)
SIGHT = frozenset({"geom", "direction_deg", "fov_deg", "range_m"})
CREDENTIAL_KEYS = frozenset(
    {"user", "username", "login", "pass", "password", "passwd", "pwd", "token", "auth"}
)


class Camera(ScopedFeature):
    """A camera on its pole. ``view`` follows from where it stands and looks whenever it is saved."""

    follows: ClassVar[Mapping[str, Collection[str]]] = {"view": SIGHT}

    fid = permuted_fid()
    geom = models.PointField(srid=4326)
    geom_public = coarse_point("geom", exact=EXACT, metres=COARSE_GRID_M)
    geom_public3857 = coarse_point("geom", exact=EXACT, metres=COARSE_GRID_M, srid=3857)
    view = models.PolygonField(srid=4326, null=True, blank=True, editable=False)
    view3857 = web_mercator_of("view")

    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=16, choices=codes.purpose_choices)
    owner_type = models.CharField(max_length=16, choices=codes.owner_choices)
    direction_deg = models.FloatField(
        null=True, blank=True, help_text="Độ, theo chiều kim đồng hồ từ hướng bắc"
    )
    fov_deg = models.FloatField(null=True, blank=True, help_text="Góc nhìn ngang, độ; 360 là nhìn quanh")
    range_m = models.FloatField(null=True, blank=True, help_text="Tầm nhìn, mét")
    device_model = models.CharField(max_length=80, blank=True, default="")
    must_connect = models.BooleanField(
        default=False, help_text="Bắt buộc kết nối (QĐ 1016/QĐ-UBND 14/5/2018)"
    )
    security_checked = models.BooleanField(default=False, help_text="Đã kiểm tra nguồn gốc, an toàn")
    notice_posted = models.BooleanField(default=False, help_text="Đã đặt biển báo có ghi hình")
    state = models.CharField(max_length=16, choices=codes.state_choices, default="planned")
    retention_days = models.PositiveSmallIntegerField(default=30, help_text="Số ngày lưu hình")
    source = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        verbose_name = spoken("camera", "camera")
        verbose_name_plural = spoken("camera", "cameras")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(direction_deg__gte=0, direction_deg__lt=360),
                name="cameras_camera_direction_0_to_360",
            ),
            models.CheckConstraint(
                condition=Q(fov_deg__gt=0, fov_deg__lte=360),
                name="cameras_camera_fov_to_360",
            ),
            models.CheckConstraint(
                condition=Q(range_m__gt=0, range_m__lte=5000),
                name="cameras_camera_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def settle(cls, made: Sequence[Self]) -> None:
        """The field of view that each camera has now."""
        super().settle(made)
        for camera in made:
            camera.view = camera.field_of_view()

    def field_of_view(self) -> Any:
        """The sector that the camera covers, None while its angle or reach is not known."""
        if self.fov_deg is None or self.range_m is None:
            return None
        if self.direction_deg is None and self.fov_deg < 360:
            return None
        return field_of_view(self.geom, self.direction_deg or 0.0, self.fov_deg, self.range_m)


def without_credentials(address: str) -> None:
    """Refuse an address that carries a user or a password: those have columns of their own, the password sealed."""
    parts = urlsplit(address if "://" in address else f"//{address}")
    if "@" in parts.netloc or CREDENTIAL_KEYS & {key.lower() for key in parse_qs(parts.query)}:
        raise ValidationError("Địa chỉ không được chứa tên đăng nhập hay mật khẩu")


class CameraAccess(models.Model):
    """How to reach a camera. In no layer, hence in no view, no tile, no export and no event."""

    camera = models.OneToOneField(Camera, on_delete=models.CASCADE, primary_key=True, related_name="access")
    stream_address = models.CharField(max_length=300, validators=[without_credentials])
    user = models.CharField(max_length=80, blank=True, default="")
    sealed_password = models.TextField(blank=True, default="", editable=False)

    class Meta:
        verbose_name = spoken("truy cập camera", "camera access")
        verbose_name_plural = spoken("truy cập camera", "camera accesses")

    def __str__(self) -> str:
        return f"{self.camera_id}"

    def set_password(self, password: str) -> None:
        """Seal ``password``; an empty one forgets it."""
        self.sealed_password = sealing.seal(password) if password else ""

    def password(self) -> str:
        """The password in clear, empty if there is none. For the process that opens the stream, never for a page."""
        return sealing.unseal(self.sealed_password) if self.sealed_password else ""
