"""Celery's doors into this app: ids in, one service call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from social_accounts.boards import merging, reading
from social_accounts.services import attempts, health
from tenancy.tasks import OrganizationTask


class NetworkTask(OrganizationTask):
    """Talks to a network, so the service opens the organization itself and holds no transaction meanwhile."""

    abstract = True
    opens_organization = False


@shared_task(base=NetworkTask, acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def check_profile(*, organization_id: int, profile_id: int) -> None:
    health.check_profile(organization_id=organization_id, profile_id=profile_id, now=timezone.now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def check_due_profiles() -> None:
    """Send one short task per profile whose connection is to be checked."""
    for organization_id, profile_id in health.claim_due_profiles(now=timezone.now()):
        check_profile.delay(organization_id=organization_id, profile_id=profile_id)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def forget_old_attempts() -> None:
    attempts.forget_old_attempts(now=timezone.now())


@shared_task(base=NetworkTask, acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def read_sections(*, organization_id: int, profile_id: int) -> None:
    reading.read_unread_sections(organization_id=organization_id, profile_id=profile_id, now=timezone.now())


@shared_task(base=NetworkTask, acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def merge_boards(*, organization_id: int, change_id: int) -> None:
    """Do one turn of a merge, and send for the next."""
    if merging.go_on(organization_id=organization_id, change_id=change_id, now=timezone.now()):
        merge_boards.delay(organization_id=organization_id, change_id=change_id)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def take_up_merges() -> None:
    """Send for a turn of each merge that nobody works on: its worker died, or the network wanted to be left alone."""
    for organization_id, change_id in merging.waiting_merges(timezone.now()):
        merge_boards.delay(organization_id=organization_id, change_id=change_id)
