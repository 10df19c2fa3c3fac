from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from permissions.errors import NotAllowed
from publishing.models import Approval, Post, Publication, State
from publishing.services.approvals import CannotAnswer, approve, decline
from publishing.services.posts import CannotChange, Draft, create_post, delete_post, update_post
from publishing.services.scheduling import CannotSchedule, cancel, reschedule, schedule_post
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, add_member, give, make_person

SOON = timedelta(hours=2)


@pytest.fixture
def inside(acme: Acme) -> Iterator[Acme]:
    with organization_open(acme.organization.pk):
        yield acme


def write(acme: Acme, author: User, *profiles: SocialProfile, text: str = "Hello, world") -> Post:
    return create_post(
        actor=acme.access(author),
        workspace=acme.main,
        profiles=profiles,
        draft=Draft(text=text),
        now=timezone.now(),
    )


def send(acme: Acme, sender: User, post: Post, **more: bool) -> Publication:
    now = timezone.now()
    due = {publication.pk: now + SOON for publication in post.publications.all()}
    return schedule_post(actor=acme.access(sender), post=post, due=due, now=now, **more)[0]


def change(acme: Acme, editor: User, post: Post, text: str) -> Post:
    profiles = [publication.profile for publication in post.publications.select_related("profile")]
    return update_post(
        actor=acme.access(editor),
        post=post,
        profiles=profiles,
        draft=Draft(text=text),
        version=post.version,
        now=timezone.now(),
    )


def test_editor_schedules_and_vouches_himself(inside: Acme) -> None:
    publication = send(inside, inside.paul, write(inside, inside.paul, inside.news))
    assert (publication.state, publication.vouched_by) == (State.SCHEDULED, inside.paul)
    assert publication.sealed_digest == publication.post.content_digest("mastodon")


def test_moderators_post_goes_for_approval(inside: Acme) -> None:
    publication = send(inside, inside.mina, write(inside, inside.mina, inside.news))
    assert publication.state == State.WAITING
    assert Approval.objects.get().requested_by == inside.mina


def test_guest_may_not_write(inside: Acme) -> None:
    with pytest.raises(NotAllowed):
        write(inside, inside.gus, inside.news)
    assert not Post.objects.exists()


def test_editor_may_ask_for_approval_although_he_could_publish(inside: Acme) -> None:
    publication = send(inside, inside.paul, write(inside, inside.paul, inside.news), asks_approval=True)
    assert publication.state == State.WAITING


def test_nobody_approves_his_own_request(inside: Acme) -> None:
    publication = send(inside, inside.paul, write(inside, inside.paul, inside.news), asks_approval=True)
    approval = Approval.objects.get()
    with pytest.raises(CannotAnswer, match="own"):
        approve(
            actor=inside.access(inside.paul),
            approval=approval,
            digest=approval.content_digest,
            now=timezone.now(),
        )
    approve(
        actor=inside.access(inside.marc),
        approval=approval,
        digest=approval.content_digest,
        now=timezone.now(),
    )
    publication.refresh_from_db()
    assert (publication.state, publication.vouched_by) == (State.SCHEDULED, inside.marc)


def test_moderator_may_not_approve(inside: Acme) -> None:
    send(inside, inside.paul, write(inside, inside.paul, inside.news), asks_approval=True)
    approval = Approval.objects.get()
    with pytest.raises(NotAllowed):
        approve(
            actor=inside.access(inside.mina),
            approval=approval,
            digest=approval.content_digest,
            now=timezone.now(),
        )


def test_any_edit_voids_the_approval(inside: Acme) -> None:
    post = write(inside, inside.mina, inside.news)
    send(inside, inside.mina, post)
    shown = Approval.objects.get()
    change(inside, inside.mina, Post.objects.get(pk=post.pk), "Something else")
    shown.refresh_from_db()
    assert shown.answer == Approval.Answer.VOID
    with pytest.raises(CannotAnswer):
        approve(
            actor=inside.access(inside.marc), approval=shown, digest=shown.content_digest, now=timezone.now()
        )
    assert Publication.objects.get().state == State.DRAFT


def test_edit_by_one_who_may_publish_keeps_the_schedule_and_he_vouches(inside: Acme) -> None:
    post = write(inside, inside.paul, inside.news)
    send(inside, inside.paul, post)
    change(inside, inside.marc, Post.objects.get(pk=post.pk), "Better words")
    publication = Publication.objects.get()
    assert (publication.state, publication.vouched_by) == (State.SCHEDULED, inside.marc)
    assert publication.sealed_digest == publication.post.content_digest("mastodon")


def test_moderator_edits_only_his_own_scheduled_posts(inside: Acme) -> None:
    post = write(inside, inside.paul, inside.news)
    send(inside, inside.paul, post)
    with pytest.raises(NotAllowed):
        change(inside, inside.mina, Post.objects.get(pk=post.pk), "Mine now")


