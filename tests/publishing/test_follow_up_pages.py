"""What a person sees and does on the page of a post that is out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEvent
from publishing.models import FollowUp, FollowUpState, Publication, State
from reporting.models import MetricPoint
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import send, url, words

OUT_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def publication(acme: Acme) -> Publication:
    """Return Paul's post on a Mastodon profile, out since yesterday."""
    found = send(acme, acme.paul, acme.news, text="Doors open at nine.")
    with organization_open(acme.organization.pk):
        Publication.objects.filter(pk=found.pk).update(
            state=State.PUBLISHED,
            remote_id="42",
            permalink="https://social.example/@acme/42",
            published_at=OUT_AT,
        )
        found.refresh_from_db()
    return found


def rows(acme: Acme) -> list[FollowUp]:
    with organization_open(acme.organization.pk):
        return list(FollowUp.objects.order_by("pk"))


def detail(client: Client, publication: Publication) -> str:
    return words(client.get(url("publication_detail", publication.pk)))


def test_a_post_that_is_out_is_changed_through_its_page(
    acme: Acme, publication: Publication, client: Client
) -> None:
    client.force_login(acme.marc)
    assert url("published_edit", publication.pk) in detail(client, publication)
    form = client.get(url("published_edit", publication.pk))
    assert "Doors open at nine." in words(form)
    answer = client.post(url("published_edit", publication.pk), {"text": "Doors open at ten."})
    assert answer.status_code == 302
    (row,) = rows(acme)
    assert (row.kind, row.text, row.state) == (
        FollowUp.Kind.EDIT,
        "Doors open at ten.",
        FollowUpState.PENDING,
    )
    page = detail(client, publication)
    assert "Waiting its turn" in page
    assert url("published_edit", publication.pk) not in page  # one change at a time
    with organization_open(acme.organization.pk):
        event = AuditEvent.objects.get(action="publication.edit")
    assert event.actor_id == acme.marc.pk


@pytest.mark.parametrize(
    ("text", "refusal"), [("", "Write a text"), ("x" * 501, "too long"), ("Doors open at nine.", "as it was")]
)
def test_a_change_the_network_would_not_take_comes_back_with_what_was_typed(
    acme: Acme, publication: Publication, client: Client, text: str, refusal: str
) -> None:
    client.force_login(acme.marc)
    answer = client.post(url("published_edit", publication.pk), {"text": text})
    assert answer.status_code == 422
    assert refusal in words(answer)
    assert text in words(answer)
    assert rows(acme) == []


def test_a_post_is_deleted_at_the_network_after_one_more_question(
    acme: Acme, publication: Publication, client: Client
) -> None:
    client.force_login(acme.marc)
    page = detail(client, publication)
    assert 'id="delete-published"' in page
    answer = client.post(url("published_deletion", publication.pk), {"reason": "Wrong day"})
    assert answer.status_code == 302
    (row,) = rows(acme)
    assert (row.kind, row.reason) == (FollowUp.Kind.DELETION, "Wrong day")
    again = client.post(url("published_deletion", publication.pk), {})
    assert (again.status_code, "being deleted" in words(again)) == (422, True)


def test_where_the_network_deletes_nothing_no_deletion_is_offered(
    acme: Acme, publication: Publication, client: Client
) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(network="instagram")
    client.force_login(acme.marc)
    assert 'id="delete-published"' not in detail(client, publication)
    answer = client.post(url("published_deletion", publication.pk), {})
    assert (answer.status_code, "delete it there" in words(answer)) == (422, True)
    assert rows(acme) == []


@pytest.mark.parametrize("route", ["published_edit", "published_deletion", "comment_again"])
def test_who_may_only_send_for_approval_changes_nothing_that_is_out(
    acme: Acme, publication: Publication, client: Client, route: str
) -> None:
    client.force_login(acme.mina)
    page = detail(client, publication)
    assert url(route, publication.pk) not in page
    assert client.post(url(route, publication.pk), {"text": "x"}).status_code == 403
    assert rows(acme) == []


def test_the_page_tells_what_became_of_the_first_comment_in_the_network_s_words(
    acme: Acme, publication: Publication, client: Client
) -> None:
    with organization_open(acme.organization.pk):
        FollowUp.objects.create(
            publication=publication,
            kind=FollowUp.Kind.COMMENT,
            state=FollowUpState.FAILED,
            text="Details below",
            detail="Comments are closed here.",
        )
    client.force_login(acme.paul)
    page = detail(client, publication)
    assert "Details below" in page
    assert "Comments are closed here." in page
    assert client.post(url("comment_again", publication.pk)).status_code == 302
    assert rows(acme)[0].state == FollowUpState.PENDING
    twice = client.post(url("comment_again", publication.pk))
    assert (twice.status_code, "no first comment" in words(twice)) == (422, True)


def test_the_page_shows_the_text_as_it_was_changed_and_that_a_post_is_gone(
    acme: Acme, publication: Publication, client: Client
) -> None:
    with organization_open(acme.organization.pk):
        FollowUp.objects.create(
            publication=publication,
            kind=FollowUp.Kind.EDIT,
            state=FollowUpState.DONE,
            text="Doors open at ten.",
            text_before="Doors open at nine.",
            done_at=OUT_AT,
        )
        Publication.objects.filter(pk=publication.pk).update(gone_at=OUT_AT)
    client.force_login(acme.olga)
    page = detail(client, publication)
    assert page.count("Doors open at ten.") == 2  # in the preview, and in what was done
    assert "does not show this post any more" in page
    for route in ("published_edit", "published_deletion"):
        assert url(route, publication.pk) not in page
    refused = client.post(url("published_edit", publication.pk), {"text": "x"})
    assert refused.status_code == 422


def test_the_page_shows_the_latest_numbers_and_tells_missing_from_zero(
    acme: Acme, publication: Publication, client: Client
) -> None:
    def point(metric: str, value: int | None, hour: int) -> Any:
        slot = OUT_AT.replace(hour=hour)
        return MetricPoint(publication=publication, metric=metric, value=value, slot=slot, measured_at=slot)

    with organization_open(acme.organization.pk):
        MetricPoint.objects.bulk_create(
            [point("likes", 3, 10), point("likes", 1234, 11), point("impressions", None, 11)]
        )
    client.force_login(acme.olga)
    page = detail(client, publication)
    assert "1234" in page or "1,234" in page
    assert "not told" in page
    assert page.index("Impressions") < page.index("Reactions")


def test_a_post_that_is_not_out_offers_none_of_it(acme: Acme, client: Client) -> None:
    waiting = send(acme, acme.paul, acme.news)
    client.force_login(acme.marc)
    page = detail(client, waiting)
    for route in ("published_edit", "published_deletion"):
        assert url(route, waiting.pk) not in page
    assert "not out at the network" in words(client.get(url("published_edit", waiting.pk)))
    refused = client.post(url("published_deletion", waiting.pk), {})
    assert (refused.status_code, "This post is not out." in words(refused)) == (422, True)
