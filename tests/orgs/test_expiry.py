"""Ends of access: announced seven days and one day before, once each, and kept to the second."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from config.schedule import PERIODIC_WORK
from orgs.models import EndAnnouncement, Membership, Partnership, TeamUserGrant
from orgs.services import expiry
from orgs.tasks import announce_ends
from permissions.checker import load_access
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import LONG_AGO, Acme, give, give_team, make_organization, make_person, role
from tests.mails import mail_due

SignIn = Callable[[User], Client]
END = datetime(2027, 3, 10, 18, 0, 0, tzinfo=UTC)
WEEK, DAY, SECOND = timedelta(days=7), timedelta(days=1), timedelta(seconds=1)


def announce(acme: Acme, now: datetime) -> int:
    return expiry.announce_ends(organization_id=acme.organization.pk, now=now)


def recipients() -> list[str]:
    mail_due()
    return sorted(address for message in mail.outbox for address in message.to)


@pytest.fixture
def ending(acme: Acme) -> ProfileUserGrant:
    return give(acme.news, acme.emil, "standard:editor", expires_at=END, granted_by=acme.marc)


def test_end_is_announced_a_week_and_a_day_before_to_person_and_giver(
    acme: Acme, ending: ProfileUserGrant
) -> None:
    assert announce(acme, END - WEEK - SECOND) == 0
    assert announce(acme, END - WEEK) == 2
    assert recipients() == sorted([acme.emil.email, acme.marc.email])
    own = next(message for message in mail.outbox if message.to == [acme.emil.email])
    given = next(message for message in mail.outbox if message.to == [acme.marc.email])
    assert "Editor on @acme-news@sandbox.test: March 10, 2027, 6 p.m. (UTC)" in own.body
    assert "Emil Employee: Editor on @acme-news@sandbox.test" in given.body
    mail.outbox.clear()
    for moment in (END - WEEK, END - WEEK + SECOND, END - DAY - SECOND):
        assert announce(acme, moment) == 0
    assert announce(acme, END - DAY) == 2
    assert announce(acme, END - SECOND) == announce(acme, END) == 0
    assert recipients() == sorted([acme.emil.email, acme.marc.email])


def test_end_holds_to_the_second(acme: Acme, ending: ProfileUserGrant) -> None:
    with organization_open(acme.organization.pk):
        for moment, may in ((END - timedelta(microseconds=1), True), (END, False)):
            access = load_access(user=acme.emil, organization_id=acme.organization.pk, at=moment)
            assert access.can("profile.publish_posts", acme.news) is may


def test_announcement_that_was_missed_is_not_made_up_for_by_two(acme: Acme, ending: ProfileUserGrant) -> None:
    assert announce(acme, END - timedelta(hours=3)) == 2
    with organization_open(acme.organization.pk):
        assert set(EndAnnouncement.objects.values_list("days_before", flat=True)) == {1}


def test_what_was_given_for_less_than_a_step_is_not_announced_at_it(acme: Acme) -> None:
    short = give(acme.news, acme.emil, "standard:editor", expires_at=END, granted_by=acme.marc)
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(pk=short.pk).update(granted_at=END - timedelta(days=3))
    assert announce(acme, END - timedelta(days=2)) == 0
    assert announce(acme, END - DAY) == 2
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(pk=short.pk).update(
            granted_at=END - timedelta(hours=2), expires_at=END + SECOND
        )
    assert announce(acme, END - timedelta(hours=1)) == 0


def test_later_end_is_announced_anew_and_an_ended_grant_not_at_all(
    acme: Acme, ending: ProfileUserGrant
) -> None:
    assert announce(acme, END - WEEK) == 2
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(pk=ending.pk).update(expires_at=END + WEEK)
    assert announce(acme, END) == 2
    with organization_open(acme.organization.pk):
        expiry.note_ends(END + WEEK - DAY)
        ending.delete()
    mail.outbox.clear()
    assert announce(acme, END + WEEK - DAY + SECOND) == 0
    assert mail.outbox == []


def test_membership_team_place_team_profile_and_assignment_are_announced_as_well(acme: Acme) -> None:
    ada = make_person("Ada Agency", "ada@agency.test")
    agency = make_organization("agency-two", "Agency two", ada)
    editor = role("standard:editor").permission_id
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.gus).update(expires_at=END, invited_by=acme.olga)
        TeamUserGrant.objects.filter(user=acme.ana).update(expires_at=END)
        people = Group.objects.create(name="partner:test#people")
        Partnership.objects.create(
            partner=agency, status="active", people_group=people, proposed_at=LONG_AGO, answer_by=END
        )
        shared = ProfileGroupGrant.objects.create(
            content_object=acme.quiet, group=people, permission_id=editor, granted_at=LONG_AGO,
            granted_by=acme.marc, expires_at=END + timedelta(days=30),
        )  # fmt: skip
        ProfileAssignment.objects.create(
            grant=shared, user=ada, permission_id=editor, granted_at=LONG_AGO, expires_at=END
        )
    give_team(acme.quiet, acme.brand, "standard:guest", expires_at=END)
    assert announce(acme, END - DAY) == len(recipients())
    told = {message.to[0]: message.body for message in mail.outbox}
    assert "The membership" in told[acme.gus.email] and "The membership" in told[acme.olga.email]
    assert "Team admin on Brand" in told[acme.ana.email]
    assert "Guest on @acme-quiet@sandbox.test, through Brand" in told[acme.paul.email]
    assert "Editor on @acme-quiet@sandbox.test" in told[ada.email]
    assert "through" not in told[ada.email]  # the sharing itself goes on
    assert set(told) == {person.email for person in (acme.gus, acme.olga, acme.ana, acme.paul, ada)}


def test_crash_before_the_telling_is_made_up_for_and_one_after_it_tells_nobody_twice(
    acme: Acme, ending: ProfileUserGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_told: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(expiry, "tell_ends", die)
        with pytest.raises(KeyboardInterrupt):
            announce(acme, END - WEEK)
    assert recipients() == []
    assert announce(acme, END - WEEK + SECOND) == 2
    assert len(recipients()) == 2
    assert announce(acme, END - WEEK + 2 * SECOND) == 0


def test_giver_who_left_is_told_nothing(acme: Acme, ending: ProfileUserGrant) -> None:
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.marc).delete()
    assert announce(acme, END - DAY) == 1
    assert recipients() == [acme.emil.email]


def test_schedule_looks_at_every_organization_and_each_is_told_of_its_own(
    acme: Acme, ending: ProfileUserGrant
) -> None:
    assert PERIODIC_WORK["announce what access ends soon"]["task"] == announce_ends.name
    assert expiry.organizations_with_ends(now=END - WEEK) == [acme.organization.pk]
    assert expiry.organizations_with_ends(now=END - WEEK - SECOND) == []
    assert expiry.announce_ends(organization_id=acme.elsewhere.pk, now=END - WEEK) == 0


def test_task_sends_what_is_due_now(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    give(acme.news, acme.emil, "standard:editor", expires_at=datetime.now(UTC) + DAY, granted_by=acme.marc)
    started: list[dict[str, int]] = []
    monkeypatch.setattr("orgs.tasks.announce_ends_in.delay", lambda **ids: started.append(ids))
    announce_ends()
    assert started == [{"organization_id": acme.organization.pk}]


def test_own_page_and_members_page_show_what_ends_soon(acme: Acme, signed_in: SignIn) -> None:
    soon = datetime.now(UTC) + timedelta(days=2, hours=1)
    give(acme.news, acme.emil, "standard:editor", expires_at=soon)
    give(acme.quiet, acme.emil, "standard:editor", expires_at=soon + timedelta(days=30))
    own = signed_in(acme.emil).get(reverse("my_access", args=["acme"]))
    assert [one.obj for one in own.context["ends_soon"]] == [acme.news]
    assert "Ends soon" in own.content.decode()
    with organization_open(acme.organization.pk):
        pk = Membership.objects.get(user=acme.emil).pk
    page = signed_in(acme.marc).get(reverse("member_access", args=["acme", pk]))
    assert [one.obj for one in page.context["ends_soon"]] == [acme.news]
