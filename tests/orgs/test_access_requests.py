"""Asking for access, answering, and everything that can come between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import AccessRequest, Membership, OrganizationUserGrant, TeamUserGrant
from orgs.selectors.requests import count_to_answer, requests_to_answer
from orgs.services.requests import RequestDecided, give_what_was_asked
from permissions.catalogue import Scope
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, access_of, assign, give, make_agency, make_partnership, make_person, role

SignIn = Callable[[User], Client]
Send = Callable[..., Any]
PUBLISH = "profile.publish_posts"


def ask_url(**query: str) -> str:
    return (
        reverse("access_ask", args=["acme"], query=query) if query else reverse("access_ask", args=["acme"])
    )


@pytest.fixture
def ask(acme: Acme, signed_in: SignIn, send: Send) -> Callable[..., AccessRequest]:
    """Ask through the page and return the request."""

    def asked(person: User, on: str, what: str, **fields: Any) -> AccessRequest:
        data = {"on": on, "what": what, "reason": "Covers for Paul", **fields}
        response = send(signed_in(person), ask_url(), data)
        assert response.status_code == 303, response.content.decode()
        with organization_open(acme.organization.pk):
            return AccessRequest.objects.latest("pk")

    return asked


def answer_url(request: AccessRequest, what: str = "") -> str:
    return reverse(f"access_request{what}", args=["acme", request.pk])


def waiting_for(acme: Acme, person: User) -> list[int]:
    with organization_open(acme.organization.pk):
        access = access_of(person, acme.organization)
        found = [one.request.pk for one in requests_to_answer(access, acme.organization)]
        assert count_to_answer(access, acme.organization) == len(found)
        return found


def test_asked_role_is_given_for_the_time_asked_and_everybody_is_told(
    acme: Acme, signed_in: SignIn, send: Send, ask: Callable[..., AccessRequest]
) -> None:
    end = (datetime.now(UTC) + timedelta(days=3)).replace(second=0, microsecond=0)
    request = ask(acme.mina, f"profile:{acme.news.pk}", "standard:editor", expires_at=f"{end:%Y-%m-%dT%H:%M}")
    told = {address for message in mail.outbox for address in message.to}
    assert told == {acme.olga.email, acme.marc.email}
    assert "Covers for Paul" in mail.outbox[0].body
    page = signed_in(acme.marc).get(answer_url(request))
    assert page.status_code == 200
    assert page.context["told"].what_if.gained_count > 0
    mail.outbox.clear()
    editor = role("standard:editor").permission_id
    data = {"role": editor, "expires_at": f"{end:%Y-%m-%dT%H:%M}", "note": "Until Friday"}
    assert send(signed_in(acme.marc), answer_url(request), data).status_code == 303
    with organization_open(acme.organization.pk):
        grant = ProfileUserGrant.objects.get(user=acme.mina, permission=editor)
        assert grant.expires_at == end
        assert grant.granted_by == acme.marc
        assert grant.reason == "Asked for by Mina Moderator: Covers for Paul"
        actions = list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))
    assert actions == ["request.ask", "access.grant", "request.grant"]
    assert acme.access(acme.mina).can(PUBLISH, acme.news)
    assert access_of(acme.mina, acme.organization, end - timedelta(seconds=1)).can(PUBLISH, acme.news)
    assert not access_of(acme.mina, acme.organization, end).can(PUBLISH, acme.news)
    assert [message.to for message in mail.outbox] == [[acme.mina.email]]
    assert "Until Friday" in mail.outbox[0].body
    page_of_mina = signed_in(acme.mina).get(reverse("my_access", args=["acme"])).content.decode()
    assert "Until Friday" in page_of_mina


def test_look_shows_what_changes_and_saves_nothing(
    acme: Acme, signed_in: SignIn, ask: Callable[..., AccessRequest]
) -> None:
    request = ask(acme.mina, f"profile:{acme.news.pk}", "standard:editor")
    data = {"role": role("standard:guest").permission_id, "note": "", "step": "look"}
    client = signed_in(acme.marc)
    page = client.post(answer_url(request), data)
    assert page.status_code == 200 and b"Give access" in page.content
    fragment = client.post(answer_url(request), data, headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content and b"Give access" in fragment.content
    with organization_open(acme.organization.pk):
        request.refresh_from_db()
        assert request.is_open
        assert ProfileUserGrant.objects.filter(user=acme.mina).count() == 1


def test_one_action_can_be_asked_for_and_another_role_given(
    acme: Acme, signed_in: SignIn, send: Send, ask: Callable[..., AccessRequest]
) -> None:
    request = ask(acme.gus, f"profile:{acme.news.pk}", PUBLISH)
    page = signed_in(acme.marc).get(answer_url(request))
    offered = dict(page.context["form"].fields["role"].choices)
    assert offered[str(role("standard:administrator").permission_id)] == "Administrator"
    moderator = role("standard:moderator").permission_id
    assert send(signed_in(acme.marc), answer_url(request), {"role": moderator}).status_code == 303
    with organization_open(acme.organization.pk):
        request.refresh_from_db()
        assert (request.status, request.given_permission_id) == ("granted", moderator)
    assert not acme.access(acme.gus).can(PUBLISH, acme.news)


def test_request_is_seen_only_by_who_may_give_exactly_that(
    acme: Acme, signed_in: SignIn, ask: Callable[..., AccessRequest]
) -> None:
    give(acme.news, acme.ana, "standard:administrator")
    on_news = ask(acme.mina, f"profile:{acme.news.pk}", "standard:editor")
    for owner_role in (ask(acme.emil, "organization", "standard:co_owner"),):
        assert waiting_for(acme, acme.olga) == [on_news.pk, owner_role.pk]
        assert waiting_for(acme, acme.marc) == [on_news.pk]  # a manager is no co-owner
        assert waiting_for(acme, acme.ana) == [on_news.pk]  # H11: administers this profile
        assert waiting_for(acme, acme.paul) == waiting_for(acme, acme.mina) == []
        assert signed_in(acme.marc).get(answer_url(owner_role)).status_code == 404
    assert signed_in(acme.ana).get(answer_url(on_news)).status_code == 200
    assert signed_in(acme.paul).get(answer_url(on_news)).status_code == 404
    assert signed_in(acme.mina).get(answer_url(on_news)).status_code == 404
    assert signed_in(acme.mallory).get(answer_url(on_news)).status_code == 404
    assert (
        "Requests" in signed_in(acme.ana).get(reverse("access_request_list", args=["acme"])).content.decode()
    )


def test_more_than_the_decider_holds_is_refused_and_nothing_given(
    acme: Acme, signed_in: SignIn, send: Send, ask: Callable[..., AccessRequest]
) -> None:
    request = ask(acme.emil, "organization", "standard:advanced_member")
    co_owner = role("standard:co_owner", Scope.ORGANIZATION).permission_id
    client = signed_in(acme.marc)
    look = client.post(answer_url(request), {"role": co_owner, "step": "look"})
    assert look.context["told"].what_if.is_refused
    assert send(client, answer_url(request), {"role": co_owner}).status_code == 403
    with organization_open(acme.organization.pk):
        request.refresh_from_db()
        assert request.is_open


def test_nobody_answers_his_own_request(
    acme: Acme, signed_in: SignIn, send: Send, ask: Callable[..., AccessRequest]
) -> None:
    request = ask(acme.marc, "organization", "standard:co_owner")
    assert waiting_for(acme, acme.marc) == []
    co_owner = role("standard:co_owner", Scope.ORGANIZATION).permission_id
    assert send(signed_in(acme.marc), answer_url(request), {"role": co_owner}).status_code == 404
    assert send(signed_in(acme.marc), answer_url(request, "_decline")).status_code == 404


def test_organization_role_and_team_place_are_given_on_request(
    acme: Acme, signed_in: SignIn, send: Send, ask: Callable[..., AccessRequest]
) -> None:
    advanced = role("standard:advanced_member", Scope.ORGANIZATION).permission_id
    first = ask(acme.emil, "organization", "standard:advanced_member")
    assert send(signed_in(acme.olga), answer_url(first), {"role": advanced}).status_code == 303
    second = ask(acme.paul, f"team:{acme.brand.pk}", "standard:team_admin")
    admin = role("standard:team_admin", Scope.TEAM).permission_id
    assert send(signed_in(acme.ana), answer_url(second), {"role": admin}).status_code == 303
    with organization_open(acme.organization.pk):
        assert OrganizationUserGrant.objects.get(user=acme.emil).permission_id == advanced
        place = TeamUserGrant.objects.get(user=acme.paul)
        assert place.permission_id == admin
        assert place.reason.startswith("Asked for by Paul Editor")


def test_profile_that_is_not_seen_is_asked_for_by_its_name_without_learning_of_it(
    acme: Acme, signed_in: SignIn, send: Send, ask: Callable[..., AccessRequest]
) -> None:
    page = signed_in(acme.emil).get(ask_url())
    assert "acme-news" not in page.content.decode()
    known = ask(acme.emil, "profile:other", "standard:editor", name="@acme-news@sandbox.test")
    unknown = ask(acme.emil, "profile:other", "standard:editor", name="the red one")
    assert (known.object_id, unknown.object_id) == (acme.news.pk, None)
    assert send(signed_in(acme.emil), ask_url(on=f"profile:{acme.news.pk}")).status_code == 422
    page = signed_in(acme.marc).get(answer_url(unknown))
    assert "profile" in page.context["form"].fields
    editor = role("standard:editor").permission_id
    assert send(signed_in(acme.marc), answer_url(unknown), {"role": editor}).status_code == 422
    data = {"role": editor, "profile": acme.quiet.pk}
    assert send(signed_in(acme.marc), answer_url(unknown), data).status_code == 303
    assert acme.access(acme.emil).can(PUBLISH, acme.quiet)
    assert not acme.access(acme.emil).can(PUBLISH, acme.news)


@pytest.mark.parametrize(
    ("who", "on", "what", "sentence"),
    [
        ("paul", "profile", PUBLISH, "Select a valid choice"),  # he may already, so it is not offered
        ("paul", "profile", "standard:editor", "You have this role there already."),
        ("marc", "profile", "standard:editor", "decides what you may do on every profile"),
        ("mina", "profile", "standard:none", "Select a valid choice"),
        ("mina", "organization", "standard:owner", "Select a valid choice"),
    ],
)
def test_what_cannot_be_had_by_asking_is_said_with_the_form(
    who: str, on: str, what: str, sentence: str, acme: Acme, signed_in: SignIn, send: Send
) -> None:
    place = f"profile:{acme.news.pk}" if on == "profile" else on
    data = {"on": place, "what": what, "reason": "kept text"}
    response = send(signed_in(getattr(acme, who)), ask_url(), data)
    assert response.status_code == 422
    assert sentence in response.content.decode() and "kept text" in response.content.decode()
    with organization_open(acme.organization.pk):
        assert not AccessRequest.objects.exists()


def test_same_thing_is_asked_once_and_an_end_in_the_past_not_at_all(
    acme: Acme, signed_in: SignIn, send: Send, ask: Callable[..., AccessRequest]
) -> None:
    ask(acme.mina, f"profile:{acme.news.pk}", "standard:editor")
    data = {"on": f"profile:{acme.news.pk}", "what": "standard:editor", "reason": "Again"}
    again = send(signed_in(acme.mina), ask_url(), data)
    assert again.status_code == 422 and "You have asked for this already" in again.content.decode()
    past = send(signed_in(acme.gus), ask_url(), data | {"expires_at": "2020-01-01T10:00"})
    assert past.status_code == 422 and "The end lies in the past" in past.content.decode()


def test_second_of_two_deciders_is_told_who_was_first(
    acme: Acme, signed_in: SignIn, send: Send, ask: Callable[..., AccessRequest]
) -> None:
    request = ask(acme.mina, f"profile:{acme.news.pk}", "standard:editor")
    editor = role("standard:editor")
    assert send(signed_in(acme.marc), answer_url(request), {"role": editor.permission_id}).status_code == 303
    second = send(signed_in(acme.olga), answer_url(request), {"role": editor.permission_id}, follow=True)
    assert "Marc Manager has answered this request already." in second.content.decode()
    assert "has given access already" in second.content.decode()
    declined = send(signed_in(acme.olga), answer_url(request, "_decline"), follow=True)
    assert "Marc Manager has answered this request already." in declined.content.decode()
    with organization_open(acme.organization.pk), pytest.raises(RequestDecided):
        give_what_was_asked(
            actor=access_of(acme.olga, acme.organization),
            organization=acme.organization,
            request=request,
            role=editor,
            now=datetime.now(UTC),
        )
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="request.grant").count() == 1


def test_declined_with_a_note_gives_nothing_and_may_be_asked_again(
    acme: Acme, signed_in: SignIn, send: Send, ask: Callable[..., AccessRequest]
) -> None:
    request = ask(acme.mina, f"profile:{acme.news.pk}", "standard:editor")
    mail.outbox.clear()
    response = send(signed_in(acme.marc), answer_url(request, "_decline"), {"note": "Ask Paul first"})
    assert response.status_code == 303
    assert "Ask Paul first" in mail.outbox[0].body and mail.outbox[0].to == [acme.mina.email]
    assert not acme.access(acme.mina).can("profile.publish_posts", acme.news)
    assert ask(acme.mina, f"profile:{acme.news.pk}", "standard:editor").pk != request.pk


def test_only_the_asker_withdraws_and_a_withdrawn_request_is_answered_no_more(
    acme: Acme, signed_in: SignIn, send: Send, ask: Callable[..., AccessRequest]
) -> None:
    request = ask(acme.mina, f"profile:{acme.news.pk}", "standard:editor")
    url = answer_url(request, "_withdraw")
    assert send(signed_in(acme.marc), url).status_code == 404
    assert send(signed_in(acme.mina), url).status_code == 303
    editor = role("standard:editor").permission_id
    late = send(signed_in(acme.marc), answer_url(request), {"role": editor}, follow=True)
    assert "has withdrawn this request" in late.content.decode()
    assert not acme.access(acme.mina).can("profile.publish_posts", acme.news)
    twice = send(signed_in(acme.mina), url, follow=True)
    assert "answered meanwhile" in twice.content.decode()


def test_request_dies_with_its_object_and_with_its_asker(
    acme: Acme, ask: Callable[..., AccessRequest]
) -> None:
    ask(acme.paul, f"team:{acme.brand.pk}", "standard:team_admin")
    ask(acme.mina, f"profile:{acme.news.pk}", "standard:editor")
    ask(acme.gus, f"profile:{acme.news.pk}", "standard:editor")
    with organization_open(acme.organization.pk):
        acme.brand.delete()
        assert AccessRequest.objects.count() == 2
        Membership.objects.get(user=acme.gus).delete()
        assert AccessRequest.objects.count() == 1
        acme.news.delete()
        assert not AccessRequest.objects.exists()


def test_request_of_a_suspended_person_waits_for_nobody(
    acme: Acme, ask: Callable[..., AccessRequest]
) -> None:
    request = ask(acme.mina, f"profile:{acme.news.pk}", "standard:editor")
    assert waiting_for(acme, acme.marc) == [request.pk]
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.mina).update(status="suspended")
    assert waiting_for(acme, acme.marc) == []


def test_page_of_a_refusal_and_the_question_why_lead_to_asking(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.gus)
    refused = client.get(reverse("profile_access", args=["acme", acme.news.pk]))
    assert refused.status_code == 403
    ask = ask_url(on=f"profile:{acme.news.pk}", action="profile.view_profile_access").replace("&", "&amp;")
    assert ask in refused.content.decode()
    why = client.get(reverse("my_access_why", args=["acme"]), {"action": PUBLISH, "on": str(acme.news.pk)})
    assert ask_url(on=f"profile:{acme.news.pk}", action=PUBLISH).replace("&", "&amp;") in why.content.decode()
    of_owner = signed_in(acme.olga).get(reverse("my_access_why", args=["acme"]), {"action": PUBLISH})
    assert reverse("access_ask", args=["acme"]) not in of_owner.content.decode()


def test_stranger_cannot_ask(acme: Acme, signed_in: SignIn, send: Send) -> None:
    assert signed_in(acme.mallory).get(ask_url()).status_code == 404
    assert signed_in(acme.sven).get(ask_url()).status_code == 403
    person = make_person("Nobody Known")
    data = {"on": "organization", "what": "standard:manager", "reason": "please"}
    assert send(signed_in(person), ask_url(), data).status_code == 404


def test_partners_person_asks_his_own_company_and_not_here(acme: Acme, signed_in: SignIn, send: Send) -> None:
    agency = make_agency()
    partnership = make_partnership(
        acme.organization, agency.organization, shared={acme.news: "standard:editor"}
    )
    assign(partnership, acme.news, agency.abe, "standard:guest")
    client = signed_in(agency.abe)
    assert client.get(ask_url()).status_code == 404
    data = {"on": f"profile:{acme.news.pk}", "what": "standard:editor", "reason": "please"}
    assert send(client, ask_url(), data).status_code == 404
    for page in (
        client.get(reverse("my_access", args=["acme"])),
        client.get(reverse("my_access", args=["acme"]), {"by": "profile"}),
        client.get(reverse("my_access_why", args=["acme"]), {"action": PUBLISH}),
    ):
        assert page.status_code == 200
        assert reverse("access_ask", args=["acme"]) not in page.content.decode()
