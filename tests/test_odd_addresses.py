"""Addresses no link of ours leads to: numbers no table holds, bytes no text holds, pages there are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Membership, Workspace
from permissions.catalogue import Scope
from publishing.models import Post, PostMedia
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, make_profile, role
from tests.publishing.pages import picture, send, upload, write

HUGE = "9" * 30
LONG = "9" * 5000  # more digits than Python turns into a number
ODD = [HUGE, LONG, "0", "-1", "²", "٣", "%", "'", "[", "x" * 5000]
PAGES = {
    "organization_home": (),
    "member_list": ("q", "role", "status", "team", "page"),
    "team_list": ("page",),
    "invitation_list": (),
    "workspace_list": (),
    "profile_list": ("q", "network", "status", "workspace", "page", "team"),
    "audit_log": ("q", "person", "action", "outcome", "begin", "end", "page"),
    "partner_list": (),
    "sharing_list": (),
    "partner_invite": ("q",),
    "support_access": ("page",),
    "my_access": ("on", "show", "q"),
    "my_access_why": ("on", "action"),
    "calendar": ("state", "profile", "week", "month"),
    "post_list": ("state", "profile", "page", "show"),
    "post_new": ("when", "profile", "text", "media"),
    "approval_list": ("show", "page"),
    "connect_choose": ("server",),
}


@pytest.mark.parametrize("route", PAGES)
def test_page_answers_whatever_its_address_says(
    route: str, acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    olga = signed_in(acme.olga)
    for name in PAGES[route]:
        for odd in ODD:
            answer = olga.get(reverse(route, args=["acme"]), {name: odd})
            assert answer.status_code in (200, 404, 422), f"{name}={odd[:20]!r}"


@pytest.mark.parametrize("route", ["member_list", "profile_list", "my_access", "post_list"])
def test_null_character_in_an_address_is_a_bad_request(
    route: str, acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    assert signed_in(acme.olga).get(reverse(route, args=["acme"]), {"q": "a\x00b"}).status_code == 400


def test_null_character_in_a_form_is_a_bad_request(acme: Acme, signed_in: Callable[[User], Client]) -> None:
    typed = {"text": "Hello", "profile": acme.news.pk, "act": "save", "text_mastodon": "a\x00b"}
    assert signed_in(acme.paul).post(reverse("post_new", args=["acme"]), typed).status_code == 400


@pytest.mark.parametrize("when", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_time_at_the_end_of_all_calendars_is_refused_and_breaks_no_page(
    when: str, acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    for zone, reader in (("Pacific/Auckland", acme.marc), ("America/Sao_Paulo", acme.mina)):
        reader.time_zone = zone
        reader.save()
    paul = signed_in(acme.paul)
    typed = {"text": "Hello", "profile": acme.news.pk, "when": when, "language": "en"}
    for act in ("save", "schedule", "ask"):
        assert paul.post(reverse("post_new", args=["acme"]), typed | {"act": act}).status_code == 422
    assert paul.get(reverse("post_new", args=["acme"]), {"when": when}).status_code == 200
    for reader in (acme.marc, acme.mina):
        for route in ("organization_home", "post_list", "calendar", "approval_list"):
            assert signed_in(reader).get(reverse(route, args=["acme"])).status_code == 200


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_post_is_not_moved_to_the_end_of_all_calendars(
    day: str, acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    publication = send(acme, acme.paul, acme.news)
    address = reverse("publication_move", args=["acme", publication.pk])
    assert signed_in(acme.paul).post(address, {"day": day}).status_code == 422


@pytest.mark.parametrize("moment", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_role_cannot_begin_or_end_at_the_end_of_all_calendars(
    moment: str, acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    acme.marc.time_zone = "America/Sao_Paulo"
    acme.marc.save()
    marc = signed_in(acme.marc)
    with organization_open(acme.organization.pk):
        emil = Membership.objects.get(user=acme.emil).pk
    editor = role("standard:editor").permission_id
    for field in ("starts_at", "expires_at"):
        typed = {"role": editor, "profiles": acme.news.pk, field: moment}
        assert marc.post(reverse("grant_new", args=["acme", emil]), typed).status_code == 422
        typed = {"role": role("standard:editor").id, "people": acme.emil.pk, field: moment}
        assert (
            marc.post(reverse("profile_access_give", args=["acme", acme.news.pk]), typed).status_code == 422
        )


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_audit_log_answers_for_the_end_of_all_calendars(
    day: str, acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    acme.olga.time_zone = "Pacific/Auckland"
    acme.olga.save()
    page = signed_in(acme.olga).get(reverse("audit_log", args=["acme"]), {"begin": day, "end": day})
    assert page.status_code == 200


def test_search_for_thousands_of_words_asks_for_a_few(
    acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    with CaptureQueriesContext(connection) as queries:
        signed_in(acme.olga).get(reverse("member_list", args=["acme"]), {"q": "olga " * 1000})
    assert max(len(query["sql"]) for query in queries) < 10_000


@pytest.mark.parametrize("name", ["d" * 200, "b." + "c" * 150, "bridge.html"])
def test_picture_is_taken_in_whatever_its_name(
    name: str, acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    pk = upload(signed_in(acme.paul), picture(name))
    with organization_open(acme.organization.pk):
        assert str(PostMedia.objects.get(pk=pk).file.name).endswith(".png")


def test_address_that_is_too_long_is_named_and_nobody_is_invited(
    acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    address = "a" * 64 + "@" + ".".join(["b" * 63, "c" * 63, "d" * 63]) + ".test"
    member = role("standard:member", Scope.ORGANIZATION).permission_id
    typed = {"emails": address, "role": member, "language": "en"}
    answer = signed_in(acme.olga).post(reverse("invitation_new", args=["acme"]), typed)
    assert answer.status_code == 422 and "not an e-mail address" in answer.content.decode()


def test_workspace_that_holds_posts_is_not_deleted_and_says_why(
    acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    with organization_open(acme.organization.pk):
        other = Workspace.objects.create(slug="other", name="Other")
    profile = make_profile(acme.organization, "other-news", workspace=other)
    write(acme, acme.olga, profile)
    with organization_open(acme.organization.pk):
        Post.objects.update(workspace=other)
        SocialProfile.objects.filter(pk=profile.pk).update(workspace=acme.main)
    address = reverse("workspace_delete", args=["acme", other.pk])
    answer = signed_in(acme.olga).post(address, follow=True)
    assert answer.status_code == 200 and "still holds posts" in answer.content.decode()
    with organization_open(acme.organization.pk):
        assert Workspace.objects.filter(pk=other.pk).exists()
        assert not AuditEvent.objects.filter(action="workspace.delete").exists()


@pytest.mark.parametrize(
    ("year", "month"), [(int(HUGE), 1), (2026, int(HUGE)), (2026, 13), (9999, 12), (0, 0)]
)
def test_month_there_is_not_is_not_found(
    year: int, month: int, acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    address = reverse("calendar_month", args=["acme", year, month])
    assert signed_in(acme.olga).get(address).status_code == 404
