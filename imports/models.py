"""Where the city's data came from: one row for each import that was carried out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class ImportRun(models.Model):
    """One import, written in the transaction of its features: what has no features has no row."""

    target = models.CharField("lớp", max_length=63, db_index=True)
    is_dataset = models.BooleanField("tập dữ liệu riêng")
    mode = models.CharField("cách ghi", max_length=8)
    file_name = models.CharField("tên tệp", max_length=255)
    file_size = models.BigIntegerField("cỡ tệp (byte)")
    sha256 = models.CharField("SHA-256", max_length=64)
    format = models.CharField("dạng", max_length=20)
    source_layer = models.CharField("lớp trong tệp", max_length=255, blank=True)
    source = models.CharField("nguồn", max_length=200, blank=True)
    crs = models.CharField("hệ tọa độ", max_length=20)
    rows_read = models.IntegerField("số dòng đọc")
    rows_written = models.IntegerField("số dòng ghi")
    rows_rejected = models.IntegerField("số dòng bị loại")
    rows_repaired = models.IntegerField("số hình được sửa")
    actor = models.CharField("người nhập", max_length=100)
    at = models.DateTimeField("lúc", db_default=Now(), editable=False)

    class Meta:
        verbose_name = "lần nhập"
        verbose_name_plural = "các lần nhập"
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"{self.file_name} → {self.target}"
