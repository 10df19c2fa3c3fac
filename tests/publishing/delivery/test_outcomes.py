from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from audit.models import AuditEvent
from publishing.delivery import timings
from publishing.models import (
    ApplicationRateLimit,
    HoldReason,
    ProfileRateLimit,
    Publication,
    State,
)
from social_accounts.models import SocialProfile
from social_accounts.networks.base import (
    CredentialsExpired,
    LimitLevel,
    NotSent,
    OutcomeUnknown,
    Processing,
    Published,
    RateLimited,
    Rejected,
    RejectionReason,
)
from tests.cast import make_profile
from tests.mails import mail_due
from tests.publishing.delivery.conftest import Desk

# Who may reconnect, and the author: once each, however many posts wait.
WHO_IS_TOLD = ["marc@acme.test", "olga@acme.test", "paul@acme.test"]
PUBLISHED = Published(remote_id="42", permalink="https://sandbox.test/@acme-news/42")


def fresh(publication: Publication) -> Publication:
    return Publication.objects.get(pk=publication.pk)


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))


def test_a_due_publication_goes_out_with_its_link(desk: Desk) -> None:
    publication = desk.write()

    desk.look()

    publication = fresh(publication)
    assert publication.state == State.PUBLISHED
    assert publication.remote_id == "42"
    assert publication.permalink == "https://sandbox.test/@acme-news/42"
    assert publication.published_at == desk.clock.now
    assert publication.claimed_at is None
    assert desk.attempts(publication) == [("publish", "published")]
    assert actions() == ["publication.published"]
    assert mail.outbox == []


def test_the_request_carries_the_key_and_a_fixed_time(desk: Desk) -> None:
    publication = desk.write()
    begun = desk.clock.now
    desk.network.will("publish", NotSent("sandbox.test cannot be reached."), PUBLISHED)

    desk.look()
    desk.clock.pass_time(minutes=5)
    desk.look()

    first, second = desk.network.asked("publish")
    assert first.key == second.key == publication.key.hex
    assert first.created_at == second.created_at == begun
    assert second.content.text == "Doors open at nine."
    assert fresh(publication).state == State.PUBLISHED


def test_a_post_that_is_not_due_stays(desk: Desk) -> None:
    publication = desk.write(due_in_minutes=1)

    assert desk.look() == []
    assert fresh(publication).state == State.SCHEDULED


