"""Doors to mailing. A message says only "look": it may be lost, come late or come twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from notifications import keeping, mailing


@shared_task(acks_late=True)
def send_due_mails(**_unknown: object) -> None:
    mailing.send_due(now=timezone.now())


@shared_task(acks_late=True)
def forget_old_notifications(**_unknown: object) -> None:
    keeping.forget_old(now=timezone.now())
