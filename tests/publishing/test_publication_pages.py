from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.delivery.outcomes import adopt
from publishing.models import Approval, HoldReason, Publication, PublishAttempt, State
from publishing.states import move
from social_accounts.networks.base import Published
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import press, publications, send, url, words

SignIn = Callable[[User], Client]


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def put(acme: Acme, publication: Publication, **fields: Any) -> None:
    with organization_open(acme.organization.pk):
        Publication.objects.filter(pk=publication.pk).update(**fields)


def approval_of(acme: Acme, publication: Publication) -> Approval:
    with organization_open(acme.organization.pk):
        return Approval.objects.get(publication=publication, answer="")


def digest_of(publication: Publication) -> str:
    return publication.sealed_digest


# -- the page ------------------------------------------------------------------------------------------------


def test_page_tells_state_attempts_and_who_vouches(acme: Acme, paul: Client) -> None:
    publication = send(acme, acme.paul, acme.news)
    now = timezone.now()
    with organization_open(acme.organization.pk):
        PublishAttempt.objects.create(
            publication=publication,
            number=1,
            started_at=now - timedelta(seconds=3),
            finished_at=now,
            outcome=PublishAttempt.Outcome.RATE_LIMITED,
            detail="Too many requests, says the server.",
            content_digest="0" * 64,
        )
    page = words(paul.get(url("publication_detail", publication.pk)))
    for told in ("Scheduled", "Attempt 1", "Told to wait", "Too many requests, says the server.", "Vouches"):
        assert told in page


def test_published_page_has_the_link_and_nothing_to_change(acme: Acme, paul: Client) -> None:
    publication = send(acme, acme.paul, acme.news)
    link = "https://sandbox.test/@acme/1"
    put(acme, publication, state=State.PUBLISHED, published_at=timezone.now(), permalink=link)
    page = words(paul.get(url("publication_detail", publication.pk)))
    assert link in page
    assert "Cancel publication" not in page
    assert f'href="{url("post_edit", publication.post_id)}"' not in page
    refused = paul.post(url("cancellation", publication.pk))
    assert refused.status_code == 422
    assert "can no longer be canceled" in words(refused)


def test_published_page_says_what_of_it_the_network_did_not_do(acme: Acme, paul: Client) -> None:
    publication = send(acme, acme.paul, acme.news)
    with organization_open(acme.organization.pk):
        move(publication, State.PUBLISHING, claimed_at=timezone.now())
        found = Published(
            remote_id="video1", permalink="https://video.test/1", shortfall="No thumbnail: too big."
        )
        assert adopt(publication, found, published_at=timezone.now(), now=timezone.now())
    page = words(paul.get(url("publication_detail", publication.pk)))
    assert "It is out, but not all of it:" in page
    assert "No thumbnail: too big." in page
    put(acme, publication, detail="")
    assert "not all of it" not in words(paul.get(url("publication_detail", publication.pk)))


def test_page_is_for_those_who_may_view_the_posts(acme: Acme, signed_in: SignIn) -> None:
    page = url("publication_detail", send(acme, acme.paul, acme.news).pk)
    guest = signed_in(acme.gus).get(page)
    assert guest.status_code == 200
    assert "Cancel publication" not in words(guest)
    assert signed_in(acme.emil).get(page).status_code == 404
    assert signed_in(acme.mallory).get(page).status_code == 404


def test_author_cancels_and_others_without_the_right_do_not(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.paul, acme.news)
    address = url("cancellation", publication.pk)
    assert signed_in(acme.gus).post(address).status_code == 403
    assert signed_in(acme.mina).post(address).status_code == 403
    assert signed_in(acme.emil).post(address).status_code == 404
    assert publications(acme)[0].state == State.SCHEDULED
    assert signed_in(acme.paul).post(address).status_code == 302
    assert publications(acme)[0].state == State.CANCELED


# -- held and unconfirmed ------------------------------------------------------------------------------------


