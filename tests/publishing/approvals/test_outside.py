"""Somebody without an account approves by a mailed link: one click in the mail, one on the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from publishing.models import Approval, ApprovalLink, Comment, Publication, State
from publishing.services.comments import write_comment
from publishing.services.outsiders import LinkExpired, LinkRevoked, LinkUnknown, find_link, revoke
from publishing.views.outsiders import RATES
from tenancy.context import organization_open
from tests.cast import Acme, give
from tests.mails import mail_due
from tests.publishing.approvals.making import CLIENT, ask, fresh, link_in, make_workflow, say_yes, step
from tests.publishing.pages import picture, press, upload, url, words

SignIn = Callable[[User], Client]


@pytest.fixture
def request_outside(
    acme: Acme, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> tuple[Approval, str]:
    """Return a request that Paul has approved, so that it waits for the client, and the path in her mail."""
    make_workflow(acme, step("Words", acme.paul), step("Client", outsiders=[CLIENT]))
    approval = ask(acme, text="The autumn collection is here")
    with django_capture_on_commit_callbacks(execute=True):
        say_yes(acme, acme.paul, approval)
    [mailed] = [one for one in mail.outbox if one.to == ["claire@client.test"]]
    return approval, link_in(mailed)


def digest_on(page: Any) -> str:
    return str(page.context["digest"])


def test_two_clicks_approve_without_an_account(
    acme: Acme, client: Client, request_outside: tuple[Approval, str]
) -> None:
    approval, path = request_outside
    page = client.get(path)  # the click in the mail
    assert "The autumn collection is here" in words(page)
    answer = client.post(path, {"answer": "approve", "digest": digest_on(page)})  # the click on the page
    assert answer.status_code == 302 and answer["Location"] == path
    publication = fresh(acme, approval.publication)
    assert (publication.state, publication.vouched_by) == (State.SCHEDULED, acme.paul), "the team vouches"
    assert "You approved it" in words(client.get(path))
    assert client.post(path, {"answer": "approve", "digest": digest_on(page)}).status_code == 422


def test_no_needs_a_note_and_brings_it_back_to_the_author(
    acme: Acme, client: Client, request_outside: tuple[Approval, str]
) -> None:
    approval, path = request_outside
    refused = client.post(path, {"answer": "decline", "note": ""})
    assert refused.status_code == 422 and "Say in a note" in words(refused)
    assert client.post(path, {"answer": "decline", "note": "Our logo is old"}).status_code == 302
    publication = fresh(acme, approval.publication)
    assert (publication.state, publication.detail) == (State.DECLINED, "Our logo is old")
    with organization_open(acme.organization.pk):
        told = AuditEvent.objects.get(action="publication.decline")
    assert told.actor_id is None and told.actor_label == "Claire Client (by link)"


def test_looking_alone_approves_nothing(
    acme: Acme, client: Client, request_outside: tuple[Approval, str]
) -> None:
    """Mail scanners open every link."""
    approval, path = request_outside
    for _number in range(3):
        assert client.get(path).status_code == 200
    assert fresh(acme, approval.publication).state == State.WAITING


def test_page_is_kept_from_search_engines_caches_and_other_sites(
    client: Client, request_outside: tuple[Approval, str]
) -> None:
    answer = client.get(request_outside[1])
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "same-origin"


def test_token_is_stored_as_its_digest_only(acme: Acme, request_outside: tuple[Approval, str]) -> None:
    token = request_outside[1].split("/")[3]
    with organization_open(acme.organization.pk):
        link = ApprovalLink.objects.get()
    assert token not in str(vars(link)) and len(link.token_digest) == 64


def test_only_a_real_token_learns_that_it_expired_or_was_shut(
    acme: Acme, client: Client, request_outside: tuple[Approval, str]
) -> None:
    path = request_outside[1]
    token, now = path.split("/")[3], timezone.now()
    with organization_open(acme.organization.pk):
        link = ApprovalLink.objects.get()
    with pytest.raises(LinkUnknown):
        find_link(ApprovalLink, token[:-1], now)
    with pytest.raises(LinkExpired):
        find_link(ApprovalLink, token, link.expires_at + timedelta(seconds=1))
    with organization_open(acme.organization.pk):
        assert revoke(link, now) and not revoke(link, now), "shut once"
    with pytest.raises(LinkRevoked):
        find_link(ApprovalLink, token, now)
    for address in (path, path.replace(token, "x" * 43)):
        gone = client.get(address)
        assert gone.status_code == 410 and "autumn" not in words(gone)
        assert gone["X-Robots-Tag"] == "noindex, nofollow"
    assert client.post(path, {"answer": "approve"}).status_code == 410


def test_guessing_tokens_is_slowed_down(client: Client, db: None) -> None:
    cache.clear()
    tries = int(RATES["unknown"].split("/")[0])
    answers = [client.get(f"/outside/approvals/guess{number}/").status_code for number in range(tries + 1)]
    cache.clear()
    assert answers == [410] * tries + [429]


def test_edit_shuts_the_page_and_a_new_draft_is_not_shown(
    acme: Acme, client: Client, signed_in: SignIn, request_outside: tuple[Approval, str]
) -> None:
    approval, path = request_outside
    post = approval.publication.post
    press(signed_in(acme.mina), "save", acme.news, post=post, text="Secret next idea", version=post.version)
    page = client.get(path)
    assert page.status_code == 200
    assert "Secret next idea" not in words(page) and "This post changed" in words(page)
    refused = client.post(path, {"answer": "approve", "digest": approval.content_digest})
    assert refused.status_code == 422
    assert fresh(acme, approval.publication).state == State.DRAFT


def test_link_answers_its_own_step_only(
    acme: Acme, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    make_workflow(acme, step("Client", outsiders=[CLIENT]), step("Last look", acme.marc))
    with django_capture_on_commit_callbacks(execute=True):
        approval = ask(acme)
    path = link_in(mail.outbox[-1])
    digest = approval.content_digest
    assert client.post(path, {"answer": "approve", "digest": digest}).status_code == 302
    assert fresh(acme, approval.publication).state == State.WAITING
    assert client.post(path, {"answer": "approve", "digest": digest}).status_code == 422
    assert say_yes(acme, acme.marc, approval).state == State.SCHEDULED


def test_pictures_of_the_post_are_behind_the_link_and_no_others(
    acme: Acme, client: Client, signed_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    make_workflow(acme, step("Both", acme.marc, outsiders=[CLIENT]))
    mina = signed_in(acme.mina)
    shown, other = upload(mina), upload(mina, picture("other.png"))
    with django_capture_on_commit_callbacks(execute=True):
        press(mina, "ask", acme.news, media=shown, when="2027-06-01T09:00")
    path = link_in(mail.outbox[-1])
    response = client.get(f"{path}pictures/{shown}/")
    assert response.status_code == 200 and response["Content-Type"] == "image/png"
    b"".join(response.streaming_content)
    assert client.get(f"{path}pictures/{other}/").status_code == 404


def test_internal_thread_never_leaves_the_house(
    acme: Acme, client: Client, request_outside: tuple[Approval, str]
) -> None:
    approval, path = request_outside
    post = approval.publication.post
    with organization_open(acme.organization.pk):
        for thread, text in (("internal", "The client is difficult"), ("external", "Dear Claire")):
            write_comment(
                actor=acme.access(acme.paul), post=post, text=text, thread=thread, now=timezone.now()
            )
    said = client.post(f"{path}comments/", {"text": "Looks fine to me", "thread": "internal"})
    assert said.status_code == 302
    page = words(client.get(path))
    assert "Dear Claire" in page and "Looks fine to me" in page
    assert "The client is difficult" not in page
    with organization_open(acme.organization.pk):
        own = Comment.objects.get(text="Looks fine to me")
    assert (own.thread, own.is_from_outside, own.author_name) == ("external", True, "Claire Client")


def test_everything_that_is_approved_is_shown(
    acme: Acme, client: Client, signed_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    """Options, the first comment and the descriptions go out as well, so they are on the page behind the link."""
    make_workflow(acme, step("Both", acme.marc, outsiders=[CLIENT]), profiles=[acme.sky])
    paul = signed_in(acme.paul)
    shown = upload(paul)
    told = {f"alt_{shown}": "A red bridge", "option_bluesky_first_comment": "Bring a friend"}
    with django_capture_on_commit_callbacks(execute=True):
        press(paul, "ask", acme.sky, media=shown, when="2027-06-01T09:00", **told)
    page = words(client.get(link_in(mail.outbox[-1])))
    assert '<dd class="whitespace-pre-wrap wrap-anywhere">Bring a friend</dd>' in page
    assert '<dd class="wrap-anywhere">A red bridge</dd>' in page


def test_internal_note_is_neither_mailed_nor_shown_outside(
    acme: Acme, client: Client, signed_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    """The team reads it beside the request; whoever is asked by a link never does."""
    make_workflow(acme, step("Both", acme.marc, outsiders=[CLIENT]))
    note = "The client is difficult"
    with django_capture_on_commit_callbacks(execute=True):
        press(signed_in(acme.mina), "ask", acme.news, internal_note=note, when="2027-06-01T09:00")
    [mailed] = [one for one in mail.outbox if one.to == [CLIENT[1]]]
    assert note not in str(mailed.body) and note not in words(client.get(link_in(mailed)))
    with organization_open(acme.organization.pk):
        approval = Approval.objects.get()
    assert note in words(signed_in(acme.marc).get(url("approval_detail", approval.pk)))


def test_comment_from_outside_reaches_the_team_and_its_author_by_mail(
    acme: Acme,
    client: Client,
    signed_in: SignIn,
    request_outside: tuple[Approval, str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    approval, path = request_outside
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{path}comments/", {"text": "Is the price right?"})
    mail_due()
    assert mail.outbox[-1].to == [acme.mina.email] and "Is the price right?" in str(mail.outbox[-1].body)
    page = signed_in(acme.paul).get(url("publication_detail", approval.publication_id))
    assert "Is the price right?" in words(page)


def test_link_is_of_no_use_after_the_team_decided(
    acme: Acme, client: Client, request_outside: tuple[Approval, str]
) -> None:
    approval, path = request_outside
    with organization_open(acme.organization.pk):
        Publication.objects.filter(pk=approval.publication_id).update(state=State.DECLINED)
        Approval.objects.filter(pk=approval.pk).update(answer=Approval.Answer.DECLINED)
    assert "no longer needed" in words(client.get(path))
    refused = client.post(path, {"answer": "approve", "digest": approval.content_digest})
    assert refused.status_code == 422


def test_language_is_the_holders_until_he_chooses(
    acme: Acme, client: Client, request_outside: tuple[Approval, str]
) -> None:
    with organization_open(acme.organization.pk):
        link = ApprovalLink.objects.select_related("outsider").get()
        type(link.outsider).objects.update(language="fr")
    assert 'lang="fr"' in words(client.get(request_outside[1]))


def test_link_is_sent_again_or_shut_by_who_asked_and_by_reviewers(
    acme: Acme,
    client: Client,
    signed_in: SignIn,
    request_outside: tuple[Approval, str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    approval, path = request_outside
    address = url("approval_links", approval.pk)
    with organization_open(acme.organization.pk):
        outsider = ApprovalLink.objects.get().outsider_id
    mina = signed_in(acme.mina)
    assert "Send Claire Client the link again" in words(mina.get(url("approval_detail", approval.pk)))
    with django_capture_on_commit_callbacks(execute=True):
        assert mina.post(address, {"act": "send", "outsider": outsider}).status_code == 302
    newer = link_in(mail.outbox[-1])
    assert client.get(path).status_code == 410 and client.get(newer).status_code == 200
    assert signed_in(acme.paul).post(address, {"act": "shut", "outsider": outsider}).status_code == 302
    assert client.get(newer).status_code == 410
    assert signed_in(acme.gus).post(address, {"act": "send", "outsider": outsider}).status_code == 403
    refused = signed_in(acme.paul).post(address, {"act": "send", "outsider": 0})
    assert refused.status_code == 422


def test_author_of_another_post_does_not_handle_its_links(
    acme: Acme, signed_in: SignIn, request_outside: tuple[Approval, str]
) -> None:
    approval, _path = request_outside
    with organization_open(acme.organization.pk):
        outsider = ApprovalLink.objects.get().outsider_id
    give(acme.news, acme.emil, "standard:moderator")
    answer = signed_in(acme.emil).post(
        url("approval_links", approval.pk), {"act": "shut", "outsider": outsider}
    )
    assert answer.status_code == 422
    with organization_open(acme.organization.pk):
        assert ApprovalLink.objects.get().revoked_at is None
