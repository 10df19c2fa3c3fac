"""Celery's doors into this app: ids in, one service call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from governance.services import looking_again
from orgs.models import Organization
from tenancy.tasks import OrganizationTask


@shared_task(base=OrganizationTask, acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def look_at_assertions(*, organization_id: int) -> None:
    organization = Organization.objects.get(pk=organization_id)
    looking_again.look_again_at_due(organization=organization, now=timezone.now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def look_at_due_assertions() -> None:
    """Send one short task per organization with a rule that time may have broken."""
    for organization_id in looking_again.organizations_due(timezone.now()):
        look_at_assertions.delay(organization_id=organization_id)
