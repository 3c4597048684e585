"""Invented field reports, with invented reporters whose telephone numbers cannot exist (they begin with 0000)."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from django.contrib.gis.geos import Point

from gis_core.demo import SOURCE, UNTIL, DemoCity
from layers.reports.models import Report, ReportReporter

ORDER = 60
COUNT = 600
DEADLINE = timedelta(days=7)

# category -> (share, what people write)
SAID: dict[str, tuple[float, tuple[str, ...]]] = {
    "infrastructure": (
        0.26,
        ("Nắp hố ga bị vỡ", "Vỉa hè bong gạch", "Đèn đường không sáng", "Ổ gà sâu giữa đường"),
    ),
    "environment": (0.22, ("Rác chưa được thu gom", "Nước thải chảy ra cống hở", "Cây đổ sau mưa lớn")),
    "traffic": (0.18, ("Đèn tín hiệu bị lệch pha", "Xe tải đỗ chắn lối đi", "Vạch sơn sang đường đã mờ")),
    "urban_order": (
        0.12,
        ("Hàng quán lấn hết vỉa hè", "Biển quảng cáo che tầm nhìn", "Đổ xà bần ra bãi trống"),
    ),
    "food_safety": (0.06, ("Quán bày thức ăn không che đậy", "Chợ tạm không có nước sạch")),
    "neighbourhood": (0.08, ("Hát karaoke quá khuya", "Đốt rác trong khu dân cư")),
    "security": (0.05, ("Tụ tập gây mất trật tự ban đêm", "Nghi có nhóm đánh bạc")),
    "other": (0.03, ("Đề nghị hướng dẫn thủ tục tại phường",)),
}
OPEN_STATES = (
    "new",
    "checking",
    "needs_info",
    "assigned",
    "transferred",
    "in_progress",
    "paused",
    "reopened",
)
DONE_STATES = ("resolved", "closed", "rejected", "duplicate")
CHANNELS = ("app", "web", "hotline", "zalo", "facebook", "email", "sms", "officer")
FAMILY = ("Nguyễn", "Trần", "Lê", "Phan", "Hồ", "Tôn Thất", "Hoàng")
GIVEN = ("An", "Bình", "Châu", "Diệu", "Hương", "Khánh", "Lộc", "Minh", "Thảo", "Vinh")


def load(city: DemoCity, rng: np.random.Generator) -> int:
    """Write `COUNT` reports of the 120 days before `UNTIL`, each with its reporter.

    Denser where communes are small, that is in town. Each is saved by itself: the database gives the identity that
    the reporter's row needs.
    """
    categories = list(SAID)
    shares = np.array([SAID[name][0] for name in categories])
    density = np.array([1 / max(unit.polygon.area, 1e-4) for unit in city.units])
    reporters = []
    for n in range(COUNT):
        unit = city.units[int(rng.choice(len(city.units), p=density / density.sum()))]
        category = categories[int(rng.choice(len(categories), p=shares / shares.sum()))]
        lon, lat = city.point_near(unit, rng)
        report = Report(
            geom=Point(lon, lat, srid=4326),
            unit_code=unit.code,
            category=category,
            description=f"{rng.choice(SAID[category][1])} (dữ liệu minh họa)",
            address=f"Gần nhà số {int(rng.integers(1, 300))}, {unit.full_name}",
            channel=str(rng.choice(CHANNELS)),
            source=SOURCE,
            staff_note=f"Ghi chú nội bộ số {n + 1}",
        )
        handle(report, rng)
        report.save()
        reporters.append(reporter_of(report, rng))
    ReportReporter.objects.bulk_create(reporters)
    return COUNT


def handle(report: Report, rng: np.random.Generator) -> None:
    """Give ``report`` a history: the older it is, the likelier it is done; what is new is rarely published yet."""
    age = timedelta(minutes=int(rng.integers(30, 120 * 24 * 60)))
    report.created_at = UNTIL - age
    report.captured_at = report.created_at - timedelta(minutes=int(rng.integers(1, 90)))
    report.due_at = report.created_at + DEADLINE
    done = rng.random() < (0.92 if age > DEADLINE else 0.35)
    report.state = str(rng.choice(DONE_STATES, p=(0.4, 0.45, 0.1, 0.05)) if done else rng.choice(OPEN_STATES))
    if done:
        report.resolved_at = report.created_at + age * float(rng.uniform(0.02, 0.9)) / max(
            1.0, age / (2 * DEADLINE)
        )
        report.rating = int(rng.integers(1, 6)) if rng.random() < 0.6 else None
    report.published = bool(rng.random() < (0.15 if report.state == "new" else 0.85))


def reporter_of(report: Report, rng: np.random.Generator) -> ReportReporter:
    name = f"{rng.choice(FAMILY)} {rng.choice(GIVEN)}"
    number = int(rng.integers(0, 1_000_000))
    return ReportReporter(
        report=report,
        name=f"{name} (minh họa)",
        phone=f"0000{number:06d}",
        email=f"nguoi.dan.{number:06d}@example.invalid",
        account=f"demo-{number:06d}",
    )
