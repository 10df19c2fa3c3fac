"""Comments on a post, and calling on people of the team who may see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from permissions.errors import NotAllowed
from publishing.models import Comment, Mention, Post
from publishing.services.comments import CannotComment, mentioned_in, take_back_comment, write_comment
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme
from tests.mails import mail_due
from tests.orgs.test_view_as import start
from tests.publishing.approvals.making import ask
from tests.publishing.pages import send, url, words

SignIn = Callable[[User], Client]
HOME = "/o/acme/"


def comment(acme: Acme, person: User, post: Post, text: str) -> Comment:
    with organization_open(acme.organization.pk):
        return write_comment(actor=acme.access(person), post=post, text=text, now=timezone.now())


def test_mentioned_person_gets_a_mail_and_a_line_on_his_home_until_he_has_looked(
    acme: Acme, signed_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    publication = send(acme, acme.paul, acme.news, text="Opening hours")
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(acme.paul).post(
            url("publication_comments", publication.pk), {"text": "@Mina Moderator, are they right?"}
        )
    assert answer.status_code == 302
    mail_due()
    [mailed] = mail.outbox
    assert mailed.to == [acme.mina.email] and "are they right?" in str(mailed.body)
    mina = signed_in(acme.mina)
    assert "You are mentioned" in words(mina.get(HOME))
    assert "are they right?" in words(mina.get(url("publication_detail", publication.pk)))
    assert "You are mentioned" not in words(mina.get(HOME))


def test_only_people_who_may_see_the_post_can_be_mentioned(
    inside: Acme, django_capture_on_commit_callbacks: Any
) -> None:
    post = send(inside, inside.paul, inside.news).post
    with django_capture_on_commit_callbacks(execute=True):
        comment(inside, inside.paul, post, "@Emil Employee @Mallory Moriarty @Sven Suspended @Gus Guest")
    assert [one.person for one in Mention.objects.select_related("person")] == [inside.gus]
    mail_due()
    assert [one.to for one in mail.outbox] == [[inside.gus.email]]


def test_mention_is_gone_for_whom_the_post_is_no_longer_shown(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.paul, acme.news)
    comment(acme, acme.paul, publication.post, "@Gus Guest look")
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.gus).delete()
    assert "You are mentioned" not in words(signed_in(acme.gus).get(HOME))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@Ann Lee", ["Ann Lee"]),
        ("@ann lee!", ["Ann Lee"]),
        ("@Ann", ["Ann"]),
        ("@Annabel", []),
        ("mail@Ann", []),
        ("(@Ann) and @Ann Lee", ["Ann", "Ann Lee"]),
        ("@Ann @Ann", ["Ann"]),
        ("@Bo Bell", ["Bo Bell", "Bo Bell"]),
    ],
)
def test_longest_name_behind_an_at_sign_is_meant(text: str, meant: list[str]) -> None:
    people = [
        User(pk=number, name=name) for number, name in enumerate(["Ann", "Ann Lee", "Bo Bell", "Bo Bell"], 1)
    ]
    assert [person.name for person in mentioned_in(text, people)] == meant


def test_who_may_not_comment_is_refused(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.paul, acme.news)
    address = url("publication_comments", publication.pk)
    assert signed_in(acme.gus).post(address, {"text": "Hello"}).status_code == 403  # guests read only
    assert signed_in(acme.emil).post(address, {"text": "Hello"}).status_code == 404
    assert "Your comment" not in words(signed_in(acme.gus).get(url("publication_detail", publication.pk)))
    with organization_open(acme.organization.pk):
        assert not Comment.objects.exists()
        with pytest.raises(NotAllowed):
            write_comment(
                actor=acme.access(acme.gus), post=publication.post, text="Hello", now=timezone.now()
            )


def test_empty_comment_comes_back_with_the_reason(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.paul, acme.news)
    answer = signed_in(acme.paul).post(url("publication_comments", publication.pk), {"text": " "})
    assert answer.status_code == 422 and "Write something first." in words(answer)


def test_people_who_can_see_the_post_are_suggested_and_nobody_else(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.paul, acme.news)
    address = url("people_to_mention", publication.pk)
    paul = signed_in(acme.paul)

    def suggested(beginning: str) -> list[str]:
        answer = paul.get(address, {"q": beginning})
        assert answer["Content-Type"] == "application/json"
        return [one["name"] for one in answer.json()["people"]]

    everybody = suggested("")
    assert {"Gus Guest", "Marc Manager", "Mina Moderator", "Olga Owner"} <= set(everybody)
    assert not {"Paul Editor", "Emil Employee", "Sven Suspended", "Mallory Moriarty"} & set(everybody)
    assert suggested("mi") == ["Mina Moderator"] and suggested("GUE") == ["Gus Guest"]
    assert suggested("Mina Mod") == ["Mina Moderator"] and suggested("emil") == []
    for person, status in ((acme.gus, 403), (acme.emil, 404)):  # who may not comment calls on nobody
        assert signed_in(person).get(address).status_code == status


def test_threads_say_who_reads_them(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.paul, acme.news)
    address = url("publication_comments", publication.pk)
    paul = signed_in(acme.paul)
    paul.post(address, {"text": "The client is difficult", "thread": "internal"})
    paul.post(address, {"text": "Dear Claire", "thread": "external"})
    page = words(paul.get(url("publication_detail", publication.pk)))
    inside, outside = page.index("thread-internal"), page.index("thread-external")
    assert inside < page.index("Only your organization reads this.") < page.index("The client is difficult")
    assert page.index("The client is difficult") < outside < page.index("read this through their links")
    assert page.index("read this through their links") < page.index("Dear Claire")


def test_own_comment_is_taken_back_and_another_persons_is_not(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.paul, acme.news)
    said = comment(acme, acme.paul, publication.post, "Too early")
    address = url("comment_deletion", publication.pk, said.pk)
    assert signed_in(acme.marc).post(address).status_code == 404
    with organization_open(acme.organization.pk), pytest.raises(CannotComment):
        take_back_comment(actor=acme.access(acme.marc), comment=said, now=timezone.now())
    assert signed_in(acme.paul).post(address).status_code == 302
    assert "Too early" not in words(signed_in(acme.marc).get(url("publication_detail", publication.pk)))


def test_comments_are_on_the_approval_page_as_well(acme: Acme, signed_in: SignIn) -> None:
    approval = ask(acme)
    comment(acme, acme.paul, approval.publication.post, "The date is wrong")
    assert "The date is wrong" in words(signed_in(acme.marc).get(url("approval_detail", approval.pk)))


def test_looking_as_somebody_else_leaves_his_mentions_unseen(acme: Acme, signed_in: SignIn) -> None:
    publication = send(acme, acme.paul, acme.news)
    comment(acme, acme.paul, publication.post, "@Mina Moderator look")
    olga = signed_in(acme.olga)
    start(olga, acme, acme.mina)
    assert olga.get(url("publication_detail", publication.pk)).status_code == 200
    assert "You are mentioned" in words(signed_in(acme.mina).get(HOME))
