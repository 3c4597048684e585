"""Where the city's data came from: one row for each import that was carried out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from gis_core.accounts.words import spoken


class ImportRun(models.Model):
    """One import, written in the transaction of its features: what has no features has no row."""

    target = models.CharField(spoken("lớp", "layer"), max_length=63, db_index=True)
    is_dataset = models.BooleanField(spoken("tập dữ liệu riêng", "a dataset"))
    mode = models.CharField(spoken("cách ghi", "way of writing"), max_length=8)
    file_name = models.CharField(spoken("tên tệp", "file name"), max_length=255)
    file_size = models.BigIntegerField(spoken("cỡ tệp (byte)", "file size (bytes)"))
    sha256 = models.CharField("SHA-256", max_length=64)
    format = models.CharField(spoken("dạng", "format"), max_length=20)
    source_layer = models.CharField(spoken("lớp trong tệp", "layer in the file"), max_length=255, blank=True)
    source = models.CharField(spoken("nguồn", "source"), max_length=200, blank=True)
    crs = models.CharField(spoken("hệ tọa độ", "CRS"), max_length=20)
    rows_read = models.IntegerField(spoken("số dòng đọc", "rows read"))
    rows_written = models.IntegerField(spoken("số dòng ghi", "rows written"))
    rows_rejected = models.IntegerField(spoken("số dòng bị loại", "rows rejected"))
    rows_repaired = models.IntegerField(spoken("số hình được sửa", "shapes repaired"))
    actor = models.CharField(spoken("người nhập", "imported by"), max_length=100)
    at = models.DateTimeField(spoken("lúc", "at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = spoken("lần nhập", "import")
        verbose_name_plural = spoken("các lần nhập", "imports")
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"{self.file_name} → {self.target}"
