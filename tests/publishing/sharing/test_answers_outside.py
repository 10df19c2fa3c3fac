"""Approving through a shared calendar: it counts where a workflow asks this very person, and nowhere else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from publishing.models import Approval, ApprovalAnswer, Publication, State
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.approvals.making import ask, make_workflow, say_yes, step
from tests.publishing.pages import publications, send, words
from tests.publishing.sharing.pages import JUNE, linked, month, post_page, shared

CLARA = ("Clara Client", "clara@client.test")


@pytest.fixture
def waiting(acme: Acme) -> Publication:
    """A post of Mina's that Marc has approved, and that waits for Clara, who has no account."""
    make_workflow(acme, step("Team", acme.marc), step("Client", outsiders=[CLARA]))
    approval = ask(acme, due_at=JUNE)
    return say_yes(acme, acme.marc, approval)


def state(acme: Acme) -> str:
    return str(publications(acme)[0].state)


def link_of_clara(acme: Acme) -> str:
    _link, token = linked(acme, shared(acme), email=CLARA[1], may_comment=True, may_approve=True)
    return token


def digest_on(client: Client, page: str) -> str:
    digest: str = client.get(page).context["digest"]
    return digest


def test_asked_person_approves_in_two_presses(acme: Acme, waiting: Publication, client: Client) -> None:
    token = link_of_clara(acme)
    page = post_page(token, waiting.pk)
    begin = words(client.get(month(token)))
    assert "1 post waits for your answer" in begin and f'href="{page}#answer"' in begin  # the first press
    answer = client.post(page, {"answer": "approve", "digest": digest_on(client, page)})  # the second
    assert answer.status_code == 303
    assert "You approved it. Thank you." in words(client.get(answer["Location"]))
    assert state(acme) == State.SCHEDULED
    with organization_open(acme.organization.pk):
        names = ApprovalAnswer.objects.order_by("pk").values_list("name", flat=True)
        assert list(names) == ["Marc Manager", "Clara Client"]
    assert "waits for your answer" not in words(client.get(month(token)))
    late = client.post(page, {"answer": "approve", "digest": "x"})
    assert late.status_code == 422 and "does not wait for your answer" in words(late)


def test_no_comes_with_a_note_that_is_kept_when_it_is_missing(
    acme: Acme, waiting: Publication, client: Client
) -> None:
    page = post_page(link_of_clara(acme), waiting.pk)
    refused = client.post(page, {"answer": "decline", "note": " "})
    assert refused.status_code == 422 and "Say in a note what should change" in words(refused)
    assert state(acme) == State.WAITING
    assert client.post(page, {"answer": "decline", "note": "Another picture"}).status_code == 303
    assert state(acme) == State.DECLINED


def test_content_that_changed_meanwhile_is_not_approved(
    acme: Acme, waiting: Publication, client: Client
) -> None:
    page = post_page(link_of_clara(acme), waiting.pk)
    refused = client.post(page, {"answer": "approve", "digest": "0" * 64})
    assert refused.status_code == 422
    assert state(acme) == State.WAITING


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "Only looks"},
        {"name": "Comments", "email": CLARA[1], "may_comment": True},
        {"name": "Somebody else", "email": "other@client.test", "may_comment": True, "may_approve": True},
    ],
)
def test_nobody_else_answers(acme: Acme, waiting: Publication, client: Client, wish: dict[str, Any]) -> None:
    _link, token = linked(acme, shared(acme), **wish)
    page = post_page(token, waiting.pk)
    assert "waits for your answer" not in words(client.get(month(token)))
    shown = client.get(page)
    assert 'value="approve"' not in words(shown)
    refused = client.post(page, {"answer": "approve", "digest": shown.context["digest"]})
    assert refused.status_code == 422 and "does not wait for your answer" in words(refused)
    assert state(acme) == State.WAITING


def test_request_that_asks_the_team_is_not_answered_from_outside(acme: Acme, client: Client) -> None:
    publication = send(acme, acme.mina, acme.news, due_at=JUNE)
    page = post_page(link_of_clara(acme), publication.pk)
    assert client.post(page, {"answer": "approve", "digest": digest_on(client, page)}).status_code == 422
    with organization_open(acme.organization.pk):
        assert Approval.objects.get().answer == ""


def test_post_that_is_not_in_the_calendar_is_not_answered(
    acme: Acme, waiting: Publication, client: Client
) -> None:
    calendar = shared(acme, acme.news, start_date=(JUNE + timedelta(days=2)).date())
    _link, token = linked(acme, calendar, email=CLARA[1], may_comment=True, may_approve=True)
    assert client.post(post_page(token, waiting.pk), {"answer": "approve"}).status_code == 404
    assert state(acme) == State.WAITING