def test_second_of_two_savers_is_told(inside: Acme) -> None:
    post = write(inside, inside.paul, inside.news)
    stale = Post.objects.get(pk=post.pk)
    change(inside, inside.marc, Post.objects.get(pk=post.pk), "First")
    with pytest.raises(CannotChange, match="Somebody else"):
        change(inside, inside.paul, stale, "Second")


def test_approval_after_its_time_holds_the_post(inside: Acme) -> None:
    publication = send(inside, inside.mina, write(inside, inside.mina, inside.news))
    approval = Approval.objects.get()
    late = publication.due_at + timedelta(minutes=1)  # type: ignore[operator]
    approve(actor=inside.access(inside.marc), approval=approval, digest=approval.content_digest, now=late)
    publication.refresh_from_db()
    assert (publication.state, publication.hold_reason) == (State.HELD, "late")


def test_declining_needs_a_note_and_goes_back_to_the_author(inside: Acme) -> None:
    publication = send(inside, inside.mina, write(inside, inside.mina, inside.news))
    approval = Approval.objects.get()
    with pytest.raises(CannotAnswer, match="note"):
        decline(actor=inside.access(inside.marc), approval=approval, now=timezone.now(), note=" ")
    decline(actor=inside.access(inside.marc), approval=approval, now=timezone.now(), note="Add the link")
    publication.refresh_from_db()
    assert (publication.state, publication.detail) == (State.DECLINED, "Add the link")


def test_moving_a_post_in_approval_asks_anew(inside: Acme) -> None:
    publication = send(inside, inside.mina, write(inside, inside.mina, inside.news))
    first = Approval.objects.get()
    later = publication.due_at + SOON  # type: ignore[operator]
    reschedule(actor=inside.access(inside.mina), publication=publication, due_at=later, now=timezone.now())
    first.refresh_from_db()
    assert first.answer == Approval.Answer.VOID
    assert Approval.objects.get(answer="").due_at == later


def test_time_in_the_past_is_refused(inside: Acme) -> None:
    post = write(inside, inside.paul, inside.news)
    now = timezone.now()
    due = {post.publications.get().pk: now - timedelta(hours=1)}
    with pytest.raises(CannotSchedule, match="past"):
        schedule_post(actor=inside.access(inside.paul), post=post, due=due, now=now)
    assert post.publications.get().state == State.DRAFT


def test_text_the_network_would_refuse_is_not_scheduled(inside: Acme) -> None:
    post = write(inside, inside.paul, inside.news, text="x" * 501)
    with pytest.raises(CannotSchedule):
        send(inside, inside.paul, post)


def test_canceled_post_is_out_of_the_schedule(inside: Acme) -> None:
    publication = send(inside, inside.paul, write(inside, inside.paul, inside.news))
    cancel(actor=inside.access(inside.paul), publication=publication, now=timezone.now())
    assert not Publication.objects.due(timezone.now() + 2 * SOON).exists()


def test_what_is_out_can_neither_be_changed_nor_deleted(inside: Acme) -> None:
    post = write(inside, inside.paul, inside.news)
    send(inside, inside.paul, post)
    Publication.objects.update(state=State.PUBLISHED, published_at=timezone.now())
    with pytest.raises(CannotChange):
        change(inside, inside.paul, Post.objects.get(pk=post.pk), "Too late")
    with pytest.raises(CannotChange):
        delete_post(actor=inside.access(inside.paul), post=post, now=timezone.now())


def test_reviewer_who_is_no_author_reviews_on_his_profile_only(inside: Acme) -> None:
    rita = make_person("Rita Reviewer")
    add_member(inside.organization, rita, "standard:member")
    give(inside.sky, rita, "standard:editor")
    send(inside, inside.mina, write(inside, inside.mina, inside.news))
    approval = Approval.objects.get()
    with pytest.raises(NotAllowed):
        approve(
            actor=inside.access(rita), approval=approval, digest=approval.content_digest, now=timezone.now()
        )


def test_text_counts_against_the_limits_of_the_profiles_own_server(inside: Acme) -> None:
    roomy = {
        "text_limit": 5000,
        "url_length": 23,
        "images_max": 4,
        "image_bytes_max": 10**7,
        "alt_text_max": 1500,
    }
    SocialProfile.objects.filter(pk=inside.news.pk).update(limits=roomy)
    publication = send(inside, inside.paul, write(inside, inside.paul, inside.news, text="x" * 501))
    assert publication.state == State.SCHEDULED
    SocialProfile.objects.filter(pk=inside.news.pk).update(limits=roomy | {"text_limit": 100})
    with pytest.raises(CannotSchedule):
        send(inside, inside.paul, write(inside, inside.paul, inside.news, text="x" * 101))
