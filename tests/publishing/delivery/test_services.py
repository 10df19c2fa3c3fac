from __future__ import annotations

import pytest

from accounts.models import User
from audit.models import AuditEvent
from audit.services import verify_chain
from permissions.checker import Access, load_access
from permissions.errors import NotAllowed
from publishing.models import HoldReason, Publication, PublishingPause, State
from publishing.services.delivery import (
    CannotResolve,
    CannotTakeOver,
    Finding,
    pause_publishing,
    resolve_unconfirmed,
    resume_publishing,
    take_over_held,
)
from social_accounts.networks.base import OutcomeUnknown, Published
from tests.publishing.delivery.conftest import Desk


def access(desk: Desk, person: User) -> Access:
    return load_access(user=person, organization_id=desk.acme.organization.pk, at=desk.clock.now)


def fresh(publication: Publication) -> Publication:
    return Publication.objects.get(pk=publication.pk)


def in_doubt(desk: Desk, *, is_settled: bool = True) -> Publication:
    """Return a publication whose answer was lost; ``is_settled``: and that was looked for in vain."""
    publication = desk.write()
    desk.network.will("publish", OutcomeUnknown("no proper answer"))
    desk.look()
    if is_settled:
        Publication.objects.filter(pk=publication.pk).update(not_before=None, read_back_count=3)
    return fresh(publication)


# --- pausing ------------------------------------------------------------


def test_pausing_stops_everything_until_it_is_resumed(desk: Desk) -> None:
    publication = desk.write()
    organization, marc = desk.acme.organization, access(desk, desk.acme.marc)

    pause_publishing(actor=marc, organization=organization, now=desk.clock.now, reason="A storm.")
    pause_publishing(actor=marc, organization=organization, now=desk.clock.now)
    assert desk.look() == []
    resume_publishing(actor=marc, organization=organization, now=desk.clock.now)
    resume_publishing(actor=marc, organization=organization, now=desk.clock.now)
    desk.look()

    assert fresh(publication).state == State.PUBLISHED
    actions = list(AuditEvent.objects.order_by("sequence").values_list("action", "reason"))
    assert actions[:2] == [("publishing.pause", "A storm."), ("publishing.resume", "")]
    assert len(actions) == 3
    assert list(verify_chain()) == []


def test_pausing_refuses_who_may_not(desk: Desk) -> None:
    organization, paul = desk.acme.organization, access(desk, desk.acme.paul)

    with pytest.raises(NotAllowed):
        pause_publishing(actor=paul, organization=organization, now=desk.clock.now)
    PublishingPause.objects.create(paused_at=desk.clock.now)
    with pytest.raises(NotAllowed):
        resume_publishing(actor=paul, organization=organization, now=desk.clock.now)

    assert PublishingPause.objects.exists()


# --- what only a person can tell ------------------------------------------------------------


def test_a_person_may_say_it_is_there(desk: Desk) -> None:
    publication = in_doubt(desk, is_settled=False)

    resolve_unconfirmed(
        actor=access(desk, desk.acme.paul),
        publication=publication,
        finding=Finding.THERE,
        permalink=" https://sandbox.test/@acme-news/5 ",
        now=desk.clock.now,
    )

    publication = fresh(publication)
    assert publication.state == State.PUBLISHED
    assert publication.permalink == "https://sandbox.test/@acme-news/5"
    assert AuditEvent.objects.latest("sequence").actor_id == desk.acme.paul.pk


def test_a_person_may_say_it_is_not_there_and_send_it_again(desk: Desk) -> None:
    publication = in_doubt(desk)
    desk.network.will("publish", Published(remote_id="42", permalink=""))

    resolve_unconfirmed(
        actor=access(desk, desk.acme.marc),
        publication=publication,
        finding=Finding.NOT_THERE_SEND_AGAIN,
        now=desk.clock.now,
    )
    desk.look()

    assert fresh(publication).state == State.PUBLISHED
    assert fresh(publication).vouched_by == desk.acme.marc
    first, second = desk.network.asked("publish")
    assert (first.key, first.created_at) == (second.key, second.created_at)


