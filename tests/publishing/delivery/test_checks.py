from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Membership
from permissions.catalogue import Scope
from permissions.models import Role
from publishing.delivery import claiming, sending
from publishing.models import Approval, HoldReason, Publication, PublishingPause, State
from social_accounts.models import SocialProfile
from tests.cast import give
from tests.publishing.delivery.conftest import Desk


def fresh(publication: Publication) -> Publication:
    return Publication.objects.get(pk=publication.pk)


def approved(desk: Desk, publication: Publication) -> Publication:
    """Let Mina, who may review but not publish, have approved it."""
    Approval.objects.create(
        publication=publication,
        requested_by=desk.acme.paul,
        requested_at=desk.clock.now,
        content_digest=publication.sealed_digest,
        answer=Approval.Answer.APPROVED,
        answered_by=publication.vouched_by,
        answered_at=desk.clock.now,
    )
    return publication


def lose_grant(desk: Desk) -> None:
    desk.acme.news.user_grants.filter(user=desk.acme.paul).delete()


def suspend(desk: Desk) -> None:
    Membership.objects.filter(user=desk.acme.paul).update(status=Membership.Status.SUSPENDED)


def deactivate(desk: Desk) -> None:
    desk.acme.paul.is_active = False
    desk.acme.paul.save()


def demote(desk: Desk) -> None:
    lose_grant(desk)
    give(desk.acme.news, desk.acme.paul, "standard:guest")


def expire(desk: Desk) -> None:
    desk.acme.news.user_grants.filter(user=desk.acme.paul).update(expires_at=desk.clock.now)


@pytest.mark.parametrize("lose", [lose_grant, suspend, deactivate, demote, expire])
def test_a_post_whose_voucher_lost_the_right_is_held(desk: Desk, lose: Callable[[Desk], None]) -> None:
    publication = desk.write()
    lose(desk)

    desk.look()

    assert desk.network.asked("publish") == []
    assert fresh(publication).state == State.HELD
    assert fresh(publication).hold_reason == HoldReason.RIGHT_LOST
    assert AuditEvent.objects.get().action == "publication.held"


def test_a_post_nobody_vouches_for_is_held(desk: Desk) -> None:
    publication = desk.write()
    Publication.objects.update(vouched_by=None)

    desk.look()

    assert fresh(publication).hold_reason == HoldReason.RIGHT_LOST


def test_an_approval_stands_while_the_approver_may_review(desk: Desk) -> None:
    reviewer = reviewer_without_publishing(desk)
    publication = approved(desk, desk.write(vouched_by=reviewer))

    desk.look()

    assert fresh(publication).state == State.PUBLISHED


def test_a_reviewer_who_approved_nothing_is_no_voucher(desk: Desk) -> None:
    publication = desk.write(vouched_by=reviewer_without_publishing(desk))

    desk.look()

    assert fresh(publication).hold_reason == HoldReason.RIGHT_LOST


def test_an_approval_of_other_content_does_not_count(desk: Desk) -> None:
    publication = approved(desk, desk.write(vouched_by=reviewer_without_publishing(desk)))
    Approval.objects.update(content_digest="of something else")

    desk.look()

    assert fresh(publication).hold_reason == HoldReason.RIGHT_LOST


def reviewer_without_publishing(desk: Desk) -> User:
    """Return Gus with a role that reviews and does not publish."""
    permission = Permission.objects.create(
        content_type=ContentType.objects.get_for_model(Role), codename="reviewer", name="Reviewer"
    )
    Role.objects.create(
        organization=desk.acme.organization,
        permission=permission,
        scope=Scope.PROFILE.value,
        slug="reviewer",
        name="Reviewer",
        actions=["profile.view_posts", "profile.review_posts"],
    )
    desk.acme.news.user_grants.filter(user=desk.acme.gus).update(permission=permission)
    return desk.acme.gus


def test_content_that_changed_after_the_seal_is_held(desk: Desk) -> None:
    publication = desk.write()
    publication.post.text = "Doors open at ten."
    publication.post.save()

    desk.look()

    assert desk.network.asked("publish") == []
    assert fresh(publication).hold_reason == HoldReason.CHANGED


def test_a_pause_stops_claiming(desk: Desk) -> None:
    publication = desk.write()
    PublishingPause.objects.create(paused_at=desk.clock.now)

    assert desk.look() == []
    assert fresh(publication).state == State.SCHEDULED


