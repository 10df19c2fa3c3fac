"""Mails out of rows: none is lost, none goes to whom may not read it, and few are sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from notifications import mailing
from notifications.choices import Choice, choose
from notifications.models import ByMail, Notification
from orgs.models import Membership
from publishing.models import Post
from publishing.notice_kinds import APPROVAL_REMINDED, POST_HELD, POST_REJECTED
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open, unscoped
from tests.cast import Acme, add_member
from tests.mails import mail_due
from tests.notifications.conftest import Tell, fresh

Hour = timedelta(hours=1)


def later(**by: float) -> datetime:
    return timezone.now() + timedelta(**by)


def daily(person: Any, *names: str) -> None:
    choose(actor=person, choices={name: Choice(True, ByMail.DAILY) for name in names}, muted=[])
    person.refresh_from_db()


def test_mail_says_it_leads_there_and_can_be_stopped(acme: Acme, tell: Tell) -> None:
    [row] = tell(acme.paul)
    assert mail_due() == 1
    [message] = mail.outbox
    assert (message.to, message.subject) == ([acme.paul.email], "Acme News: your post did not go out")
    assert "Hello Paul," in message.body and "Post: Spring sale" in message.body
    assert "http://localhost:8000/o/acme/calendar/" in message.body
    stop = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert (
        stop in message.body
        and message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    )
    assert fresh(row).mailed_at is not None and fresh(row).mail_due_at is None
    assert mail_due() == 0 and len(mail.outbox) == 1


def test_mail_waits_for_others_of_its_kind_and_is_one_with_them(acme: Acme, tell: Tell) -> None:
    tell(acme.paul)
    assert mailing.send_due(now=timezone.now()) == 0
    tell(acme.paul), tell(acme.paul), tell(acme.paul, kind=POST_HELD), tell(acme.marc)
    assert mailing.send_due(now=later(minutes=2)) == 3
    to_paul = [message.subject for message in mail.outbox if message.to == [acme.paul.email]]
    assert "3 posts were refused on Acme News" in to_paul
    assert len(to_paul) == 2


def test_several_that_have_nothing_else_in_common_are_named_by_their_kind(acme: Acme, tell: Tell) -> None:
    tell(acme.paul, kind=APPROVAL_REMINDED, topic=""), tell(acme.paul, kind=APPROVAL_REMINDED, topic="")
    mail_due()
    assert mail.outbox[0].subject == "Reminders, and requests nobody has answered (2)"


def test_daily_mail_gathers_all_kinds_and_organizations_without_what_was_read(acme: Acme, tell: Tell) -> None:
    add_member(acme.elsewhere, acme.paul, "standard:member")
    daily(acme.paul, POST_REJECTED.name, POST_HELD.name)
    tell(acme.paul), tell(acme.paul, kind=POST_HELD, subject="This one was read")
    with unscoped():
        Notification.objects.filter(kind=POST_HELD.name).update(read_at=timezone.now())
    with organization_open(acme.elsewhere.pk):
        from notifications.telling import notify

        notify([acme.paul], POST_HELD, subject="Held elsewhere", link="/o/elsewhere/")
    assert mail_due() == 0
    assert mailing.send_due(now=later(hours=25)) == 1
    [message] = mail.outbox
    assert message.subject == "2 things of the last day"
    for part in ("Acme\n", "Elsewhere\n", "Acme News: your post did not go out", "Held elsewhere"):
        assert part in message.body
    assert "This one was read" not in message.body
    assert mailing.send_due(now=later(hours=50)) == 0


def test_nothing_is_mailed_about_what_one_may_no_longer_see(acme: Acme, tell: Tell) -> None:
    with organization_open(acme.organization.pk):
        post = Post.objects.create(workspace=acme.main, author=acme.marc, text="Secret plan")
        post.publications.create(profile=acme.news, state="draft")
    rows = tell(acme.paul, acme.gus, about=post, subject="About the plan")
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.paul).delete()
    assert mail_due() == 1
    assert [message.to for message in mail.outbox] == [[acme.gus.email]]
    assert fresh(rows[0]).mail_due_at is None and fresh(rows[0]).mailed_at is None


def test_nothing_is_mailed_to_whom_the_organization_let_go(acme: Acme, tell: Tell) -> None:
    tell(acme.paul, acme.mina, acme.gus)
    acme.gus.is_active = False
    acme.gus.save()
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.paul).update(status=Membership.Status.SUSPENDED)
    mail_due()
    assert [message.to for message in mail.outbox] == [[acme.mina.email]]


def test_what_was_read_before_the_mail_went_out_is_not_mailed(acme: Acme, tell: Tell) -> None:
    [row] = tell(acme.paul)
    with unscoped():
        Notification.objects.filter(pk=row.pk).update(read_at=timezone.now())
    assert mail_due() == 0


def test_mail_server_that_is_away_costs_nothing_but_time(
    acme: Acme, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: EmailBackend) -> None:
        raise ConnectionRefusedError("no mail server")

    [row] = tell(acme.paul)
    with monkeypatch.context() as away:
        away.setattr(EmailBackend, "open", refuse)
        assert mail_due() == 0
    assert fresh(row).mail_tries == 0
    assert mail_due() == 1


def test_crash_while_sending_sends_it_again_under_the_same_id(
    acme: Acme, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Any] = []

    def die(self: EmailBackend, messages: list[Any]) -> int:
        taken.extend(messages)
        raise KeyboardInterrupt

    tell(acme.paul)
    with monkeypatch.context() as dying:
        dying.setattr(EmailBackend, "send_messages", die)
        with pytest.raises(KeyboardInterrupt):
            mailing.send_due(now=later(minutes=2))
    assert mailing.send_due(now=later(minutes=3)) == 0  # somebody else may be at it still
    assert mailing.send_due(now=later(minutes=8)) == 1
    assert mail.outbox[0].extra_headers["Message-ID"] == taken[0].extra_headers["Message-ID"]


def test_mail_that_is_never_taken_is_given_up_and_stands_in_nobodys_way(
    acme: Acme, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_send = EmailBackend.send_messages

    def refuse_paul(self: EmailBackend, messages: list[Any]) -> int:
        if messages[0].to == [acme.paul.email]:
            raise ValueError("no such mailbox")
        return int(really_send(self, messages))

    monkeypatch.setattr(EmailBackend, "send_messages", refuse_paul)
    [row] = tell(acme.paul)
    now = later(minutes=2)
    for _try in range(mailing.TRIES + 3):
        mailing.send_due(now=now)
        now += mailing.LONGEST_WAIT
    assert fresh(row).mail_tries == mailing.TRIES
    assert (fresh(row).mail_due_at, fresh(row).mailed_at) == (None, None)
    tell(acme.marc)
    assert mailing.send_due(now=later(minutes=2)) == 1


def test_two_who_look_at_once_send_one_mail(acme: Acme, tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once: list[int] = []
    really_send = EmailBackend.send_messages

    def look_meanwhile(self: EmailBackend, messages: list[Any]) -> int:
        if not at_once:
            at_once.append(-1)
            tell(acme.paul, subject="Another one")  # due with the next look, and alone
            at_once[0] = mailing.send_due(now=later(minutes=3))
        return int(really_send(self, messages))

    monkeypatch.setattr(EmailBackend, "send_messages", look_meanwhile)
    tell(acme.paul)
    assert mailing.send_due(now=later(minutes=2)) == 1
    assert at_once == [1]
    assert sorted(message.subject for message in mail.outbox) == [
        "Acme News: your post did not go out",
        "Another one",
    ]