def test_a_person_may_say_it_is_not_there_and_leave_it(desk: Desk) -> None:
    publication = in_doubt(desk)

    resolve_unconfirmed(
        actor=access(desk, desk.acme.paul),
        publication=publication,
        finding=Finding.NOT_THERE_CANCEL,
        now=desk.clock.now,
    )

    assert fresh(publication).state == State.CANCELED


@pytest.mark.parametrize("finding", [Finding.NOT_THERE_SEND_AGAIN, Finding.NOT_THERE_CANCEL])
def test_nobody_says_it_is_not_there_while_we_look(desk: Desk, finding: Finding) -> None:
    publication = in_doubt(desk, is_settled=False)

    with pytest.raises(CannotResolve):
        resolve_unconfirmed(
            actor=access(desk, desk.acme.paul), publication=publication, finding=finding, now=desk.clock.now
        )

    assert fresh(publication).state == State.UNCONFIRMED


@pytest.mark.parametrize("link", ["javascript:alert(1)", "sandbox.test/5", "https://"])
def test_a_finding_takes_only_links_of_the_web(desk: Desk, link: str) -> None:
    publication = in_doubt(desk)

    with pytest.raises(CannotResolve):
        resolve_unconfirmed(
            actor=access(desk, desk.acme.paul),
            publication=publication,
            finding=Finding.THERE,
            permalink=link,
            now=desk.clock.now,
        )

    assert fresh(publication).state == State.UNCONFIRMED


@pytest.mark.parametrize("finding", list(Finding))
def test_resolving_refuses_who_may_not(desk: Desk, finding: Finding) -> None:
    publication = in_doubt(desk)

    with pytest.raises(NotAllowed):
        resolve_unconfirmed(
            actor=access(desk, desk.acme.mina), publication=publication, finding=finding, now=desk.clock.now
        )

    assert fresh(publication).state == State.UNCONFIRMED


def test_resolving_refuses_what_is_no_longer_in_doubt(desk: Desk) -> None:
    publication = in_doubt(desk)
    paul = access(desk, desk.acme.paul)
    resolve_unconfirmed(actor=paul, publication=publication, finding=Finding.THERE, now=desk.clock.now)

    with pytest.raises(CannotResolve):
        resolve_unconfirmed(
            actor=paul, publication=publication, finding=Finding.NOT_THERE_SEND_AGAIN, now=desk.clock.now
        )


# --- taking over ------------------------------------------------------------


def held(desk: Desk) -> Publication:
    """Return a publication of Paul's, who may no longer publish."""
    publication = desk.write()
    desk.acme.news.user_grants.filter(user=desk.acme.paul).delete()
    desk.look()
    return fresh(publication)


def test_a_successor_answers_for_a_held_post(desk: Desk) -> None:
    publication = held(desk)

    take_over_held(
        actor=access(desk, desk.acme.marc),
        publication=publication,
        digest=publication.sealed_digest,
        now=desk.clock.now,
    )
    desk.look()

    assert fresh(publication).state == State.PUBLISHED
    assert fresh(publication).vouched_by == desk.acme.marc
    assert "publication.take_over" in AuditEvent.objects.values_list("action", flat=True)


def test_taking_over_refuses_who_may_not(desk: Desk) -> None:
    publication = held(desk)

    for person in (desk.acme.paul, desk.acme.mina, desk.acme.gus):
        with pytest.raises(NotAllowed):
            take_over_held(
                actor=access(desk, person),
                publication=publication,
                digest=publication.sealed_digest,
                now=desk.clock.now,
            )

    assert fresh(publication).state == State.HELD


def test_taking_over_refuses_content_nobody_was_shown(desk: Desk) -> None:
    publication = held(desk)

    with pytest.raises(CannotTakeOver):
        take_over_held(
            actor=access(desk, desk.acme.marc),
            publication=publication,
            digest="of something else",
            now=desk.clock.now,
        )


@pytest.mark.parametrize(("state", "reason"), [(State.SCHEDULED, ""), (State.HELD, HoldReason.RECONNECT)])
def test_taking_over_refuses_what_waits_for_nobody(desk: Desk, state: State, reason: str) -> None:
    publication = desk.write(state=state, hold_reason=reason)

    with pytest.raises(CannotTakeOver):
        take_over_held(
            actor=access(desk, desk.acme.marc),
            publication=publication,
            digest=publication.sealed_digest,
            now=desk.clock.now,
        )
