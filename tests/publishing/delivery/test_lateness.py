"""What is later than the organization lets pass is held, whatever it waited for, and a person decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from audit.models import AuditEvent
from notifications.models import Notification
from permissions.checker import Access, load_access
from permissions.errors import NotAllowed
from publishing.models import DeliverySettings, HoldReason, Publication, State
from publishing.services.delivery import (
    Finding,
    pause_publishing,
    resolve_unconfirmed,
    resume_publishing,
    take_over_held,
)
from publishing.services.handover import Wish, take_over_several
from publishing.services.lateness import hold_late_posts
from social_accounts.networks.base import LimitLevel, RateLimited
from tests.publishing.delivery.conftest import Desk

HOUR = 60


def access(desk: Desk, person: User) -> Access:
    return load_access(user=person, organization_id=desk.acme.organization.pk, at=desk.clock.now)


def fresh(publication: Publication) -> Publication:
    return Publication.objects.get(pk=publication.pk)


def held_late(desk: Desk) -> Publication:
    publication = desk.write(due_in_minutes=-3 * HOUR)
    desk.look()
    publication = fresh(publication)
    assert (publication.state, publication.hold_reason) == (State.HELD, HoldReason.TOO_LATE)
    return publication


def limit(desk: Desk, minutes: int | None) -> None:
    hold_late_posts(
        actor=access(desk, desk.acme.marc),
        organization=desk.acme.organization,
        after_minutes=minutes,
        now=desk.clock.now,
    )


def test_what_is_two_hours_late_is_held_and_those_who_may_decide_are_told(desk: Desk) -> None:
    on_time, late = desk.write(due_in_minutes=-2 * HOUR + 1), held_late(desk)

    assert fresh(on_time).state == State.PUBLISHED
    assert desk.attempts(late) == []
    assert late.held_at == desk.clock.now
    told = Notification.objects.values_list("kind", "person__name")
    assert ("post_held", "Paul Editor") in told
    assert ("post_to_take_over", "Marc Manager") in told
    assert "post_to_take_over" not in {
        kind for kind, person in told if person in ("Paul Editor", "Emil Employee")
    }


@pytest.mark.parametrize(
    ("minutes", "late_by", "goes_out"), [(15, 16, False), (1440, 600, True), (None, 9000, True)]
)
def test_the_organization_says_how_late_is_too_late(
    desk: Desk, minutes: int | None, late_by: int, goes_out: bool
) -> None:
    limit(desk, minutes)
    publication = desk.write(due_in_minutes=-late_by)

    desk.look()

    assert fresh(publication).state == (State.PUBLISHED if goes_out else State.HELD)


def test_setting_the_limit_asks_the_right_and_is_written_down(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        hold_late_posts(
            actor=access(desk, desk.acme.paul),
            organization=desk.acme.organization,
            after_minutes=None,
            now=desk.clock.now,
        )
    assert not DeliverySettings.objects.exists()

    limit(desk, None)
    limit(desk, None)

    [event] = AuditEvent.objects.filter(action="publishing.hold_late")
    assert (event.before, event.after) == ({"hold_after": "120"}, {"hold_after": "never"})


def test_the_wait_for_a_limit_of_the_network_counts(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will("publish", RateLimited(desk.clock.now + timedelta(hours=3), LimitLevel.PROFILE))
    desk.look()

    desk.clock.pass_time(hours=3)
    desk.look()

    assert fresh(publication).hold_reason == HoldReason.TOO_LATE
    assert len(desk.network.asked("publish")) == 1


def test_a_pause_counts_as_well(desk: Desk) -> None:
    marc, publication = access(desk, desk.acme.marc), desk.write()
    pause_publishing(actor=marc, organization=desk.acme.organization, now=desk.clock.now)
    desk.clock.pass_time(hours=5)
    resume_publishing(actor=marc, organization=desk.acme.organization, now=desk.clock.now)

    desk.look()

    assert fresh(publication).hold_reason == HoldReason.TOO_LATE


def test_sent_now_by_a_persons_word_it_goes_out_and_is_not_held_again(desk: Desk) -> None:
    publication = held_late(desk)

    take_over_held(
        actor=access(desk, desk.acme.marc),
        publication=publication,
        digest=publication.sealed_digest,
        now=desk.clock.now,
    )
    desk.look()

    assert fresh(publication).state == State.PUBLISHED


def test_with_a_new_time_it_goes_out_then(desk: Desk) -> None:
    publication, tomorrow = held_late(desk), desk.clock.now + timedelta(days=1)
    [outcome] = take_over_several(
        actor=access(desk, desk.acme.marc),
        wishes=[Wish(publication, publication.sealed_digest)],
        now=desk.clock.now,
        late_due_at=tomorrow,
    )
    assert outcome.problem == ""

    assert desk.look() == []
    desk.clock.now = tomorrow
    desk.look()

    assert fresh(publication).state == State.PUBLISHED


def test_who_may_not_take_over_does_not_send_it(desk: Desk) -> None:
    publication = held_late(desk)

    with pytest.raises(NotAllowed):
        take_over_held(
            actor=access(desk, desk.acme.emil),
            publication=publication,
            digest=publication.sealed_digest,
            now=desk.clock.now,
        )

    assert fresh(publication).state == State.HELD


def test_sent_again_after_nobody_knew_it_is_not_too_late(desk: Desk) -> None:
    publication = desk.write(due_in_minutes=-5 * HOUR, state=State.UNCONFIRMED)

    resolve_unconfirmed(
        actor=access(desk, desk.acme.marc),
        publication=publication,
        finding=Finding.NOT_THERE_SEND_AGAIN,
        now=desk.clock.now,
    )
    desk.look()

    assert fresh(publication).state == State.PUBLISHED


def test_what_the_network_has_already_is_not_held_for_being_late(desk: Desk) -> None:
    from social_accounts.networks.base import Processing, Published

    publication = desk.write()
    desk.network.will("publish", Processing(poll_token="[7]", check_at=desk.clock.now))
    desk.look()
    desk.network.will("poll", Published(remote_id="7", permalink=""))

    desk.clock.pass_time(hours=4)
    desk.ask()

    assert fresh(publication).state == State.PUBLISHED