def test_a_pause_between_claim_and_attempt_puts_it_back(desk: Desk) -> None:
    publication = desk.write()
    due = claiming.claim_due(now=desk.clock.now)
    PublishingPause.objects.create(paused_at=desk.clock.now)

    for organization_id, publication_id in due:
        sending.deliver(organization_id=organization_id, publication_id=publication_id)

    assert fresh(publication).state == State.SCHEDULED
    assert desk.attempts(publication) == []


@pytest.mark.parametrize("status", [SocialProfile.Status.NEEDS_RECONNECT, SocialProfile.Status.DISCONNECTED])
def test_a_profile_that_is_not_connected_keeps_its_queue(desk: Desk, status: str) -> None:
    publication = desk.write()
    SocialProfile.objects.filter(pk=desk.acme.news.pk).update(status=status)

    assert desk.look() == []
    assert fresh(publication).state == State.SCHEDULED


def test_a_profile_lost_between_claim_and_attempt_holds_it(desk: Desk) -> None:
    publication = desk.write()
    due = claiming.claim_due(now=desk.clock.now)
    SocialProfile.objects.filter(pk=desk.acme.news.pk).update(status=SocialProfile.Status.DISCONNECTED)

    for organization_id, publication_id in due:
        sending.deliver(organization_id=organization_id, publication_id=publication_id)

    assert fresh(publication).hold_reason == HoldReason.RECONNECT


def test_a_message_that_comes_twice_sends_once(desk: Desk) -> None:
    publication = desk.write()
    [(organization_id, publication_id)] = claiming.claim_due(now=desk.clock.now)

    for _time in range(3):
        sending.deliver(organization_id=organization_id, publication_id=publication_id)

    assert len(desk.network.asked("publish")) == 1
    assert fresh(publication).state == State.PUBLISHED


def test_a_message_that_comes_while_another_worker_sends_does_nothing(desk: Desk) -> None:
    publication = desk.write()
    ids = {"organization_id": desk.acme.organization.pk, "publication_id": publication.pk}
    desk.network.during = lambda _request: sending.deliver(**ids)

    desk.look()

    assert len(desk.network.asked("publish")) == 1
    assert fresh(publication).state == State.PUBLISHED


@pytest.mark.parametrize("state", [state for state in State if state != State.PUBLISHING])
def test_a_message_about_a_row_nobody_claimed_does_nothing(desk: Desk, state: State) -> None:
    publication = desk.write(
        state=state,
        hold_reason=HoldReason.LATE if state == State.HELD else "",
        published_at=desk.clock.now if state == State.PUBLISHED else None,
    )

    sending.deliver(organization_id=desk.acme.organization.pk, publication_id=publication.pk)

    assert fresh(publication).state == state
    assert desk.network.requests == {}


def test_a_message_about_a_deleted_row_does_nothing(desk: Desk) -> None:
    sending.deliver(organization_id=desk.acme.organization.pk, publication_id=0)

    assert desk.network.requests == {}


def test_claiming_takes_the_earliest_first_and_no_more_than_fits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from publishing.delivery import timings

    rows = [desk.write(due_in_minutes=-minutes) for minutes in (1, 3, 2)]
    monkeypatch.setattr(timings, "CLAIMS_OPEN_MAX", 2)

    claimed = [due.publication_id for due in claiming.claim_due(now=desk.clock.now)]

    assert claimed == [rows[1].pk, rows[2].pk]
    assert claiming.claim_due(now=desk.clock.now) == []


def test_the_task_of_beat_starts_one_task_for_each(desk: Desk, started: list[object]) -> None:
    from publishing.tasks import send_due_publications

    publication = desk.write()

    send_due_publications()

    ids = {"organization_id": desk.acme.organization.pk, "publication_id": publication.pk}
    assert started == [("deliver_publication", ids)]


def test_a_broker_that_is_away_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from publishing import tasks

    def fail(**_ids: object) -> None:
        raise ConnectionError("no broker")

    publication = desk.write()
    monkeypatch.setattr(tasks.deliver_publication, "delay", fail)
    with pytest.raises(ConnectionError):
        tasks.send_due_publications()
    assert fresh(publication).state == State.PUBLISHING

    desk.clock.now += timedelta(minutes=3)
    assert claiming.put_back(now=desk.clock.now) == 1
    desk.look()

    assert fresh(publication).state == State.PUBLISHED
