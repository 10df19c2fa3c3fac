"""What time does to a request: reminders, passing on, and posts that were not approved in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from publishing.models import Approval, ApprovalLink, ApprovalStep, HoldReason, State
from publishing.reviewers import may_answer
from publishing.services.approval_times import (
    escalate,
    hold_missed,
    missed_publications,
    remind,
    steps_to_escalate,
    steps_to_remind,
)
from publishing.services.scheduling import reschedule
from publishing.tasks import look_after_approvals
from social_accounts import connections
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme
from tests.mails import mail_due
from tests.publishing.approvals.making import CLIENT, ask, fresh, make_workflow, say_yes, step
from tests.publishing.pages import url, words

SignIn = Callable[[User], Client]
HOUR = timedelta(hours=1)


def receivers() -> list[str]:
    mail_due()
    return sorted(address for one in mail.outbox for address in one.to)


def test_step_asks_its_people_when_it_opens_and_reminds_those_who_have_not_answered_once(
    acme: Acme, django_capture_on_commit_callbacks: Any
) -> None:
    make_workflow(acme, step("Both", acme.paul, acme.marc, rule="all", remind_after_hours=4))
    with django_capture_on_commit_callbacks(execute=True):
        approval = ask(acme)
    assert receivers() == [acme.marc.email, acme.paul.email]
    say_yes(acme, acme.paul, approval)
    now = timezone.now()
    assert steps_to_remind(now + 3 * HOUR) == []
    mail.outbox.clear()
    for _number in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            for due in steps_to_remind(now + 5 * HOUR):
                remind(organization_id=due.organization_id, step_id=due.pk, now=now + 5 * HOUR)
    assert receivers() == [acme.marc.email]


def test_reminder_outside_brings_a_new_link_and_ends_the_old_one(
    acme: Acme, django_capture_on_commit_callbacks: Any
) -> None:
    make_workflow(acme, step("Both", acme.marc, outsiders=[CLIENT], remind_after_hours=1))
    ask(acme)
    now = timezone.now() + 2 * HOUR
    with django_capture_on_commit_callbacks(execute=True):
        for due in steps_to_remind(now):
            remind(organization_id=due.organization_id, step_id=due.pk, now=now)
    assert "claire@client.test" in receivers()
    with organization_open(acme.organization.pk):
        assert [one.revoked_at is None for one in ApprovalLink.objects.order_by("pk")] == [False, True]


def test_unanswered_step_is_passed_on_and_that_answer_counts_for_all(
    acme: Acme, django_capture_on_commit_callbacks: Any
) -> None:
    make_workflow(
        acme,
        step("Both", acme.paul, acme.marc, rule="all", escalate_after_hours=8, escalate_to=acme.olga),
    )
    approval = ask(acme)
    with organization_open(acme.organization.pk):
        assert not may_answer(acme.access(acme.olga), approval)
    assert receivers() == [acme.marc.email, acme.paul.email]
    mail.outbox.clear()
    now = timezone.now() + 9 * HOUR
    for _number in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            for due in steps_to_escalate(now):
                escalate(organization_id=due.organization_id, step_id=due.pk, now=now)
    assert receivers() == [acme.olga.email]
    assert say_yes(acme, acme.olga, approval).state == State.SCHEDULED


def test_answered_step_is_neither_reminded_of_nor_passed_on(acme: Acme) -> None:
    make_workflow(
        acme, step("One", acme.paul, remind_after_hours=1, escalate_after_hours=2, escalate_to=acme.olga)
    )
    say_yes(acme, acme.paul, ask(acme))
    late = timezone.now() + 48 * HOUR
    assert steps_to_remind(late) == [] and steps_to_escalate(late) == []
    with organization_open(acme.organization.pk):
        step_id = ApprovalStep.objects.get().pk
    escalate(organization_id=acme.organization.pk, step_id=step_id, now=late)
    with organization_open(acme.organization.pk):
        assert ApprovalStep.objects.get().escalated_at is None


def test_post_that_was_not_approved_in_time_is_held_and_people_are_told(
    acme: Acme, django_capture_on_commit_callbacks: Any
) -> None:
    make_workflow(acme, step("Words", acme.paul))
    approval = ask(acme)
    late = approval.due_at + HOUR  # type: ignore[operator]
    assert missed_publications(timezone.now()) == []
    for _number in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            for due in missed_publications(late):
                hold_missed(organization_id=due.organization_id, publication_id=due.pk, now=late)
    publication = fresh(acme, approval.publication)
    assert (publication.state, publication.hold_reason) == (State.HELD, HoldReason.LATE)
    assert receivers() == [acme.mina.email, acme.paul.email]
    with organization_open(acme.organization.pk):
        approval.refresh_from_db()
    assert approval.answer == Approval.Answer.MISSED


@pytest.mark.parametrize("who", ["mina", "marc"])
def test_new_time_of_a_missed_post_asks_again_whoever_gives_it(who: str, acme: Acme) -> None:
    """A new time is no approval, not even from somebody who may publish."""
    make_workflow(acme, step("Words", acme.paul))
    approval = ask(acme)
    late = approval.due_at + HOUR  # type: ignore[operator]
    hold_missed(organization_id=acme.organization.pk, publication_id=approval.publication_id, now=late)
    with organization_open(acme.organization.pk):
        publication = reschedule(
            actor=acme.access(getattr(acme, who)),
            publication=approval.publication,
            due_at=late + 24 * HOUR,
            now=late,
        )
        again = Approval.objects.select_related("publication").get(answer="")
    assert publication.state == State.WAITING and again.requested_by == acme.mina
    assert say_yes(acme, acme.paul, again, now=late).state == State.SCHEDULED


def test_approval_just_after_its_time_holds_and_does_not_let_it_slip_out(acme: Acme) -> None:
    approval = ask(acme)
    publication = say_yes(acme, acme.paul, approval, now=approval.due_at + HOUR)  # type: ignore[operator]
    assert (publication.state, publication.hold_reason) == (State.HELD, HoldReason.LATE)


def test_task_looks_after_every_organization(
    acme: Acme, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = ask(acme)
    late = approval.due_at + HOUR  # type: ignore[operator]
    monkeypatch.setattr(connections, "clock", lambda: late)
    with django_capture_on_commit_callbacks(execute=True):
        look_after_approvals()
    assert fresh(acme, approval.publication).state == State.HELD


def test_deadline_is_one_moment_told_on_each_readers_clock(
    acme: Acme, signed_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    """Hours count from when the step opens, also over a change of the clocks, and end with the post's own time."""
    User.objects.filter(pk=acme.marc.pk).update(time_zone="Asia/Tokyo")
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(time_zone="America/New_York")
        acme.news.refresh_from_db()
    make_workflow(
        acme, step("Words", acme.marc, outsiders=[CLIENT], answer_within_hours=2), step("Last", acme.marc)
    )
    with django_capture_on_commit_callbacks(execute=True):
        approval = ask(acme)
    with organization_open(acme.organization.pk):
        first = ApprovalStep.objects.get(name="Words")
    assert first.opened_at is not None and first.answer_by == first.opened_at + 2 * HOUR
    page = words(signed_in(acme.marc).get(url("approval_detail", approval.pk)))
    assert f"{first.answer_by.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}" in page and "Tokyo" in page
    [mailed] = [str(one.body) for one in mail.outbox if one.to == [CLIENT[1]]]
    there = first.answer_by.astimezone(ZoneInfo("America/New_York"))
    assert f"{date_format(there, 'P')} (America/New_York)" in mailed
    say_yes(acme, acme.marc, approval)
    with organization_open(acme.organization.pk):
        assert ApprovalStep.objects.get(name="Last").answer_by == approval.due_at
