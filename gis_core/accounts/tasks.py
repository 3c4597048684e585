"""Nightly cleaning: sessions that have ended, and sign-in attempts that nobody asks about any more."""

from __future__ import annotations

from datetime import timedelta

from axes.models import AccessAttempt, AccessLog
from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app

KEEP_SIGN_INS = timedelta(days=365)


@app.periodic(cron="17 19 * * *")  # 02:17 in Huế
@app.task(queueing_lock="forget-old-sign-ins")
def forget_old_sign_ins(timestamp: int) -> None:
    """Delete ended sessions, attempts of yesterday and the record of sign-ins older than a year."""
    now = timezone.now()
    call_command("clearsessions")
    AccessAttempt.objects.filter(attempt_time__lt=now - timedelta(days=1)).delete()
    AccessLog.objects.filter(attempt_time__lt=now - KEEP_SIGN_INS).delete()
