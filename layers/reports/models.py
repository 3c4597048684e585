"""Field reports, and apart from them whoever sent them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import Case, F, Func, Q, Value, When

from gis_core.accounts.words import spoken
from gis_core.coarse import coarse_point
from gis_core.days import ZONE_NAME
from gis_core.features import ScopedFeature, permuted_fid
from layers.reports import codes

COARSE_GRID_M = 50
EXACT = Q(category__in=codes.EXACT_PLACE)


class HueDay(Func):
    """The calendar day of an instant in Huế. IMMUTABLE in PostgreSQL, since the time zone is a constant."""

    template = f"((%(expressions)s) AT TIME ZONE '{ZONE_NAME}')::date"
    output_field = models.DateField()


def day_of(column: str) -> models.GeneratedField:
    return models.GeneratedField(
        expression=HueDay(F(column)), output_field=models.DateField(), db_persist=True
    )


class Report(ScopedFeature):
    """What somebody saw at a place.

    Citizens get the ``*_public`` and ``*_on`` columns, which the database derives: the point and the address are
    coarse where the category is private, the commune is that of the coarse point (that of the exact one would tell
    on which side of a border it lies), and moments are cut to days. The second at which a report was filed (and the
    deadline, which is that second plus some days) would name its author to whoever saw them photograph.
    """

    fid = permuted_fid()
    geom = models.PointField(srid=4326)
    geom_public = coarse_point("geom", exact=EXACT, metres=COARSE_GRID_M)
    geom_public3857 = coarse_point("geom", exact=EXACT, metres=COARSE_GRID_M, srid=3857)

    unit_code_public = models.CharField(max_length=16, blank=True, db_default="", editable=False)

    category = models.CharField(max_length=32, choices=codes.category_choices)
    description = models.TextField(max_length=4000, help_text="Lời đăng công khai, đã bỏ thông tin cá nhân")
    address = models.CharField(max_length=300, blank=True, default="")
    address_public = models.GeneratedField(
        expression=Case(When(EXACT, then=F("address")), default=Value("")),
        output_field=models.CharField(max_length=300),
        db_persist=True,
    )
    channel = models.CharField(max_length=16, choices=codes.channel_choices, default="web")
    source = models.CharField(max_length=64, blank=True, default="")

    state = models.CharField(max_length=16, choices=codes.state_choices, default="new")
    published = models.BooleanField(default=False, help_text="Người dân được thấy (đã duyệt lời và ảnh)")
    rating = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 (rất kém) đến 5 (rất tốt)")
    staff_note = models.TextField(blank=True, default="")

    captured_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    reported_on = day_of("created_at")
    due_on = day_of("due_at")
    resolved_on = day_of("resolved_at")

    class Meta:
        verbose_name = spoken("phản ánh", "report")
        verbose_name_plural = spoken("phản ánh", "reports")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)),
                name="reports_report_rating_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fid}: {self.description[:60]}"


class ReportReporter(models.Model):
    """Who sent a report. In no layer, hence in no view, no tile, no export and no event."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, primary_key=True, related_name="reporter")
    name = models.CharField(max_length=120, blank=True, default="")
    phone = models.CharField(max_length=24, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    account = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text="Mã tài khoản, nếu đã đăng nhập",
    )

    class Meta:
        verbose_name = spoken("người phản ánh", "reporter")
        verbose_name_plural = spoken("người phản ánh", "reporters")

    def __str__(self) -> str:
        return f"{self.report_id}"
