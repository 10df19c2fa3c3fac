"""Who is told what about posts, approvals and connections."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from notifications.choices import Choice, choose
from notifications.models import ByMail, Notification
from publishing.delivery.notifying import tell_published
from publishing.models import Publication, State
from publishing.services.comments import take_back_comment, write_comment
from publishing.services.scheduling import cancel
from social_accounts.models import ProfileUserGrant
from social_accounts.nearest import nearest_who_may
from social_accounts.vault import mark_needs_reconnect
from tenancy.context import organization_open
from tests.cast import Acme, give
from tests.mails import mail_due
from tests.publishing.approvals.making import ask, make_workflow, say_yes, step
from tests.publishing.pages import send

MINUTE = timedelta(minutes=1)


def told(acme: Acme, *kinds: str) -> list[tuple[str, str]]:
    """Return whom what is told that he has not read."""
    with organization_open(acme.organization.pk):
        rows = Notification.objects.filter(read_at=None, kind__in=kinds).select_related("person")
        return sorted((row.person.email.split("@")[0], row.kind) for row in rows)


def named(people: Iterable[Any]) -> list[str]:
    return sorted(person.email.split("@")[0] for person in people)


def test_who_looks_after_the_profile_is_told_that_a_post_waits_and_not_everybody_who_might(
    acme: Acme,
) -> None:
    give(acme.news, acme.ana, "standard:administrator")
    approval = ask(acme)
    assert told(acme, "approval_open") == [("ana", "approval_open"), ("paul", "approval_open")]
    ask(acme, text="Another one")
    assert mail_due() == 2
    assert {message.subject for message in mail.outbox} == {f"2 posts for {acme.news} wait for your answer"}
    say_yes(acme, acme.paul, approval)
    assert told(acme, "approval_open") == [
        ("ana", "approval_open"),
        ("paul", "approval_open"),
    ]  # the other one
    assert told(acme, "approval_answered") == [("mina", "approval_answered")]


def test_where_nobody_looks_after_the_profile_those_of_the_organization_are_told(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        assert named(nearest_who_may("profile.publish_posts", acme.news, at=timezone.now())) == ["paul"]
        ProfileUserGrant.objects.filter(user=acme.paul).delete()
        assert named(nearest_who_may("profile.publish_posts", acme.news, at=timezone.now())) == [
            "marc",
            "olga",
        ]
        but = nearest_who_may("profile.publish_posts", acme.news, at=timezone.now(), but=[acme.olga.pk])
        assert named(but) == ["marc"]


def test_question_is_gone_once_it_is_answered_or_withdrawn(acme: Acme) -> None:
    make_workflow(acme, step("Desk", acme.paul, acme.marc), step("Legal", acme.olga))
    approval = ask(acme)
    assert told(acme, "approval_asked") == [("marc", "approval_asked"), ("paul", "approval_asked")]
    say_yes(acme, acme.paul, approval)
    assert told(acme, "approval_asked") == [("olga", "approval_asked")]
    with organization_open(acme.organization.pk):
        publication = Publication.objects.get(pk=approval.publication_id)
        cancel(actor=acme.access(acme.mina), publication=publication, now=timezone.now())
    assert told(acme, "approval_asked") == []
    assert mail_due() == 0


def test_comment_that_was_taken_back_is_told_to_nobody(acme: Acme) -> None:
    post = send(acme, acme.paul, acme.news).post
    with organization_open(acme.organization.pk):
        paul = acme.access(acme.paul)
        comment = write_comment(actor=paul, post=post, text="@Mina Moderator look", now=timezone.now())
        assert told(acme, "comment_mention") == [("mina", "comment_mention")]
        take_back_comment(actor=paul, comment=comment, now=timezone.now())
    assert mail_due() == 0


def test_author_hears_what_colleagues_say_once_and_nobody_of_what_he_said_himself(acme: Acme) -> None:
    post = send(acme, acme.paul, acme.news).post
    with organization_open(acme.organization.pk):
        for person, text in (("marc", "Nice"), ("marc", "@Paul Editor and this"), ("paul", "Thanks")):
            actor = acme.access(getattr(acme, person))
            write_comment(actor=actor, post=post, text=text, now=timezone.now())
    assert told(acme, "comment_colleague", "comment_mention") == [
        ("paul", "comment_colleague"),
        ("paul", "comment_mention"),
    ]


@pytest.mark.parametrize(
    ("late", "wants", "expected"),
    [(14, False, []), (14, True, ["post_published"]), (16, False, ["post_late"]), (16, True, ["post_late"])],
)
def test_author_hears_that_his_post_is_out_where_he_wants_to_and_that_it_was_late_anyway(
    acme: Acme, late: int, wants: bool, expected: list[str]
) -> None:
    if wants:
        choose(actor=acme.paul, choices={"post_published": Choice(True, ByMail.NEVER)}, muted=[])
        acme.paul.refresh_from_db()
    publication = send(acme, acme.paul, acme.news)
    with organization_open(acme.organization.pk):
        publication.post.author = acme.paul
        publication.state, publication.due_at = State.PUBLISHED, timezone.now()
        publication.published_at = publication.due_at + late * MINUTE
        tell_published(publication)
    assert [kind for _name, kind in told(acme, "post_published", "post_late")] == expected


def test_connection_that_broke_is_told_once_to_who_can_mend_it(acme: Acme) -> None:
    for _again in range(2):
        mark_needs_reconnect(
            organization_id=acme.organization.pk,
            profile_id=acme.news.pk,
            detail="The token was revoked.",
            now=timezone.now(),
        )
    assert told(acme, "profile_reconnect") == [("marc", "profile_reconnect"), ("olga", "profile_reconnect")]
    mail_due()
    assert {message.subject for message in mail.outbox} == {f"{acme.news} must be reconnected"}
    assert all("The token was revoked." in message.body for message in mail.outbox)


def test_post_that_is_out_costs_no_question_where_nobody_wants_to_hear_of_it(
    acme: Acme, django_assert_num_queries: Any
) -> None:
    """A thousand go out in a minute."""
    publication = send(acme, acme.paul, acme.news)
    with organization_open(acme.organization.pk):
        row = Publication.objects.select_related("profile", "post__author").get(pk=publication.pk)
        row.published_at = row.due_at
        with django_assert_num_queries(0):
            tell_published(row)
