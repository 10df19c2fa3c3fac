"""The list, the bell, the choices, and the way out of mails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.links import STOP_SALT, stop_address
from notifications.models import ByMail
from orgs.models import Membership, Organization
from publishing.models import Post
from publishing.notice_kinds import POST_HELD
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, add_member
from tests.mails import mail_due
from tests.notifications.conftest import Tell, age, fresh

SignIn = Callable[[User], Client]
LIST, CHOICES, BELL = "/notifications/", "/notifications/choices/", "/notifications/bell/"


def page(client: Client, address: str = LIST, **data: Any) -> str:
    response = client.get(address, data)
    assert response.status_code == 200
    return str(response.content.decode())


def test_list_tells_of_today_and_before_and_says_so_when_there_is_nothing(
    acme: Acme, tell: Tell, signed_in: SignIn
) -> None:
    paul = signed_in(acme.paul)
    assert "Nothing to tell you yet" in page(paul)
    tell(acme.paul, subject="New today", topic="")
    age(tell(acme.paul, subject="Old one", topic=""), days=3)
    body = page(paul)
    assert body.index("Today") < body.index("New today") < body.index("Old one")
    assert "Notifications, 2 unread" in body


def test_several_of_a_kind_are_one_line_and_are_read_together(
    acme: Acme, tell: Tell, signed_in: SignIn
) -> None:
    rows = [*tell(acme.paul), *tell(acme.paul), *tell(acme.paul)]
    paul = signed_in(acme.paul)
    body = page(paul)
    assert "3 posts were refused on Acme News" in body and body.count('name="id"') == 3
    assert paul.post("/notifications/read/", {"id": [row.pk for row in rows[:2]]}).status_code == 303
    assert [fresh(row).read_at is None for row in rows] == [False, False, True]
    body = page(paul)
    assert "2 posts were refused on Acme News" in body and "Notifications, 1 unread" in body


def test_opening_one_marks_it_read_and_goes_there(acme: Acme, tell: Tell, signed_in: SignIn) -> None:
    [row] = tell(acme.paul)
    opened = signed_in(acme.paul).get(f"/notifications/{row.pk}/")
    assert (opened.status_code, opened["Location"]) == (302, "/o/acme/calendar/")
    assert fresh(row).read_at is not None


def test_nobody_opens_or_reads_those_of_others(acme: Acme, tell: Tell, signed_in: SignIn) -> None:
    [row] = tell(acme.paul)
    marc = signed_in(acme.marc)
    assert marc.get(f"/notifications/{row.pk}/").status_code == 404
    marc.post("/notifications/read/", {"id": [row.pk], "all": "1"})
    assert fresh(row).read_at is None
    assert "Acme News" not in page(marc)


def test_unread_are_listed_alone_until_all_are_marked(acme: Acme, tell: Tell, signed_in: SignIn) -> None:
    [row] = tell(acme.paul, subject="Read already", topic="")
    tell(acme.paul, subject="Still unread", topic="")
    paul = signed_in(acme.paul)
    paul.get(f"/notifications/{row.pk}/")
    body = page(paul, unread="1")
    assert "Still unread" in body and "Read already" not in body
    answer = paul.post("/notifications/read/", {"all": "1", "back": "unread=1"}, follow=True)
    assert answer.redirect_chain == [("/notifications/?unread=1", 303)]
    assert "You have read everything you were told." in answer.content.decode()


def test_nothing_is_told_of_what_one_may_no_longer_see(acme: Acme, tell: Tell, signed_in: SignIn) -> None:
    with organization_open(acme.organization.pk):
        post = Post.objects.create(workspace=acme.main, author=acme.marc, text="Secret plan")
        post.publications.create(profile=acme.news, state="draft")
    tell(acme.paul, about=post, subject="About the secret plan")
    paul = signed_in(acme.paul)
    assert "About the secret plan" in page(paul)
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.paul).delete()
    body = page(paul)
    assert "secret plan" not in body and "This is about something you can no longer see." in body


def test_organization_one_has_left_is_neither_listed_nor_counted(
    acme: Acme, tell: Tell, signed_in: SignIn
) -> None:
    tell(acme.paul)
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.paul).update(status=Membership.Status.SUSPENDED)
    body = page(signed_in(acme.paul))
    assert "Acme News" not in body and "unread" not in body.lower().replace("unread=1", "").replace(
        ">unread", ""
    )


def test_organization_that_asks_for_a_second_factor_tells_nothing_without_one(
    acme: Acme, tell: Tell, signed_in: SignIn
) -> None:
    Organization.objects.filter(pk=acme.organization.pk).update(two_factor="everyone")
    tell(acme.paul)
    body = page(signed_in(acme.paul))
    assert "Acme asks for two-step sign-in before it tells you anything." in body
    assert "your post did not go out" not in body


def test_list_can_be_of_one_organization(acme: Acme, tell: Tell, signed_in: SignIn) -> None:
    add_member(acme.elsewhere, acme.paul, "standard:member")
    tell(acme.paul)
    paul = signed_in(acme.paul)
    assert "your post did not go out" in page(paul, organization="acme")
    assert "your post did not go out" not in page(paul, organization="elsewhere")


def test_list_asks_few_questions_however_long_it_is(
    acme: Acme, tell: Tell, signed_in: SignIn, django_assert_num_queries: Any
) -> None:
    paul = signed_in(acme.paul)
    page(paul)
    for number in range(12):
        with organization_open(acme.organization.pk):
            post = Post.objects.create(workspace=acme.main, author=acme.paul, text=f"Post {number}")
        tell(acme.paul, about=post, topic=str(number))
    with django_assert_num_queries(23):
        page(paul)


def test_bell_counts_to_nine_and_leaves_a_visitor_alone(acme: Acme, tell: Tell, signed_in: SignIn) -> None:
    paul = signed_in(acme.paul)
    assert "bell-count" not in page(paul, BELL)
    tell(acme.paul)
    assert '<span class="bell-count" aria-hidden="true">1</span>' in page(paul, BELL)
    for _more in range(9):
        tell(acme.paul)
    assert ">9+</span>" in page(paul, BELL) and "10 unread" in page(paul, BELL)
    assert Client().get(BELL).status_code == 204


def test_choices_are_kept_and_a_wrong_one_is_refused(acme: Acme, tell: Tell, signed_in: SignIn) -> None:
    paul = signed_in(acme.paul)
    form = paul.get(CHOICES).context["form"]
    typed = {name: value for name, value in form.initial.items() if value not in (False, [])}
    typed |= {"mail-post_held": "daily", "muted": [str(acme.organization.pk)]}
    del typed["listed-post_rejected"]
    wrong = paul.post(CHOICES, typed | {"mail-post_held": "hourly"})
    assert wrong.status_code == 422 and 'name="listed-post_rejected"' in wrong.content.decode()
    assert paul.post(CHOICES, typed).status_code == 303
    acme.paul.refresh_from_db()
    assert acme.paul.notification_choices == {
        "post_held": {"listed": True, "mail": "daily"},
        "post_rejected": {"listed": False, "mail": "now"},
    }
    assert acme.paul.muted_organizations == [acme.organization.pk]
    assert paul.post(CHOICES, typed | {"muted": [str(acme.elsewhere.pk)]}).status_code == 422


def test_link_in_a_mail_stops_its_kind_without_signing_in(acme: Acme, tell: Tell, client: Client) -> None:
    tell(acme.paul, kind=POST_HELD)
    mail_due()
    stop = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")
    shown = client.get(stop)
    assert shown.status_code == 200 and "Your post is held" in shown.content.decode()
    acme.paul.refresh_from_db()
    assert acme.paul.notification_choices == {}  # looking changes nothing: mail programs look ahead
    by_program = Client(enforce_csrf_checks=True).post(stop, {"List-Unsubscribe": "One-Click"})
    assert by_program.status_code == 200
    acme.paul.refresh_from_db()
    assert acme.paul.notification_choices == {"post_held": {"listed": True, "mail": "never"}}
    [row] = tell(acme.paul, kind=POST_HELD)
    assert row.is_listed and row.mail == ByMail.NEVER


@pytest.mark.parametrize("what", ["ownership", "no_such_kind"])
def test_link_stops_nothing_that_is_always_told_or_not_known(acme: Acme, what: str, client: Client) -> None:
    path = stop_address(acme.paul.pk, what).removeprefix("http://localhost:8000")
    assert client.post(path).status_code == 410
    acme.paul.refresh_from_db()
    assert acme.paul.notification_choices == {}


def test_link_that_was_tampered_with_stops_nothing(acme: Acme, client: Client) -> None:
    path = stop_address(acme.paul.pk, "post_held").removeprefix("http://localhost:8000")
    assert STOP_SALT and client.post(path.replace("stop/", "stop/x")).status_code == 410


def test_daily_mail_is_stopped_for_every_kind_in_it(acme: Acme, client: Client) -> None:
    acme.paul.notification_choices = {
        "post_held": {"listed": True, "mail": "daily"},
        "post_late": {"listed": False, "mail": "daily"},
    }
    acme.paul.save()
    client.post(stop_address(acme.paul.pk, "digest").removeprefix("http://localhost:8000"))
    acme.paul.refresh_from_db()
    assert acme.paul.notification_choices == {
        "post_held": {"listed": True, "mail": "never"},
        "post_late": {"listed": False, "mail": "never"},
    }


def test_who_looks_as_somebody_else_has_no_bell(acme: Acme, tell: Tell, signed_in: SignIn) -> None:
    tell(acme.paul)
    marc = signed_in(acme.marc)
    with organization_open(acme.organization.pk):
        member = Membership.objects.get(user=acme.paul)
    begun = marc.post(reverse("view_as_start", args=["acme", member.pk]), {"reason": "To help him"})
    assert begun.status_code == 303, begun.content.decode()
    body = page(marc, "/o/acme/my-access/")
    assert "data-bell" not in body and "Paul" in body
