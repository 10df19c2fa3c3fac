"""One screen for what nobody answers for any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import HoldReason, Publication, State
from publishing.selectors.handover import queued_without_voucher
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import LOCAL, send, url, words

SignIn = Callable[[User], Client]


def hold(acme: Acme, *publications: Publication, reason: str = HoldReason.RIGHT_LOST) -> None:
    with organization_open(acme.organization.pk):
        Publication.objects.filter(pk__in=[one.pk for one in publications]).update(
            state=State.HELD, hold_reason=reason
        )


def ticked(*publications: Publication, **more: str) -> dict[str, object]:
    digests = {f"digest_{one.pk}": one.sealed_digest for one in publications}
    return {"publication": [one.pk for one in publications], **digests, **more}


def state(acme: Acme, publication: Publication) -> tuple[str, User | None]:
    with organization_open(acme.organization.pk):
        found = Publication.objects.select_related("vouched_by").get(pk=publication.pk)
    return found.state, found.vouched_by


def test_several_are_taken_over_at_once_and_each_refusal_says_why(acme: Acme, signed_in: SignIn) -> None:
    good, changed, late = (send(acme, acme.paul, acme.news, text=text) for text in ("One", "Two", "Three"))
    hold(acme, good, changed, late)
    with organization_open(acme.organization.pk):
        Publication.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(days=1))
    form = ticked(good, changed, late) | {f"digest_{changed.pk}": "what he was shown before"}
    answer = signed_in(acme.marc).post(url("handover"), form)
    page = words(answer)
    assert answer.status_code == 422
    assert "The content changed after you opened it." in page and "Its time has passed." in page
    assert state(acme, good) == (State.SCHEDULED, acme.marc)
    assert state(acme, changed)[0] == State.HELD and state(acme, late)[0] == State.HELD


def test_late_posts_go_out_at_the_new_time_and_others_keep_theirs(acme: Acme, signed_in: SignIn) -> None:
    kept, late = (send(acme, acme.paul, acme.news, text=text) for text in ("One", "Two"))
    hold(acme, kept, late)
    with organization_open(acme.organization.pk):
        Publication.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(days=1))
    when = (timezone.now() + timedelta(days=5)).strftime(LOCAL)
    answer = signed_in(acme.marc).post(url("handover"), ticked(kept, late, when=when))
    assert answer.status_code == 302
    with organization_open(acme.organization.pk):
        due = dict(Publication.objects.values_list("pk", "due_at"))
    assert due[late.pk].strftime(LOCAL) == when and due[kept.pk] == kept.due_at


def test_post_whose_voucher_lost_the_right_is_offered_before_it_is_held(
    acme: Acme, signed_in: SignIn
) -> None:
    publication = send(acme, acme.paul, acme.news, text="Vouched by Paul")
    marc = signed_in(acme.marc)
    assert "Vouched by Paul" not in words(marc.get(url("handover")))
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.paul).delete()
        left_alone = queued_without_voucher(acme.access(acme.marc), timezone.now())
    assert left_alone == [publication]
    assert "Vouched by Paul" in words(marc.get(url("handover")))
    assert marc.post(url("handover"), ticked(publication)).status_code == 302
    assert state(acme, publication) == (State.SCHEDULED, acme.marc)


def test_screen_shows_only_what_one_may_take_over(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.olga, acme.quiet, text="On a profile of others")
    waits = send(acme, acme.olga, acme.news, text="Waits for its profile")
    hold(acme, publication)
    hold(acme, waits, reason=HoldReason.RECONNECT)
    assert "On a profile of others" in words(signed_in(acme.marc).get(url("handover")))
    for person in (acme.mina, acme.gus, acme.emil):
        client = signed_in(person)
        assert "On a profile of others" not in words(client.get(url("handover")))
        assert client.post(url("handover"), ticked(publication)).status_code == 422
    assert "Waits for its profile" not in words(signed_in(acme.marc).get(url("handover")))
    assert state(acme, publication)[0] == State.HELD


def test_nothing_ticked_comes_back_with_the_reason(acme: Acme, signed_in: SignIn) -> None:
    hold(acme, send(acme, acme.paul, acme.news))
    answer = signed_in(acme.marc).post(url("handover"), {})
    assert answer.status_code == 422 and "Tick at least one post." in words(answer)


def test_home_leads_to_held_posts(acme: Acme, signed_in: SignIn) -> None:
    assert url("handover") not in words(signed_in(acme.gus).get("/o/acme/"))
    hold(acme, send(acme, acme.paul, acme.news))
    assert "1 post is held" in words(signed_in(acme.marc).get("/o/acme/"))
