"""Celery's doors into this app: ids in, one service call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from orgs.services import expiry, view_as
from tenancy.tasks import OrganizationTask


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def announce_ends(**_unknown: object) -> None:
    """Start one short task per organization in which access ends soon."""
    for organization_id in expiry.organizations_with_ends(now=timezone.now()):
        announce_ends_in.delay(organization_id=organization_id)


@shared_task(base=OrganizationTask, acks_late=True, ignore_result=True, opens_organization=False)  # type: ignore[untyped-decorator]
def announce_ends_in(*, organization_id: int) -> None:
    expiry.announce_ends(organization_id=organization_id, now=timezone.now())


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def end_overdue_views(**_unknown: object) -> None:
    """Record the end of every look as somebody else whose time is over."""
    view_as.end_overdue_views(now=timezone.now())
