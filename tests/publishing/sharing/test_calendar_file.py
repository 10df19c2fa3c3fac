"""The calendar for other programs: a private address with its person's rights, and RFC 5545 to the letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.models import User
from orgs.models import Membership
from publishing.models import CalendarFeed, Publication, State
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import publications, send, url, words

SignIn = Callable[[User], Client]


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def address_of(client: Client) -> str:
    """Make an address and return its path."""
    answer = client.post(url("calendar_subscription"), {"act": "make"})
    assert answer.status_code == 201
    found = re.search(r'value="http://testserver(/outside/feeds/[^"]+\.ics)"', words(answer))
    assert found
    return found[1]


def read(client: Client, address: str) -> list[Any]:
    answer = client.get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_address_shows_its_persons_posts_without_signing_in(acme: Acme, paul: Client, client: Client) -> None:
    due_at = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    publication = send(acme, acme.paul, acme.news, text="One, two; three\\four\nSecond line", due_at=due_at)
    send(acme, acme.olga, acme.quiet, text="Not his")
    (event,) = read(client, address_of(paul))
    assert event["summary"] == "One, two; three\\four · " + acme.news.name
    assert event["description"].endswith("One, two; three\\four\nSecond line")
    assert event.decoded("dtstart") == due_at
    assert event["status"] == "CONFIRMED"
    assert event["url"] == f"http://testserver{url('publication_detail', publication.pk)}"


def test_file_keeps_to_the_letter_of_its_format(acme: Acme, paul: Client) -> None:
    text = "Ünïcödé, wïth ä lông tïtlé; änd ä bâckslash \\ in it 🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲\nAnd more"
    send(acme, acme.paul, acme.news, text=text)
    body = paul.get(url("calendar_file")).content
    assert body.startswith(b"BEGIN:VCALENDAR\r\n") and body.endswith(b"END:VCALENDAR\r\n")
    lines = body.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    for line in lines:
        line.decode()  # no character is torn apart by folding
    unfolded = body.replace(b"\r\n ", b"").decode()
    assert "Ünïcödé\\, wïth ä lông tïtlé\\; änd ä bâckslash \\\\ in it" in unfolded
    assert "🚲\\nAnd more" in unfolded
    assert re.search(r"^DTSTART:\d{8}T\d{6}Z$", unfolded.replace("\r", ""), re.M)
    for name in ("PRODID", "VERSION:2.0", "METHOD:PUBLISH", "UID", "DTSTAMP"):
        assert name in unfolded


def test_event_keeps_its_uid_when_its_post_moves(acme: Acme, paul: Client, client: Client) -> None:
    send(acme, acme.paul, acme.news, acme.sky)
    address = address_of(paul)
    before = {event["uid"]: event.decoded("dtstart") for event in read(client, address)}
    assert len(before) == 2
    with organization_open(acme.organization.pk):
        Publication.objects.update(due_at=timezone.now() + timedelta(days=9))
    after = {event["uid"]: event.decoded("dtstart") for event in read(client, address)}
    assert after.keys() == before.keys()
    assert all(after[uid] > before[uid] for uid in after)


def test_states_say_whether_it_is_firm(acme: Acme, paul: Client, client: Client) -> None:
    send(acme, acme.paul, acme.news, text="Firm")
    send(acme, acme.paul, acme.news, text="Asked", asks_approval=True)
    canceled = send(acme, acme.paul, acme.news, text="Canceled")
    with organization_open(acme.organization.pk):
        Publication.objects.filter(pk=canceled.pk).update(state=State.CANCELED)
    found = {event["summary"].split(" ")[0]: event["status"] for event in read(client, address_of(paul))}
    assert found == {"Firm": "CONFIRMED", "Asked": "TENTATIVE"}


def test_person_who_loses_a_profile_loses_its_posts_at_the_next_look(
    acme: Acme, paul: Client, client: Client
) -> None:
    send(acme, acme.olga, acme.news, text="News")
    address = address_of(paul)
    assert len(read(client, address)) == 1
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.paul).delete()
    assert read(client, address) == []


def test_address_of_somebody_who_left_says_so(acme: Acme, paul: Client, client: Client) -> None:
    address = address_of(paul)
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.paul).update(status=Membership.Status.SUSPENDED)
    answer = client.get(address)
    assert answer.status_code == 410 and "no longer in this organization" in words(answer)


def test_new_address_shuts_the_old_one_and_only_a_digest_is_kept(
    acme: Acme, paul: Client, client: Client
) -> None:
    first, second = address_of(paul), address_of(paul)
    assert client.get(first).status_code == 410 and client.get(second).status_code == 200
    token = second.rpartition("/")[2].removesuffix(".ics")
    with organization_open(acme.organization.pk):
        assert token not in CalendarFeed.objects.get(revoked_at=None).token_digest
    page = words(paul.get(url("calendar_subscription")))
    assert token not in page and "A program last read it" in page
    paul.post(url("calendar_subscription"), {"act": "revoke"})
    assert client.get(second).status_code == 410
    assert "Make an address" in words(paul.get(url("calendar_subscription")))


def test_each_person_has_an_address_of_his_own(
    acme: Acme, paul: Client, signed_in: SignIn, client: Client
) -> None:
    send(acme, acme.olga, acme.sky, text="Sky")
    mine, ginas = address_of(paul), address_of(signed_in(acme.gus))
    assert len(read(client, mine)) == 1 and read(client, ginas) == []
    assert "does not belong to anything" in words(client.get(reverse("calendar_feed", args=["x" * 43])))


def test_file_holds_what_the_page_was_narrowed_to(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    send(acme, acme.paul, acme.news, text="News")
    send(acme, acme.paul, acme.sky, text="Sky")
    answer = paul.get(url("calendar_file"), {"network": "bluesky"})
    assert answer["Content-Disposition"] == 'attachment; filename="acme-calendar.ics"'
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["summary"]).startswith("Sky")
    assert len(publications(acme)) == 2
    assert signed_in(acme.mallory).get(url("calendar_file")).status_code == 404