def test_a_link_that_is_no_web_address_is_not_kept(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will("publish", Published(remote_id="42", permalink="javascript:alert(1)"))

    desk.look()

    assert fresh(publication).permalink == ""
    assert fresh(publication).state == State.PUBLISHED


def test_a_refusal_ends_it_with_the_networks_words_and_a_mail(
    desk: Desk, django_capture_on_commit_callbacks: object
) -> None:
    publication = desk.write()
    desk.network.will("publish", Rejected(RejectionReason.POLICY, "This content is not allowed here."))

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        desk.look()

    publication = fresh(publication)
    assert publication.state == State.REJECTED
    assert publication.detail == "This content is not allowed here."
    mail_due()
    assert [message.to for message in mail.outbox] == [[desk.acme.paul.email]]
    assert "This content is not allowed here." in mail.outbox[0].body
    assert actions() == ["publication.rejected"]


def test_the_mail_is_in_the_language_its_author_speaks_when_it_goes_out(desk: Desk) -> None:
    desk.write()
    desk.network.will("publish", Rejected(RejectionReason.POLICY, "No."))
    desk.look()
    desk.acme.paul.language = "fr"
    desk.acme.paul.save()

    mail_due()

    assert mail.outbox[0].subject.endswith("votre post n’est pas parti")
    assert "Profil" in mail.outbox[0].body


def test_a_mail_server_that_is_away_changes_no_outcome(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: EmailBackend) -> None:
        raise ConnectionRefusedError("no mail server")

    publication = desk.write()
    desk.network.will("publish", Rejected(RejectionReason.POLICY, "No."))
    with monkeypatch.context() as away:
        away.setattr(EmailBackend, "open", refuse)
        desk.look()
        assert mail_due() == 0

    assert fresh(publication).state == State.REJECTED
    assert mail_due() == 1


def test_a_limit_of_the_profile_stops_that_profile_alone(desk: Desk) -> None:
    limited, other = desk.write(desk.acme.news), desk.write(desk.acme.quiet)
    until = desk.clock.now + timedelta(minutes=5)
    desk.network.will(
        "publish", RateLimited(until, LimitLevel.PROFILE), Published(remote_id="43", permalink="")
    )

    desk.look()

    assert fresh(limited).state == State.SCHEDULED
    assert fresh(limited).not_before == until
    assert fresh(other).state == State.PUBLISHED
    assert ProfileRateLimit.objects.get().profile == desk.acme.news
    next_one = desk.write(desk.acme.news)
    assert desk.look() == []
    desk.clock.pass_time(minutes=5, seconds=1)
    assert sorted(desk.look()) == sorted([limited.pk, next_one.pk])


def test_a_limit_of_the_application_stops_every_profile_of_that_server(desk: Desk) -> None:
    elsewhere = make_profile(desk.acme.organization, "elsewhere", server="https://other.test")
    desk.connect(elsewhere)
    limited = desk.write(desk.acme.news)
    until = desk.clock.now + timedelta(minutes=5)
    desk.network.will("publish", RateLimited(until, LimitLevel.APPLICATION), PUBLISHED)
    desk.look()

    same_server, other_server = desk.write(desk.acme.quiet), desk.write(elsewhere)
    other_network = desk.write(desk.acme.sky)

    assert sorted(desk.look()) == sorted([other_server.pk, other_network.pk])
    assert fresh(same_server).state == fresh(limited).state == State.SCHEDULED
    assert ApplicationRateLimit.objects.get().server == "https://sandbox.test"


def test_an_absurd_waiting_time_is_cut_to_a_day(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will("publish", RateLimited(desk.clock.now + timedelta(days=400), LimitLevel.PROFILE))

    desk.look()

    assert fresh(publication).not_before == desk.clock.now + timedelta(days=1)


def test_a_dead_connection_holds_the_queue_until_it_is_renewed(
    desk: Desk, django_capture_on_commit_callbacks: object
) -> None:
    first = desk.write()
    desk.network.will("publish", CredentialsExpired("sandbox.test no longer accepts this connection."))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        desk.look()
    assert fresh(first).state == State.HELD
    assert fresh(first).hold_reason == HoldReason.RECONNECT
    desk.acme.news.refresh_from_db()
    assert desk.acme.news.status == SocialProfile.Status.NEEDS_RECONNECT
    mail_due()
    assert sorted(message.to[0] for message in mail.outbox) == WHO_IS_TOLD

    second = desk.write()
    assert desk.look() == []
    assert fresh(second).state == State.SCHEDULED

    desk.connect(desk.acme.news)
    desk.network.will("publish", PUBLISHED, Published(remote_id="43", permalink=""))
    assert sorted(desk.look()) == [first.pk, second.pk]
    assert fresh(first).state == fresh(second).state == State.PUBLISHED
    assert fresh(first).hold_reason == ""


def test_one_mail_tells_of_a_dead_connection(desk: Desk, django_capture_on_commit_callbacks: object) -> None:
    desk.write(), desk.write()
    desk.network.will("publish", CredentialsExpired("gone"))
    from publishing.delivery import claiming, sending

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        calls = [
            sending.begin(organization_id=due[0], publication_id=due[1], now=desk.clock.now)
            for due in claiming.claim_due(now=desk.clock.now)
        ]
        for call in calls:
            assert call is not None
            sending.settle(call, CredentialsExpired("gone"))

    mail_due()
    assert sorted(message.to[0] for message in mail.outbox) == WHO_IS_TOLD


def test_what_was_not_sent_is_tried_again_later_and_later(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will("publish", NotSent("sandbox.test cannot be reached."))
    waits = []

    while fresh(publication).state == State.SCHEDULED:
        desk.look()
        waiting = fresh(publication)
        if waiting.state == State.SCHEDULED:
            assert waiting.not_before is not None
            waits.append((waiting.not_before - desk.clock.now).total_seconds())
            desk.clock.now = waiting.not_before

    assert len(waits) == timings.NOT_SENT_TRIES - 1
    assert waits[0] >= timings.NOT_SENT_FIRST_WAIT_SECONDS
    assert all(later >= earlier for earlier, later in pairwise(waits[:6]))
    assert max(waits) <= timings.NOT_SENT_WAIT_MAX_SECONDS * 1.25
    assert fresh(publication).state == State.REJECTED
    assert fresh(publication).detail == "sandbox.test cannot be reached."


def test_a_lost_answer_makes_it_unconfirmed_and_never_sends_again(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will("publish", OutcomeUnknown("no proper answer"))

    desk.look()
    desk.clock.pass_time(hours=1)
    desk.look()

    assert fresh(publication).state == State.UNCONFIRMED
    assert len(desk.network.asked("publish")) == 1
    assert actions() == ["publication.unconfirmed"]


def test_a_fault_of_our_own_while_sending_counts_as_a_lost_answer(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will("publish", KeyError("id"))

    with pytest.raises(KeyError):
        desk.look()

    assert fresh(publication).state == State.UNCONFIRMED


def test_a_fault_of_our_own_before_sending_counts_as_not_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from social_accounts import vault

    def fail(**_ids: object) -> None:
        raise RuntimeError("no keys")

    publication = desk.write()
    monkeypatch.setattr(vault, "credentials_in_hand", lambda *_: None)  # they must be refreshed
    monkeypatch.setattr(vault, "fresh_credentials", fail)

    with pytest.raises(RuntimeError):
        desk.look()

    assert fresh(publication).state == State.SCHEDULED
    assert desk.network.asked("publish") == []


def test_a_lost_refresh_counts_as_not_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from social_accounts import vault

    def lose(**_ids: object) -> None:
        raise OutcomeUnknown("the refresh was lost")

    publication = desk.write()
    monkeypatch.setattr(vault, "credentials_in_hand", lambda *_: None)  # they must be refreshed
    monkeypatch.setattr(vault, "fresh_credentials", lose)

    desk.look()

    assert fresh(publication).state == State.SCHEDULED
    assert desk.attempts(publication) == [("publish", "not_sent")]


def test_a_send_that_comes_too_late_is_called_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from social_accounts import vault

    def slow(**_ids: object) -> object:
        desk.clock.pass_time(seconds=timings.SEND_WITHIN_SECONDS + 1)
        return object()

    publication = desk.write()
    monkeypatch.setattr(vault, "credentials_in_hand", lambda *_: None)  # they must be refreshed
    monkeypatch.setattr(vault, "fresh_credentials", slow)

    desk.look()

    assert desk.network.asked("publish") == []
    assert fresh(publication).state == State.SCHEDULED


def test_a_duplicate_after_a_lost_answer_is_looked_for(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will(
        "publish", OutcomeUnknown("lost"), Rejected(RejectionReason.DUPLICATE, "You said that already.")
    )
    desk.look()
    Publication.objects.filter(pk=publication.pk).update(state=State.SCHEDULED, not_before=None)

    desk.look()

    assert fresh(publication).state == State.UNCONFIRMED


def test_a_plain_duplicate_is_a_refusal(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will("publish", Rejected(RejectionReason.DUPLICATE, "You said that already."))

    desk.look()

    assert fresh(publication).state == State.REJECTED


def test_a_mended_post_after_a_refusal_is_a_new_post(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will("publish", Rejected(RejectionReason.TOO_LONG, "too long"), PUBLISHED)
    desk.look()
    desk.clock.pass_time(days=7)
    Publication.objects.filter(pk=publication.pk).update(state=State.SCHEDULED, due_at=desk.clock.now)

    desk.look()

    assert desk.network.asked("publish")[1].created_at == desk.clock.now


def test_a_post_of_another_publication_is_not_adopted(desk: Desk) -> None:
    first, second = desk.write(), desk.write()

    desk.look()

    states = {fresh(first).state, fresh(second).state}
    assert states == {State.PUBLISHED, State.UNCONFIRMED}


# --- processing ---------------------------------------------------------------------------------------------------


def test_processing_is_polled_until_it_is_published(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will("publish", Processing(poll_token="[7]", check_at=desk.clock.now + timedelta(seconds=5)))
    desk.network.will(
        "poll", Processing(poll_token="[8]", check_at=desk.clock.now + timedelta(seconds=15)), PUBLISHED
    )
    desk.look()
    assert fresh(publication).state == State.PROCESSING
    assert fresh(publication).poll_token == "[7]"

    desk.clock.pass_time(seconds=10)
    desk.ask()
    assert fresh(publication).poll_token == "[8]"
    desk.clock.pass_time(minutes=1)
    desk.ask()

    assert fresh(publication).state == State.PUBLISHED
    assert desk.attempts(publication) == [
        ("publish", "processing"),
        ("poll", "processing"),
        ("poll", "published"),
    ]


def test_processing_that_never_ends_becomes_unconfirmed(desk: Desk) -> None:
    publication = desk.write()
    ever = Processing(poll_token="[7]", check_at=desk.clock.now)
    desk.network.will("publish", ever)
    desk.network.will("poll", ever)
    desk.look()

    desk.clock.pass_time(seconds=timings.POLL_GIVE_UP_SECONDS + 1)
    desk.ask()

    assert fresh(publication).state == State.UNCONFIRMED


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Rejected(RejectionReason.MEDIA_INVALID, "not a picture"), State.REJECTED),
        (OutcomeUnknown("lost"), State.UNCONFIRMED),
        (NotSent("cannot be reached"), State.PROCESSING),
        (CredentialsExpired("gone"), State.PROCESSING),
    ],
)
def test_a_poll_that_fails_lands_in_its_state(desk: Desk, error: Exception, state: State) -> None:
    publication = desk.write()
    desk.network.will("publish", Processing(poll_token="[7]", check_at=desk.clock.now))
    desk.network.will("poll", error)
    desk.look()

    desk.clock.pass_time(minutes=1)
    desk.ask()

    assert fresh(publication).state == state
    if state == State.PROCESSING:
        assert fresh(publication).not_before > desk.clock.now  # type: ignore[operator]


def test_a_poll_without_a_voucher_stops_and_asks(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will("publish", Processing(poll_token="[7]", check_at=desk.clock.now))
    desk.look()
    desk.acme.news.user_grants.filter(user=desk.acme.paul).delete()

    desk.clock.pass_time(minutes=1)
    desk.ask()

    assert desk.network.asked("poll") == []
    assert fresh(publication).state == State.UNCONFIRMED
