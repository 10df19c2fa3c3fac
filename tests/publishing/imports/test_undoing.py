"""Undoing an import: what nobody touched goes, what is out or was taken further stays and says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from publishing.models import ImportRow, Post, PostImport, Publication, QueueSlot, State
from publishing.services.approvals import approve
from publishing.services.comments import write_comment
from publishing.services.posts import Draft, delete_post, update_post
from publishing.services.queues import shuffle_queue
from publishing.services.scheduling import reschedule
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.imports.files import checked, latest, rows_of, started, work
from tests.publishing.pages import publications, url, words

SignIn = Callable[[User], Client]
RowState = ImportRow.State


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def undone(acme: Acme, client: Client) -> PostImport:
    client.post(url("post_import_undo", latest(acme).pk))
    return work(acme)


def touch_each(acme: Acme) -> None:
    """Do something to every post but the first, as people do between an import and its undoing."""
    now, paul, marc = timezone.now(), acme.access(acme.paul), acme.access(acme.marc)
    with organization_open(acme.organization.pk):
        _first, edited, moved, out, asked, commented, gone = Publication.objects.order_by("pk")
        draft = Draft(text="Better")
        update_post(actor=marc, post=edited.post, profiles=[acme.news], draft=draft, version=1, now=now)
        later = now + timedelta(days=3)
        reschedule(actor=marc, publication=moved, due_at=later, now=now)
        Publication.objects.filter(pk=out.pk).update(state=State.PUBLISHED, published_at=now)
        approval = asked.approvals.get()
        approve(actor=marc, approval=approval, digest=approval.content_digest, now=now)
        write_comment(actor=marc, post=commented.post, text="Not on a Sunday", now=now)
        delete_post(actor=paul, post=gone.post, now=now)


def test_undoing_says_before_what_it_does_and_does_exactly_that(acme: Acme, paul: Client) -> None:
    checked(acme, paul, *[{"Action": "approval"} if number == 4 else {} for number in range(7)])
    started(acme, paul)
    touch_each(acme)
    page = words(paul.get(url("post_import_undo", latest(acme).pk)))
    assert "1 post will be deleted" in page and "5 posts will stay" in page
    reasons = [
        "Marc Manager changed it since.",
        "It was moved to another time since.",
        "It is out, or on its way.",
        "It was “Waiting for approval” and is “Scheduled” now.",
        "Somebody commented on it.",
    ]
    assert all(reason in page for reason in reasons)
    assert undone(acme, paul).stage == PostImport.Stage.UNDONE
    rows = rows_of(acme)
    assert [row.state for row in rows] == [RowState.UNDONE, *[RowState.KEPT] * 5, RowState.UNDONE]
    assert [row.reason for row in rows[1:6]] == reasons
    assert len(publications(acme)) == 5
    page = words(paul.get(url("post_import", latest(acme).pk)))
    assert "2 posts are undone. 5 posts stay." in page
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="post_import.undo").count() == 1
    undone(acme, paul)  # again changes nothing
    assert len(publications(acme)) == 5


def test_shuffled_queue_does_not_keep_its_posts(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        for hour in range(4):
            QueueSlot.objects.create(profile=acme.news, weekday=2, minute=hour * 60)
    checked(acme, paul, *[{"Date": "", "Time": ""} for _row in range(3)], mode="queue")
    started(acme, paul)
    with organization_open(acme.organization.pk):
        shuffle_queue(actor=acme.access(acme.paul), profile=acme.news, now=timezone.now())
    undone(acme, paul)
    assert publications(acme) == []


def test_manager_of_all_its_profiles_undoes_somebody_elses_import(
    acme: Acme, paul: Client, signed_in: SignIn
) -> None:
    checked(acme, paul, {})
    started(acme, paul)
    found = undone(acme, signed_in(acme.marc))
    assert (found.stage, found.undone_by) == (PostImport.Stage.UNDONE, acme.marc)
    assert publications(acme) == []


def test_whoever_may_not_import_undoes_nothing(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    checked(acme, paul, {})
    started(acme, paul)
    answer = signed_in(acme.mina).post(url("post_import_undo", latest(acme).pk))
    assert answer.status_code == 403
    work(acme)
    assert len(publications(acme)) == 1


def test_import_that_is_not_done_is_not_undone(acme: Acme, paul: Client) -> None:
    checked(acme, paul, {})
    assert paul.get(url("post_import_undo", latest(acme).pk)).status_code == 303
    assert undone(acme, paul).stage == PostImport.Stage.READY


def test_right_that_was_lost_keeps_the_posts(acme: Acme, paul: Client) -> None:
    checked(acme, paul, {})
    started(acme, paul)
    paul.post(url("post_import_undo", latest(acme).pk))
    with organization_open(acme.organization.pk):
        acme.news.user_grants.filter(user=acme.paul).delete()
        assert Post.objects.count() == 1
    work(acme)
    [row] = rows_of(acme)
    assert (row.state, row.reason) == (RowState.KEPT, "You may not change it.")


def test_look_before_undoing_asks_as_often_for_many_posts_as_for_one(acme: Acme, paul: Client) -> None:
    asked = []
    for count in (1, 6):
        checked(acme, paul, *[{} for _row in range(count)])
        started(acme, paul)
        with CaptureQueriesContext(connection) as queries:
            paul.get(url("post_import_undo", latest(acme).pk))
        asked.append(len(queries))
    assert asked[1] <= asked[0]
