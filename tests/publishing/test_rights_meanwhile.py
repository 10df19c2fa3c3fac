"""A right that was taken after the request began, and before its lock was held, is gone: for every act on posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orgs.models import OrganizationUserGrant
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.errors import NotAllowed
from publishing.models import Approval, HoldReason, Publication, State
from publishing.services.approvals import approve, decline
from publishing.services.delivery import (
    Finding,
    pause_publishing,
    resolve_unconfirmed,
    resume_publishing,
    take_over_held,
)
from publishing.services.posts import Draft, create_post, delete_post, update_post
from publishing.services.scheduling import cancel, reschedule, reschedule_together, schedule_post
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, role
from tests.publishing.pages import send, write

SOON = timedelta(hours=2)


@pytest.fixture
def inside(acme: Acme) -> Iterator[Acme]:
    with organization_open(acme.organization.pk):
        yield acme


def writes(acme: Acme, actor: Access, now: datetime) -> Callable[[], Any]:
    return lambda: create_post(
        actor=actor, workspace=acme.main, profiles=[acme.news], draft=Draft(text="Hello"), now=now
    )


def changes(acme: Acme, actor: Access, now: datetime) -> Callable[[], Any]:
    post = write(acme, acme.paul, acme.news)
    return lambda: update_post(
        actor=actor, post=post, profiles=[acme.news], draft=Draft(text="Other"), version=1, now=now
    )


def deletes(acme: Acme, actor: Access, now: datetime) -> Callable[[], Any]:
    post = write(acme, acme.paul, acme.news)
    return lambda: delete_post(actor=actor, post=post, now=now)


def schedules(acme: Acme, actor: Access, now: datetime) -> Callable[[], Any]:
    post = write(acme, acme.paul, acme.news)
    due = {post.publications.get().pk: now + SOON}
    return lambda: schedule_post(actor=actor, post=post, due=due, now=now)


def moves(acme: Acme, actor: Access, now: datetime) -> Callable[[], Any]:
    publication = send(acme, acme.paul, acme.news)
    return lambda: reschedule(actor=actor, publication=publication, due_at=now + SOON, now=now)


def cancels(acme: Acme, actor: Access, now: datetime) -> Callable[[], Any]:
    publication = send(acme, acme.paul, acme.news)
    return lambda: cancel(actor=actor, publication=publication, now=now)


def approves(acme: Acme, actor: Access, now: datetime) -> Callable[[], Any]:
    approval = Approval.objects.get(publication=send(acme, acme.mina, acme.news))
    return lambda: approve(actor=actor, approval=approval, digest=approval.content_digest, now=now)


def declines(acme: Acme, actor: Access, now: datetime) -> Callable[[], Any]:
    approval = Approval.objects.get(publication=send(acme, acme.mina, acme.news))
    return lambda: decline(actor=actor, approval=approval, now=now, note="No")


def takes_over(acme: Acme, actor: Access, now: datetime) -> Callable[[], Any]:
    publication = send(acme, acme.olga, acme.news)
    Publication.objects.update(state=State.HELD, hold_reason=HoldReason.RIGHT_LOST)
    digest = publication.sealed_digest
    return lambda: take_over_held(actor=actor, publication=publication, digest=digest, now=now)


def resolves(acme: Acme, actor: Access, now: datetime) -> Callable[[], Any]:
    publication = send(acme, acme.olga, acme.news)
    Publication.objects.update(state=State.UNCONFIRMED, not_before=None)
    return lambda: resolve_unconfirmed(
        actor=actor, publication=publication, finding=Finding.NOT_THERE_CANCEL, now=now
    )


ACTS = [writes, changes, deletes, schedules, moves, cancels, approves, declines, takes_over, resolves]


@pytest.mark.parametrize("prepare", ACTS)
def test_act_is_refused_whose_right_ended_before_the_lock_was_held(prepare: Any, inside: Acme) -> None:
    stale, now = inside.access(inside.paul), timezone.now()
    act = prepare(inside, stale, now)
    ProfileUserGrant.objects.filter(user=inside.paul).delete()
    with pytest.raises(NotAllowed):
        act()


@pytest.mark.parametrize("prepare", [act for act in ACTS if act is not resolves and act is not takes_over])
def test_act_is_done_while_the_right_lasts(prepare: Any, inside: Acme) -> None:
    prepare(inside, inside.access(inside.paul), timezone.now())()


@pytest.mark.parametrize("act", [pause_publishing, resume_publishing])
def test_whoever_lost_the_right_neither_pauses_nor_resumes(act: Any, inside: Acme) -> None:
    stale = inside.access(inside.marc)
    OrganizationUserGrant.objects.filter(user=inside.marc).update(
        permission=role("standard:member", Scope.ORGANIZATION).permission_id
    )
    with pytest.raises(NotAllowed):
        act(actor=stale, organization=inside.organization, now=timezone.now())


def test_moving_several_locks_all_of_them_before_the_audit_log(inside: Acme) -> None:
    """Delivery locks a publication and then the log: the other way round, the two would wait for each other."""
    now = timezone.now()
    publication = send(inside, inside.olga, inside.news, inside.sky)
    due = [(one, now + SOON) for one in publication.post.publications.all()]
    with CaptureQueriesContext(connection) as queries:
        reschedule_together(actor=inside.access(inside.olga), due=due, now=now)
    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    both = ", ".join(str(one.pk) for one, _due_at in sorted(due, key=lambda pair: pair[0].pk))
    assert f'"publishing_publication"."id" IN ({both})' in locks[0]
    assert any('"audit_audithead"' in lock for lock in locks)