def test_held_post_is_taken_over_by_somebody_who_may_publish(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.olga, acme.news)
    put(acme, publication, state=State.HELD, hold_reason=HoldReason.RIGHT_LOST)
    page, address = url("publication_detail", publication.pk), url("takeover", publication.pk)
    told = words(signed_in(acme.mina).get(page))
    assert "Whoever vouched for it may no longer publish here." in told and "Take it over" not in told
    sealed = {"digest": digest_of(publication)}
    assert signed_in(acme.mina).post(address, sealed).status_code == 403
    assert signed_in(acme.gus).post(address, sealed).status_code == 403
    paul = signed_in(acme.paul)
    assert "Take it over" in words(paul.get(page))
    stale = paul.post(address, {"digest": "0" * 64})
    assert stale.status_code == 422
    assert "The content changed after you opened it." in words(stale)
    assert paul.post(address, sealed).status_code == 302
    assert [(one.state, one.vouched_by) for one in publications(acme)] == [(State.SCHEDULED, acme.paul)]


def test_held_for_reconnecting_leads_to_the_profile(acme: Acme, paul: Client) -> None:
    publication = send(acme, acme.paul, acme.news)
    put(acme, publication, state=State.HELD, hold_reason=HoldReason.RECONNECT)
    page = words(paul.get(url("publication_detail", publication.pk)))
    assert "Open the profile to reconnect it" in page and "Take it over" not in page
    refused = paul.post(url("takeover", publication.pk), {"digest": digest_of(publication)})
    assert refused.status_code == 422
    assert "Reconnect the profile" in words(refused)


def test_held_posts_are_listed_for_those_who_answer_for_them(acme: Acme, paul: Client) -> None:
    publication = send(acme, acme.olga, acme.news, text="Nobody answers for me")
    put(acme, publication, state=State.HELD, hold_reason=HoldReason.RIGHT_LOST)
    assert "Nobody answers for me" in words(paul.get(url("post_list"), {"state": "held"}))


def test_unconfirmed_post_is_settled_by_what_a_person_found(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.paul, acme.news)
    put(acme, publication, state=State.UNCONFIRMED, first_sent_at=timezone.now())
    address, paul = url("resolution", publication.pk), signed_in(acme.paul)
    assert "What became of it?" in words(paul.get(url("publication_detail", publication.pk)))
    assert signed_in(acme.mina).post(address, {"finding": "there"}).status_code == 403
    nothing = paul.post(address, {})
    assert nothing.status_code == 422
    assert "Say what you found." in words(nothing)
    broken = paul.post(address, {"finding": "there", "permalink": "javascript:alert(1)"})
    assert broken.status_code == 422
    assert "That is not a link to a post." in words(broken)
    link = "https://sandbox.test/@acme/7"
    assert paul.post(address, {"finding": "there", "permalink": link}).status_code == 302
    assert [(one.state, one.permalink) for one in publications(acme)] == [(State.PUBLISHED, link)]
    assert "known already" in words(paul.post(address, {"finding": "cancel"}))


# -- approvals -----------------------------------------------------------------------------------------------


def test_request_waits_for_those_who_may_answer_it(acme: Acme, signed_in: SignIn) -> None:
    send(acme, acme.mina, acme.news, text="Please look")
    assert "Please look" in words(signed_in(acme.paul).get(url("approval_list")))
    assert "Nothing waits for you" in words(signed_in(acme.mina).get(url("approval_list")))
    assert "Please look" in words(signed_in(acme.mina).get(url("approval_list"), {"show": "asked"}))
    assert "Nothing waits for you" in words(signed_in(acme.gus).get(url("approval_list")))


def test_reviewer_approves_what_he_saw(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.mina, acme.news)
    address, paul = url("approval_detail", approval_of(acme, publication).pk), signed_in(acme.paul)
    page = words(paul.get(address))
    assert digest_of(publication) in page and "Hello, world" in page
    answer = {"answer": "approve", "digest": digest_of(publication), "note": "Fine"}
    assert paul.post(address, answer)["Location"] == url("approval_list")
    assert [(one.state, one.vouched_by) for one in publications(acme)] == [(State.SCHEDULED, acme.paul)]
    again = paul.post(address, answer)
    assert again.status_code == 422
    assert "answered or withdrawn already" in words(again)


