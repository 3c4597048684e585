"""Administrative units, each as it stood in one interval of time, and what became of them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Q

from gis_core.accounts.words import spoken
from gis_core.features import Feature


class AdminUnit(Feature):
    """One unit in one interval [valid_from, valid_to); codes return after a reform, so code and start are the key.

    ``old_names`` are the names of the units that it was made of, for people; ``alias_keys`` older names still, without
    diacritics or spaces, separated by spaces, for the search alone.
    """

    class Kind(models.TextChoices):
        WARD = "phuong", "Phường"
        COMMUNE = "xa", "Xã"
        TOWNSHIP = "thi_tran", "Thị trấn"
        URBAN_DISTRICT = "quan", "Quận"
        RURAL_DISTRICT = "huyen", "Huyện"
        TOWN = "thi_xa", "Thị xã"
        CITY = "thanh_pho", "Thành phố"

    class Level(models.TextChoices):
        COMMUNE = "commune", "Cấp xã"
        DISTRICT = "district", "Cấp huyện"
        PROVINCE = "province", "Cấp tỉnh"

    geom = models.MultiPolygonField("ranh giới", srid=4326)
    code = models.CharField("mã", max_length=8)
    name = models.CharField("tên", max_length=80)
    full_name = models.CharField("tên đầy đủ", max_length=100)
    kind = models.CharField("loại", max_length=16, choices=Kind.choices)
    level = models.CharField("cấp", max_length=16, choices=Level.choices)
    parent_code = models.CharField("mã cấp trên", max_length=8, blank=True, db_default="")
    valid_from = models.DateField("hiệu lực từ")
    valid_to = models.DateField("hiệu lực đến (không gồm)", null=True, blank=True)
    boundary_source = models.CharField("nguồn ranh giới", max_length=200)
    approximate = models.BooleanField("ranh giới gần đúng", db_default=False)
    area_km2 = models.FloatField("diện tích công bố (km²)", null=True, blank=True)
    population = models.IntegerField("dân số", null=True, blank=True)
    old_names = models.TextField("tên các đơn vị cũ", blank=True, db_default="")
    alias_keys = models.TextField(blank=True, db_default="", editable=False)

    class Meta:
        verbose_name = spoken("đơn vị hành chính", "administrative unit")
        verbose_name_plural = spoken("đơn vị hành chính", "administrative units")
        ordering: ClassVar = ["level", "code", "valid_from"]
        indexes: ClassVar = [GistIndex(fields=["geom3857"], name="admin_unit_geom3857")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "level", "valid_from"], name="admin_unit_code_and_start"),
            models.UniqueConstraint(
                fields=["code", "level"], condition=Q(valid_to__isnull=True), name="admin_unit_one_current"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="admin_unit_interval_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name} ({self.code})"


class AdminSuccession(models.Model):
    """``share_area`` of the ground of unit ``old_code`` went to unit ``new_code`` on the day ``effective_on``."""

    old_code = models.CharField(spoken("mã cũ", "old code"), max_length=8)
    new_code = models.CharField(spoken("mã mới", "new code"), max_length=8)
    effective_on = models.DateField(spoken("có hiệu lực", "takes effect on"))
    share_area = models.FloatField(spoken("tỷ lệ diện tích", "share of the area"), db_default=1.0)

    class Meta:
        verbose_name = spoken("kế thừa đơn vị hành chính", "succession of units")
        verbose_name_plural = spoken("kế thừa đơn vị hành chính", "successions of units")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["old_code", "new_code", "effective_on"], name="admin_succession_once"
            ),
            models.CheckConstraint(
                condition=Q(share_area__gt=0) & Q(share_area__lte=1), name="admin_succession_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_code} → {self.new_code}"
