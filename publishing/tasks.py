"""Doors to delivery. A message says only "look at this row": it may be lost, come late or come twice."""

from __future__ import annotations

from celery import shared_task

from publishing.delivery import asking, claiming, following, outages, sending
from publishing.services import approval_times, import_work, repeating
from social_accounts import connections
from tenancy.tasks import OrganizationTask


@shared_task(acks_late=True)
def send_due_publications(**_unknown: object) -> None:
    """Claim what is due everywhere and start a task for each, after the claim is committed."""
    now = connections.clock()
    outages.let_one_through(now=now)
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
    """Take back what was claimed and never begun; give up attempts of dead workers; tell of networks that are down."""
    now = connections.clock()
    claiming.put_back(now=now)
    asking.reap(now=now)
    following.reap(now=now)
    outages.tell_of_outages(now=now)


@shared_task(acks_late=True)
def look_after_approvals(**_unknown: object) -> None:
    """Hold what was not approved in time, turn to somebody else where nobody answers, and remind."""
    now = connections.clock()
    for due in approval_times.missed_publications(now):
        approval_times.hold_missed(organization_id=due.organization_id, publication_id=due.pk, now=now)
    for due in approval_times.steps_to_escalate(now):
        approval_times.escalate(organization_id=due.organization_id, step_id=due.pk, now=now)
    for due in approval_times.steps_to_remind(now):
        approval_times.remind(organization_id=due.organization_id, step_id=due.pk, now=now)


@shared_task(acks_late=True)
def plan_repetitions(**_unknown: object) -> None:
    """Start a task for each post that comes again."""
    for due in repeating.running_repetitions():
        plan_repetition.delay(organization_id=due.organization_id, repetition_id=due.pk)


@shared_task(base=OrganizationTask, acks_late=True, opens_organization=False)
def plan_repetition(*, organization_id: int, repetition_id: int) -> None:
    repeating.plan_ahead(
        organization_id=organization_id, repetition_id=repetition_id, now=connections.clock()
    )


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


@shared_task(acks_late=True)
def follow_up_posts_that_are_out(**_unknown: object) -> None:
    """Start a task for each first comment, edit and deletion whose turn it is, and for each comment to look for."""
    now = connections.clock()
    for due in following.lease(now=now):
        follow_up_publication.delay(organization_id=due.organization_id, follow_up_id=due.follow_up_id)
    for due in following.lease_looks(now=now):
        look_for_comment.delay(organization_id=due.organization_id, follow_up_id=due.follow_up_id)


@shared_task(base=OrganizationTask, acks_late=True, opens_organization=False)
def follow_up_publication(*, organization_id: int, follow_up_id: int) -> None:
    following.follow_up(organization_id=organization_id, follow_up_id=follow_up_id)


@shared_task(base=OrganizationTask, acks_late=True, opens_organization=False)
def look_for_comment(*, organization_id: int, follow_up_id: int) -> None:
    following.look(organization_id=organization_id, follow_up_id=follow_up_id)


@shared_task(base=OrganizationTask, acks_late=True, opens_organization=False)
def work_on_import(*, organization_id: int, import_id: int) -> None:
    """Work for some seconds, then let others have their turn; a message that is lost is found by the next look."""
    if import_work.work_on(organization_id=organization_id, import_id=import_id):
        work_on_import.delay(organization_id=organization_id, import_id=import_id)


@shared_task(acks_late=True)
def take_up_stalled_imports(**_unknown: object) -> None:
    """Start a task for each import whose message was lost or whose worker died."""
    for due in import_work.stalled_imports(connections.clock()):
        work_on_import.delay(organization_id=due.organization_id, import_id=due.pk)
