"""Doors to delivery. A message says only "look at this row": it may be lost, come late or come twice."""

from __future__ import annotations

from celery import shared_task

from publishing.delivery import asking, claiming, sending
from social_accounts import connections
from tenancy.tasks import OrganizationTask


@shared_task(acks_late=True)
def send_due_publications(**_unknown: object) -> None:
    """Claim what is due everywhere and start a task for each, after the claim is committed."""
    now = connections.clock()
    claiming.release_reconnected(now=now)
    for due in claiming.claim_due(now=now):
        deliver_publication.delay(organization_id=due.organization_id, publication_id=due.publication_id)


@shared_task(acks_late=True)
def ask_networks_again(**_unknown: object) -> None:
    """Start a task for each publication to poll or to read back."""
    now = connections.clock()
    for due in asking.lease_to_poll(now=now):
        poll_publication.delay(organization_id=due.organization_id, publication_id=due.publication_id)
    for due in asking.lease_to_read_back(now=now):
        read_back_publication.delay(organization_id=due.organization_id, publication_id=due.publication_id)


@shared_task(acks_late=True)
def recover_interrupted_publications(**_unknown: object) -> None:
    """Take back what was claimed and never begun; give up attempts whose worker died."""
    now = connections.clock()
    claiming.put_back(now=now)
    asking.reap(now=now)


@shared_task(base=OrganizationTask, acks_late=True, opens_organization=False)
def deliver_publication(*, organization_id: int, publication_id: int) -> None:
    """Do one step; a file of many parts is many tasks, so none of them is long and each may be lost."""
    if sending.deliver(organization_id=organization_id, publication_id=publication_id):
        deliver_publication.delay(organization_id=organization_id, publication_id=publication_id)


@shared_task(base=OrganizationTask, acks_late=True, opens_organization=False)
def poll_publication(*, organization_id: int, publication_id: int) -> None:
    asking.poll(organization_id=organization_id, publication_id=publication_id)


@shared_task(base=OrganizationTask, acks_late=True, opens_organization=False)
def read_back_publication(*, organization_id: int, publication_id: int) -> None:
    asking.read_back(organization_id=organization_id, publication_id=publication_id)
