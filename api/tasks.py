from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from api import idempotency


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def forget_old_answers() -> None:
    idempotency.forget_old_answers(now=timezone.now())
