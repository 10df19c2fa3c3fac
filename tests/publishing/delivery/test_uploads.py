"""Files that go up ahead of their post, step by step: every step may be lost, and nothing public comes of one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from publishing import tasks
from publishing.delivery import asking, claiming, sending, timings
from publishing.models import DeliverySettings, PostMedia, Publication, PublishAttempt, State
from social_accounts import connections
from social_accounts.networks.base import (
    CredentialsExpired,
    LimitLevel,
    NetworkError,
    NotSent,
    OutcomeUnknown,
    Prepared,
    Preparing,
    Published,
    RateLimited,
    Rejected,
    RejectionReason,
    Trouble,
)
from tests.publishing.delivery.conftest import Desk, FakeNetwork

PUBLISHED = Published(remote_id="42", permalink="https://sandbox.test/@acme-news/42")


class UploadingNetwork(FakeNetwork):
    def prepare(self, *, request: Any, **_more: Any) -> Any:
        return self._do("prepare", request)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> FakeNetwork:
    network = UploadingNetwork()
    network.will("publish", PUBLISHED)
    network.will("prepare", Prepared(progress={"ids": ["m1"]}))
    monkeypatch.setattr(connections, "adapter", lambda _name: network)
    return network


def with_picture(desk: Desk) -> Publication:
    publication = desk.write()
    PostMedia.objects.create(
        post=publication.post,
        filename="bikes.png",
        content_type="image/png",
        size_bytes=3,
        width=2,
        height=2,
        digest="d" * 64,
        file="posts/none.png",
    )
    seal = publication.post.content_digest(publication.profile.network)
    Publication.objects.filter(pk=publication.pk).update(sealed_digest=seal)
    return fresh(publication)


def fresh(publication: Publication) -> Publication:
    return Publication.objects.get(pk=publication.pk)


def go(desk: Desk, steps: int = 20) -> None:
    """Let beat look, and a worker do each step that follows at once."""
    for due in claiming.claim_due(now=desk.clock.now):
        for _step in range(steps):
            if not sending.deliver(organization_id=due.organization_id, publication_id=due.publication_id):
                break


def test_a_text_needs_no_upload(desk: Desk) -> None:
    publication = desk.write()
    go(desk)
    assert fresh(publication).state == State.PUBLISHED
    assert not desk.network.asked("prepare")


def test_a_file_goes_up_before_its_post_and_the_post_gets_what_it_left(desk: Desk) -> None:
    publication = with_picture(desk)
    desk.network.will("prepare", Preparing(progress={"at": 4}), Prepared(progress={"ids": ["m1"]}))
    go(desk)
    assert fresh(publication).state == State.PUBLISHED
    assert [dict(request.prepared) for request in desk.network.asked("prepare")] == [{}, {"at": 4}]
    assert dict(desk.network.asked("publish")[0].prepared) == {"ids": ["m1"]}
    assert desk.attempts(publication) == [("prepare", "prepared"), ("publish", "published")]


def test_each_step_is_a_task_of_its_own(desk: Desk, started: list[tuple[str, dict[str, Any]]]) -> None:
    publication = with_picture(desk)
    claiming.claim_due(now=desk.clock.now)
    ids = {"organization_id": publication.organization_id, "publication_id": publication.pk}
    tasks.deliver_publication(**ids)
    assert started == [("deliver_publication", ids)]
    assert fresh(publication).state == State.PUBLISHING
    tasks.deliver_publication(**ids)
    assert len(started) == 1
    assert fresh(publication).state == State.PUBLISHED


def test_a_network_that_still_works_on_the_file_is_asked_again_later(desk: Desk) -> None:
    publication = with_picture(desk)
    later = desk.clock.now + timedelta(seconds=30)
    desk.network.will("prepare", Preparing(progress={"at": "end"}, next_at=later), Prepared(progress={}))
    go(desk)
    waiting = fresh(publication)
    assert (waiting.state, waiting.not_before) == (State.SCHEDULED, later)
    go(desk)
    assert len(desk.network.asked("prepare")) == 1
    desk.clock.pass_time(seconds=31)
    go(desk)
    assert fresh(publication).state == State.PUBLISHED
    assert dict(desk.network.asked("prepare")[1].prepared) == {"at": "end"}


@pytest.mark.parametrize("error", [NotSent("cut off"), OutcomeUnknown("no answer")])
def test_a_step_that_failed_is_done_again_with_the_progress_it_began_with(
    desk: Desk, error: NetworkError
) -> None:
    publication = with_picture(desk)
    desk.network.will("prepare", Preparing(progress={"at": 4}), error, Prepared(progress={"ids": ["m1"]}))
    go(desk)
    waiting = fresh(publication)
    assert waiting.state == State.SCHEDULED
    assert waiting.preparation["progress"] == {"at": 4}
    desk.clock.pass_time(minutes=5)
    go(desk)
    assert fresh(publication).state == State.PUBLISHED
    assert dict(desk.network.asked("prepare")[2].prepared) == {"at": 4}
    assert len(desk.network.asked("publish")) == 1


def test_a_limit_met_while_uploading_keeps_the_progress(desk: Desk) -> None:
    publication = with_picture(desk)
    until = desk.clock.now + timedelta(minutes=10)
    desk.network.will("prepare", Preparing(progress={"at": 4}), RateLimited(until, LimitLevel.PROFILE))
    go(desk)
    waiting = fresh(publication)
    assert (waiting.state, waiting.not_before) == (State.SCHEDULED, until)
    assert waiting.preparation["progress"] == {"at": 4}


def test_a_dead_token_holds_the_queue(desk: Desk) -> None:
    publication = with_picture(desk)
    desk.network.will("prepare", CredentialsExpired("the token is dead"))
    go(desk)
    assert fresh(publication).state == State.HELD


def test_a_file_the_network_refuses_ends_the_post_with_its_words(desk: Desk) -> None:
    publication = with_picture(desk)
    desk.network.will("prepare", Rejected(RejectionReason.MEDIA_INVALID, "Too many frames."))
    go(desk)
    refused = fresh(publication)
    assert (refused.state, refused.detail, refused.preparation) == (State.REJECTED, "Too many frames.", {})
    assert not desk.network.asked("publish")


def test_a_worker_that_died_while_uploading_leaves_nothing_unconfirmed(desk: Desk) -> None:
    publication = with_picture(desk)
    claiming.claim_due(now=desk.clock.now)
    sending.begin(
        organization_id=publication.organization_id, publication_id=publication.pk, now=desk.clock.now
    )
    desk.clock.pass_time(seconds=timings.ATTEMPT_AGE_SECONDS + 1)
    asking.reap(now=desk.clock.now)
    assert fresh(publication).state == State.SCHEDULED
    assert desk.attempts(publication) == [("prepare", "not_sent")]
    go(desk)
    assert fresh(publication).state == State.PUBLISHED


def test_a_long_upload_is_not_taken_for_a_dead_one(desk: Desk) -> None:
    publication = with_picture(desk)
    desk.network.will("prepare", Preparing(progress={"at": 4}))
    (due,) = claiming.claim_due(now=desk.clock.now)
    ids = {"organization_id": due.organization_id, "publication_id": due.publication_id}
    assert sending.deliver(**ids)
    desk.clock.pass_time(seconds=timings.ATTEMPT_AGE_SECONDS - 60)
    assert sending.begin(now=desk.clock.now, **ids)
    desk.clock.pass_time(seconds=120)
    asking.reap(now=desk.clock.now)
    assert PublishAttempt.objects.get(publication=publication).outcome == "sending"


def test_a_message_lost_between_two_parts_is_made_up_for(desk: Desk) -> None:
    publication = with_picture(desk)
    desk.network.will("prepare", Preparing(progress={"at": 4}), Prepared(progress={}))
    go(desk, steps=1)
    assert fresh(publication).state == State.PUBLISHING
    desk.clock.pass_time(seconds=timings.CLAIM_AGE_SECONDS + 1)
    claiming.put_back(now=desk.clock.now)
    go(desk)
    assert fresh(publication).state == State.PUBLISHED
    assert dict(desk.network.asked("prepare")[1].prepared) == {"at": 4}


def test_what_was_uploaded_for_another_content_is_not_used(desk: Desk) -> None:
    publication = with_picture(desk)
    Publication.objects.filter(pk=publication.pk).update(
        preparation={"digest": "of another text", "progress": {"ids": ["old"]}, "is_ready": True}
    )
    go(desk)
    assert dict(desk.network.asked("prepare")[0].prepared) == {}
    assert dict(desk.network.asked("publish")[0].prepared) == {"ids": ["m1"]}


def test_a_post_that_was_not_taken_uploads_anew(desk: Desk) -> None:
    publication = with_picture(desk)
    desk.network.will("publish", NotSent("the upload is gone"), PUBLISHED)
    go(desk)
    assert fresh(publication).preparation == {}
    desk.clock.pass_time(minutes=5)
    go(desk)
    assert fresh(publication).state == State.PUBLISHED
    assert len(desk.network.asked("prepare")) == 2


def test_a_right_lost_while_uploading_stops_the_next_step(desk: Desk) -> None:
    publication = with_picture(desk)
    desk.network.will("prepare", Preparing(progress={"at": 4}))
    go(desk, steps=1)
    desk.acme.news.user_grants.filter(user=desk.acme.paul).delete()
    sending.deliver(organization_id=publication.organization_id, publication_id=publication.pk)
    assert fresh(publication).state == State.HELD
    assert len(desk.network.asked("prepare")) == 1


@pytest.mark.parametrize("trouble", list(Trouble))
def test_what_was_uploaded_is_kept_where_the_server_is_to_blame(desk: Desk, trouble: Trouble) -> None:
    publication = with_picture(desk)
    desk.network.will("publish", NotSent("sandbox.test cannot be reached.", trouble=trouble), PUBLISHED)
    go(desk)
    assert fresh(publication).state == State.SCHEDULED

    desk.clock.pass_time(minutes=5)
    go(desk)

    assert fresh(publication).state == State.PUBLISHED
    assert len(desk.network.asked("prepare")) == 1
    assert dict(desk.network.asked("publish")[1].prepared) == {"ids": ["m1"]}


def test_what_was_uploaded_is_made_anew_where_the_network_did_not_take_it(desk: Desk) -> None:
    publication = with_picture(desk)
    desk.network.will("publish", NotSent("sandbox.test lost an uploaded file."), PUBLISHED)
    desk.network.will("prepare", Prepared(progress={"ids": ["m1"]}), Prepared(progress={"ids": ["m2"]}))
    go(desk)
    desk.clock.pass_time(minutes=5)
    go(desk)

    assert fresh(publication).state == State.PUBLISHED
    assert dict(desk.network.asked("publish")[1].prepared) == {"ids": ["m2"]}


def test_what_was_uploaded_yesterday_goes_up_anew(desk: Desk) -> None:
    DeliverySettings.objects.create(organization=desk.acme.organization, hold_after_minutes=None)
    publication = with_picture(desk)
    long = RateLimited(desk.clock.now + timedelta(hours=21), LimitLevel.PROFILE)
    desk.network.will("publish", long, PUBLISHED)
    desk.network.will("prepare", Prepared(progress={"ids": ["m1"]}), Prepared(progress={"ids": ["m2"]}))
    go(desk)
    desk.clock.pass_time(hours=21)
    go(desk)

    assert fresh(publication).state == State.PUBLISHED
    assert dict(desk.network.asked("publish")[1].prepared) == {"ids": ["m2"]}
