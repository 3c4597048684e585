"""Published layers as the administration lists them; how they are drawn is edited there (web/admin.py)."""

from __future__ import annotations

from django.db import models

from gis_core.accounts.words import spoken


class LayerStyles(models.Model):
    """A row of ``huong.published``, which the publisher writes; Django makes no table of it, only permissions."""

    layer = models.CharField(spoken("mã lớp", "layer id"), max_length=63, primary_key=True)
    declaration = models.JSONField()
    dataset = models.BooleanField(spoken("tập dữ liệu", "dataset"))

    class Meta:
        managed = False
        db_table = '"huong"."published"'
        verbose_name = spoken("kiểu hiển thị", "style")
        verbose_name_plural = spoken("kiểu hiển thị của các lớp", "styles of layers")
        ordering = ("-dataset", "layer")
        default_permissions = ("change", "view")

    def __str__(self) -> str:
        return self.layer
