"""What this room keeps: the runs of signed-in callers, which are theirs alone."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from gis_core.accounts.models import User
from gis_core.accounts.words import spoken


class Job(models.Model):
    """One run of a process, over when it is written.

    ``capacity`` is the audience and units that its account acted as (`Caller.key`): results of more than a caller may
    see now are not given. ``kept`` is what its results are answered from: JSON of `processes.jobs`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    capacity = models.CharField(max_length=5000)
    process = models.CharField(max_length=100)
    status = models.CharField(max_length=20)
    created = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField()
    kept = models.BinaryField()

    class Meta:
        verbose_name = spoken("lần chạy phép xử lý", "run of a process")
        verbose_name_plural = spoken("các lần chạy phép xử lý", "runs of processes")
        default_permissions = ()  # no page of the administration has them, so that none can be given
        indexes = (models.Index(fields=["account", "-created", "-id"], name="ogc_api_job_of_account"),)

    def __str__(self) -> str:
        return f"{self.process} {self.status} {self.created}"
