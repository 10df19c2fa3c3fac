"""Doors to collecting. A message says only "look at this profile": it may be lost, come late or come twice."""

from __future__ import annotations

from celery import shared_task

from reporting import collecting
from social_accounts import connections
from tenancy.tasks import OrganizationTask


@shared_task(acks_late=True)
def collect_due_metrics(**_unknown: object) -> None:
    """Start a task for each profile with posts to be asked about."""
    now = connections.clock()
    collecting.plan_new(now=now)
    for due in collecting.lease_due(now=now):
        collect_metrics.delay(organization_id=due.organization_id, profile_id=due.profile_id)


@shared_task(base=OrganizationTask, acks_late=True, opens_organization=False)
def collect_metrics(*, organization_id: int, profile_id: int) -> None:
    collecting.collect(organization_id=organization_id, profile_id=profile_id)