def test_nobody_answers_his_own_request_and_moderators_none(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.paul, acme.news, asks_approval=True)
    address = url("approval_detail", approval_of(acme, publication).pk)
    answer = {"answer": "approve", "digest": digest_of(publication)}
    assert "somebody else answers it" in words(signed_in(acme.paul).get(address))
    own = signed_in(acme.paul).post(address, answer)
    assert own.status_code == 422
    assert "Nobody approves his own request." in words(own)
    assert signed_in(acme.mina).get(address).status_code == 200
    assert signed_in(acme.mina).post(address, answer).status_code == 403
    assert signed_in(acme.gus).get(address).status_code == 403
    assert signed_in(acme.emil).get(address).status_code == 404
    assert signed_in(acme.mallory).get(address).status_code == 404
    assert publications(acme)[0].state == State.WAITING


def test_content_that_changed_meanwhile_is_not_approved(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.mina, acme.news)
    shown, seen = approval_of(acme, publication), digest_of(publication)
    mina = signed_in(acme.mina)
    press(mina, "ask", acme.news, post=publication.post, version=1, text="Other", when="2027-06-01T09:00")
    refused = signed_in(acme.paul).post(
        url("approval_detail", shown.pk), {"answer": "approve", "digest": seen}
    )
    assert refused.status_code == 422
    assert "answered or withdrawn already" in words(refused)
    current = approval_of(acme, publication)
    refused = signed_in(acme.paul).post(
        url("approval_detail", current.pk), {"answer": "approve", "digest": seen, "note": "Typed"}
    )
    assert refused.status_code == 422
    page = words(refused)
    assert "The content changed after you opened it." in page and "Typed" in page and "Other" in page
    assert publications(acme)[0].state == State.WAITING


def test_declining_needs_a_note_which_the_author_sees(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.mina, acme.news)
    address, paul = url("approval_detail", approval_of(acme, publication).pk), signed_in(acme.paul)
    refused = paul.post(address, {"answer": "decline", "digest": digest_of(publication)})
    assert refused.status_code == 422
    assert "Say in a note what should change" in words(refused)
    paul.post(address, {"answer": "decline", "note": "Too loud"})
    page = words(signed_in(acme.mina).get(url("publication_detail", publication.pk)))
    assert "Not approved" in page and "Too loud" in page


def test_late_approval_is_told_before_and_held_after(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.mina, acme.news)
    approval = approval_of(acme, publication)
    past = timezone.now() - timedelta(hours=1)
    put(acme, publication, due_at=past)
    with organization_open(acme.organization.pk):
        Approval.objects.filter(pk=approval.pk).update(due_at=past, seal="")
    paul = signed_in(acme.paul)
    address = url("approval_detail", approval.pk)
    assert "Its time has passed." in words(paul.get(address))
    paul.post(address, {"answer": "approve", "digest": digest_of(publication)})
    assert [one.state for one in publications(acme)] == [State.HELD]


def test_declined_post_may_be_scheduled_as_it_is_by_who_may_publish(acme: Acme, paul: Client) -> None:
    publication = send(acme, acme.mina, acme.news)
    put(acme, publication, state=State.DECLINED)
    answer = paul.post(url("publication_move", publication.pk), {"when": "2027-06-01T09:00"})
    assert answer.status_code == 302
    assert publications(acme)[0].state == State.SCHEDULED


APPROVAL_QUERIES = 20


def test_approvals_ask_the_database_no_more_for_more_requests(
    acme: Acme, paul: Client, django_assert_num_queries: Any
) -> None:
    send(acme, acme.mina, acme.news)
    paul.get(url("approval_list"))
    with django_assert_num_queries(APPROVAL_QUERIES):
        paul.get(url("approval_list"))
    for _number in range(5):
        send(acme, acme.mina, acme.news)
    with django_assert_num_queries(APPROVAL_QUERIES):
        paul.get(url("approval_list"))
