"""A shared calendar from outside: what a link shows, what it lets do, and what it never tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Membership
from publishing.models import (
    Comment,
    HoldReason,
    Label,
    Post,
    PostLabel,
    PostMedia,
    Publication,
    SharedCalendar,
    State,
)
from publishing.services.outsiders import revoke
from publishing.services.sharing import end_shared_calendar
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, give
from tests.publishing.pages import publications, send, words, write
from tests.publishing.sharing.pages import JUNE, linked, month, post_page, shared, titles


def test_link_shows_the_selection_and_nothing_beside_it(acme: Acme, client: Client) -> None:
    send(acme, acme.paul, acme.news, text="In it", due_at=JUNE)
    send(acme, acme.paul, acme.sky, text="On another profile", due_at=JUNE)
    send(acme, acme.paul, acme.news, text="Before its time", due_at=JUNE - timedelta(days=4))
    send(acme, acme.paul, acme.news, text="After its time", due_at=JUNE + timedelta(days=4))
    draft = write(acme, acme.paul, acme.news, text="Only a draft")
    with organization_open(acme.organization.pk):
        Publication.objects.filter(post=draft).update(due_at=JUNE)
    held = send(acme, acme.paul, acme.news, text="Held", due_at=JUNE)
    with organization_open(acme.organization.pk):
        Publication.objects.filter(pk=held.pk).update(state=State.HELD, hold_reason=HoldReason.RIGHT_LOST)
    calendar = shared(acme, acme.news, start_date=date(2027, 6, 8), end_date=date(2027, 6, 12))
    _link, token = linked(acme, calendar)
    assert titles(client, token) == ["In it"]
    shown = {publication.post.title: publication.pk for publication in publications(acme)}
    for title, pk in shown.items():
        assert client.get(post_page(token, pk)).status_code == (200 if title == "In it" else 404), title


def test_labels_narrow_what_a_link_shows(acme: Acme, client: Client) -> None:
    for text in ("Winter", "Both", "Neither"):
        send(acme, acme.paul, acme.news, text=text, due_at=JUNE)
    with organization_open(acme.organization.pk):
        winter, spring = Label.objects.create(name="Winter"), Label.objects.create(name="Spring")
        for label, text in ((winter, "Winter"), (winter, "Both"), (spring, "Both")):
            PostLabel.objects.create(label=label, post=Post.objects.get(text=text))
    _link, token = linked(acme, shared(acme, acme.news, labels=[winter, spring]))
    assert titles(client, token) == ["Winter", "Both"]


def test_link_shows_at_each_look_what_its_maker_may_see(acme: Acme, client: Client) -> None:
    give(acme.quiet, acme.ana, "standard:editor")
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.ana).exists()
    send(acme, acme.olga, acme.news, text="News", due_at=JUNE)
    send(acme, acme.olga, acme.quiet, text="Quiet", due_at=JUNE)
    calendar = shared(acme, acme.news, acme.quiet)
    link, token = linked(acme, calendar)
    assert titles(client, token) == ["News", "Quiet"]
    with organization_open(acme.organization.pk):
        type(link).objects.filter(pk=link.pk).update(created_by=acme.ana)
    assert titles(client, token) == ["Quiet"]
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.ana).delete()
    assert titles(client, token) == []
    with organization_open(acme.organization.pk):
        type(link).objects.filter(pk=link.pk).update(created_by=None)
    assert titles(client, token) == []


def test_link_of_a_suspended_maker_shows_nothing(acme: Acme, client: Client) -> None:
    send(acme, acme.paul, acme.news, text="News", due_at=JUNE)
    _link, token = linked(acme, shared(acme))
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.marc).update(status=Membership.Status.SUSPENDED)
    assert titles(client, token) == []


def test_page_outside_never_tells_what_is_the_teams_own(acme: Acme, client: Client) -> None:
    publication = send(acme, acme.paul, acme.news, acme.sky, text="The post", due_at=JUNE)
    with organization_open(acme.organization.pk):
        post = publication.post
        Post.objects.filter(pk=post.pk).update(internal_note="Secret note")
        Comment.objects.create(post=post, author=acme.paul, author_name="Paul", text="Secret remark")
        Comment.objects.create(
            post=post, author=acme.paul, author_name="Paul", text="For the client", thread="external"
        )
    _link, token = linked(acme, shared(acme), may_comment=True)
    page = words(client.get(post_page(token, publication.pk)))
    assert "The post" in page and "For the client" in page
    both = page + words(client.get(month(token))) + words(client.get(month(token) + "?view=list"))
    for secret in ("Secret note", "Secret remark", "acme-sky", "Paul Editor", "paul@acme.test", "/o/acme/"):
        assert secret not in both, secret


def test_outside_is_kept_from_search_engines_caches_and_other_sites(acme: Acme, client: Client) -> None:
    _link, token = linked(acme, shared(acme))
    answer = client.get(month(token))
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert '<meta name="robots" content="noindex, nofollow">' in words(answer)


def test_wrong_expired_and_shut_links_say_so_in_a_sentence_each(acme: Acme, client: Client) -> None:
    calendar = shared(acme)
    expired, expired_token = linked(acme, calendar, name="Eve")
    shut, shut_token = linked(acme, calendar, name="Sid")
    _last, last_token = linked(acme, calendar, name="Leo")
    with organization_open(acme.organization.pk):
        type(expired).objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(hours=1))
        revoke(shut, timezone.now())
    said = {
        "x" * 43: "This link does not belong to anything.",
        expired_token: "The time of this link is over.",
        shut_token: "This link was shut by those who gave it to you.",
    }
    for token, sentence in said.items():
        for address in (month(token), post_page(token, 1), reverse("outside_calendar", args=[token])):
            answer = client.get(address)
            assert answer.status_code == 410
            assert sentence in words(answer)
    assert client.get(month(last_token)).status_code == 200
    with organization_open(acme.organization.pk):
        end_shared_calendar(actor=acme.access(acme.marc), calendar=calendar, now=timezone.now())
    assert "This link was shut" in words(client.get(month(last_token)))


def test_too_many_tries_are_told_to_wait(acme: Acme, client: Client) -> None:
    somewhere = {"REMOTE_ADDR": "203.0.113.7"}  # counted apart from what other tests ask
    statuses = [client.get(month(f"guess-{number}"), **somewhere).status_code for number in range(22)]  # type: ignore[arg-type]
    assert statuses[0] == 410 and statuses[-1] == 429
    _link, token = linked(acme, shared(acme))
    assert client.get(month(token), **somewhere).status_code == 200  # type: ignore[arg-type]


def test_comment_is_written_in_the_name_of_the_link(acme: Acme, client: Client) -> None:
    publication = send(acme, acme.paul, acme.news, due_at=JUNE)
    _link, token = linked(acme, shared(acme), may_comment=True)
    page = post_page(token, publication.pk)
    refused = client.post(page, {"text": " "})
    assert refused.status_code == 422 and "Write something first." in words(refused)
    answer = client.post(page, {"text": "Nice, but shorter"})
    assert answer.status_code == 303 and answer["Location"] == f"{page}#comments"
    assert "Nice, but shorter" in words(client.get(page))
    with organization_open(acme.organization.pk):
        comment = Comment.objects.get()
        assert (comment.author_name, comment.thread, comment.is_from_outside) == (
            "Clara Client",
            Comment.Thread.EXTERNAL,
            True,
        )
        assert AuditEvent.objects.get(action="comment.write").actor_label == "Clara Client (by link)"


def test_link_that_only_looks_neither_shows_nor_takes_comments(acme: Acme, client: Client) -> None:
    publication = send(acme, acme.paul, acme.news, due_at=JUNE)
    with organization_open(acme.organization.pk):
        Comment.objects.create(
            post=publication.post, author=acme.paul, author_name="Paul", text="For others", thread="external"
        )
    _link, token = linked(acme, shared(acme))
    page = post_page(token, publication.pk)
    assert "For others" not in words(client.get(page)) and 'name="text"' not in words(client.get(page))
    assert client.post(page, {"text": "Mine"}).status_code == 404
    with organization_open(acme.organization.pk):
        assert Comment.objects.count() == 1


def test_picture_is_shown_only_while_its_post_is(
    acme: Acme, client: Client, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    publication = send(acme, acme.paul, acme.news, due_at=JUNE)
    other = send(acme, acme.paul, acme.sky, due_at=JUNE)
    with organization_open(acme.organization.pk):
        pictures = [
            PostMedia.objects.create(
                post=one.post, file=ContentFile(b"png", name="n.png"), filename="n.png",
                content_type="image/png", size_bytes=3, width=1, height=1, digest="d", alt_text="A bridge",
            )
            for one in (publication, other)
        ]  # fmt: skip
    _link, token = linked(acme, shared(acme))
    mine, theirs = (reverse("outside_calendar_picture", args=[token, one.pk]) for one in pictures)
    assert f'src="{mine}" alt="A bridge"' in words(client.get(post_page(token, publication.pk)))
    with organization_open(acme.organization.pk):
        PostMedia.objects.filter(pk=pictures[0].pk).update(content_type="video/mp4", filename="ride.mp4")
    assert f'<video src="{mine}"' in words(client.get(post_page(token, publication.pk)))
    answer = client.get(mine)
    assert b"".join(answer.streaming_content) == b"png"  # type: ignore[attr-defined]
    assert "private" in answer["Cache-Control"]
    assert client.get(theirs).status_code == 404
    with organization_open(acme.organization.pk):
        SharedCalendar.objects.update(states=["published"])
    assert client.get(mine).status_code == 404


def test_times_are_on_the_organizations_clock_and_the_month_ends_with_the_period(
    acme: Acme, client: Client
) -> None:
    acme.organization.time_zone = "Pacific/Auckland"
    acme.organization.save()
    send(acme, acme.paul, acme.news, text="Next day there", due_at=datetime(2027, 6, 30, 20, 0, tzinfo=UTC))
    _link, token = linked(acme, shared(acme, start_date=date(2027, 7, 1), end_date=date(2027, 7, 31)))
    page = client.get(reverse("outside_calendar", args=[token]))
    assert page.context["first"] == date(2027, 7, 1)
    (day,) = page.context["filled"]
    assert day.date == date(2027, 7, 1) and day.cards[0].at.hour == 8
    assert page.context["previous"] is None and page.context["following"] is None
    assert "Times are on the clock of Pacific/Auckland." in words(page)


OUTSIDE_QUERIES = 20


def test_outside_asks_the_database_no_more_for_more_posts(
    acme: Acme, client: Client, django_assert_max_num_queries: Any
) -> None:
    _link, token = linked(acme, shared(acme, acme.news, acme.sky))
    for day in range(1, 9):
        send(acme, acme.paul, acme.news, acme.sky, due_at=JUNE.replace(day=day))
    client.get(month(token))
    with django_assert_max_num_queries(OUTSIDE_QUERIES):
        client.get(month(token))


def test_person_who_is_signed_in_sees_no_more_behind_a_link(acme: Acme, signed_in: Any) -> None:
    publication = send(acme, acme.paul, acme.sky, text="Elsewhere", due_at=JUNE)
    _link, token = linked(acme, shared(acme))
    olga: Client = signed_in(acme.olga)
    assert titles(olga, token) == []
    assert olga.get(post_page(token, publication.pk)).status_code == 404


def test_person_named_twice_keeps_one_row_outside(acme: Acme) -> None:
    calendar = shared(acme)
    first, _token = linked(acme, calendar, email="clara@client.test")
    second, _other = linked(acme, calendar, email="Clara@client.test", name="C. Client")
    assert first.outsider == second.outsider
    assert isinstance(acme.marc, User) and second.holder_name == "Clara Client"
