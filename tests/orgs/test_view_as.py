"""Looking as somebody else: everything he sees, nothing he could change, nothing that is his alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from accounts.models import User
from audit.models import AuditEvent
from config.schedule import PERIODIC_WORK
from orgs.models import Membership, OrganizationUserGrant, ViewAs
from orgs.services.view_as import LASTS, end_overdue_views
from orgs.tasks import end_overdue_views as task
from permissions.catalogue import Scope
from publishing.models import Post
from tenancy.context import organization_open
from tests.cast import Acme, add_member, give, make_person, make_profile, role
from tests.test_routes import INSIDE, ROUTES, World, address_of, view_of

SignIn = Callable[[User], Client]
HOME = "/o/acme/"


def pk_of(acme: Acme, person: User) -> int:
    with organization_open(acme.organization.pk):
        return Membership.objects.get(user=person).pk


def start(client: Client, acme: Acme, person: User) -> Any:
    return client.post(reverse("view_as_start", args=["acme", pk_of(acme, person)]))


def stop(client: Client) -> Any:
    return client.post(reverse("view_as_end", args=["acme"]))


def events(acme: Acme) -> list[tuple[str, str]]:
    with organization_open(acme.organization.pk):
        rows = AuditEvent.objects.order_by("sequence")
        return [(event.action, event.actor_label) for event in rows]


def test_manager_sees_with_the_other_persons_eyes_until_he_stops(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.marc)
    assert start(client, acme, acme.emil).status_code == 303
    page = client.get(reverse("my_access", args=["acme"]))
    assert "You see Chorus as Emil Employee sees it." in page.content.decode()
    assert page.context["person"] == acme.emil
    assert client.get(reverse("profile", args=["acme", acme.news.pk])).status_code == 404
    assert client.get(reverse("member_list", args=["acme"])).status_code == 403
    nav = [link.label for group in page.context["shell"]["nav"] for link in group.links]
    assert "Members" not in nav
    back = client.get(stop(client)["Location"])
    assert back.status_code == 200 and "Emil Employee sees it" not in back.content.decode()
    assert client.get(reverse("member_list", args=["acme"])).status_code == 200
    assert events(acme) == [("view_as.start", "Marc Manager"), ("view_as.end", "Marc Manager")]


def test_looking_lasts_half_an_hour_and_its_end_is_recorded(
    acme: Acme, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(acme.marc)
    start(client, acme, acme.emil)
    began = timezone.now()
    monkeypatch.setattr("orgs.view_as.timezone.now", lambda: began + LASTS - timedelta(minutes=1))
    assert "Emil Employee sees it" in client.get(HOME).content.decode()
    monkeypatch.setattr("orgs.view_as.timezone.now", lambda: began + LASTS)
    late = client.post(reverse("team_new", args=["acme"]), {"name": "By mistake"})
    assert late.status_code == 403 and "You see with your own eyes again." in late.content.decode()
    assert "Emil Employee sees it" not in client.get(HOME).content.decode()
    assert [action for action, _actor in events(acme)] == ["view_as.start", "view_as.end"]


def test_stopping_what_is_over_already_leads_home(
    acme: Acme, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(acme.marc)
    start(client, acme, acme.emil)
    later = timezone.now() + LASTS
    monkeypatch.setattr("orgs.view_as.timezone.now", lambda: later)
    response = stop(client)
    assert (response.status_code, response["Location"]) == (303, HOME)


def test_end_is_recorded_although_the_browser_was_closed(acme: Acme, signed_in: SignIn) -> None:
    start(signed_in(acme.marc), acme, acme.emil)
    assert end_overdue_views(now=timezone.now()) == 0
    later = timezone.now() + LASTS
    assert (end_overdue_views(now=later), end_overdue_views(now=later)) == (1, 0)
    assert [action for action, _actor in events(acme)] == ["view_as.start", "view_as.end"]
    assert PERIODIC_WORK["end looks as somebody else whose time is over"]["task"] == task.name
    task()


@pytest.mark.parametrize(
    ("viewer", "viewed", "status"),
    [
        ("olga", "marc", 303),
        ("marc", "olga", 403),  # an owner may do more
        ("marc", "marc", 403),
        ("marc", "sven", 403),  # suspended: there is nothing to see
        ("paul", "emil", 403),  # manages nobody
        ("mallory", "emil", 404),
    ],
)
def test_only_who_manages_members_looks_and_only_as_somebody_who_holds_no_more(
    viewer: str, viewed: str, status: int, acme: Acme, signed_in: SignIn
) -> None:
    client = signed_in(getattr(acme, viewer))
    assert start(client, acme, getattr(acme, viewed)).status_code == status
    if status != 303:
        assert "sees it." not in client.get("/accounts/settings/").content.decode()
        with organization_open(acme.organization.pk):
            assert not ViewAs.objects.exists()


def test_one_profile_out_of_the_viewers_reach_is_enough_to_refuse(acme: Acme, signed_in: SignIn) -> None:
    """A member manager from a pack whose manager has no role on profiles by itself: Pinterest's."""
    peter = make_person("Peter Pinner")
    add_member(acme.organization, peter, "pinterest:manager")
    client = signed_in(peter)
    assert start(client, acme, acme.emil).status_code == 303
    stop(client)
    refused = start(client, acme, acme.mina)
    assert refused.status_code == 403 and "may do more than you in some place" in refused.content.decode()
    give(acme.news, peter, "standard:administrator")
    assert start(client, acme, acme.mina).status_code == 303


def test_looking_ends_when_the_viewer_loses_the_right_or_the_other_gains_more(
    acme: Acme, signed_in: SignIn
) -> None:
    client = signed_in(acme.marc)
    start(client, acme, acme.emil)
    with organization_open(acme.organization.pk):
        grant = OrganizationUserGrant.objects.get(user=acme.emil)
        grant.permission_id = role("standard:co_owner", Scope.ORGANIZATION).permission_id
        grant.save()
    assert "Emil Employee sees it" not in client.get(HOME).content.decode()
    start(client, acme, acme.gus)
    with organization_open(acme.organization.pk):
        OrganizationUserGrant.objects.filter(user=acme.marc).update(
            permission_id=role("standard:member", Scope.ORGANIZATION).permission_id
        )
    assert "Gus Guest sees it" not in client.get(HOME).content.decode()
    assert [action for action, _actor in events(acme)] == ["view_as.start", "view_as.end"] * 2


def test_looking_is_bound_to_its_session_and_ends_with_signing_in_anew(acme: Acme, signed_in: SignIn) -> None:
    first, second = signed_in(acme.marc), signed_in(acme.marc)
    start(first, acme, acme.emil)
    assert "Emil Employee sees it" in first.get(HOME).content.decode()
    assert "Emil Employee sees it" not in second.get(HOME).content.decode()
    taken = dict(first.session["view_as"])
    stranger = signed_in(acme.paul)
    session = stranger.session
    session["view_as"] = taken
    session.save()
    assert "Emil Employee sees it" not in stranger.get(HOME).content.decode()


def test_pages_of_the_person_and_of_other_organizations_stay_closed(acme: Acme, signed_in: SignIn) -> None:
    add_member(acme.elsewhere, acme.emil, "standard:member")
    add_member(acme.elsewhere, acme.marc, "standard:member")
    client = signed_in(acme.marc)
    start(client, acme, acme.emil)
    for address in ("/", "/accounts/settings/", "/accounts/sessions/", "/accounts/email/", "/accounts/2fa/"):
        page = client.get(address)
        assert page.status_code == 403, address
        assert acme.emil.email not in page.content.decode(), address
    assert client.get("/o/elsewhere/").status_code == 403
    home = client.get(HOME).content.decode()
    assert "Elsewhere" not in home and "/accounts/settings/" not in home
    assert client.post("/accounts/logout/").status_code == 403


def test_refusal_he_would_meet_is_shown_and_not_recorded_against_him(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.marc)
    start(client, acme, acme.emil)
    assert client.get(reverse("audit_log", args=["acme"])).status_code == 403
    assert [action for action, _actor in events(acme)] == ["view_as.start"]


def test_page_that_would_write_is_refused_and_writes_nothing(
    acme: Acme, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from publishing.views.calendar import CalendarPage

    def writing(self: Any, request: Any, **kwargs: Any) -> Any:
        Membership.objects.filter(user=acme.emil).update(title="seen")

    monkeypatch.setattr(CalendarPage, "get", writing)
    client = signed_in(acme.marc)
    start(client, acme, acme.emil)
    page = client.get(reverse("calendar", args=["acme"]))
    assert page.status_code == 403 and "This page would change something" in page.content.decode()
    with organization_open(acme.organization.pk):
        assert Membership.objects.get(user=acme.emil).title == ""


@pytest.mark.django_db(transaction=True)
def test_read_only_is_postgres_own_and_ends_with_the_request(signed_in: SignIn) -> None:
    from tests.cast import make_acme

    acme = make_acme()
    client = signed_in(acme.marc)
    start(client, acme, acme.emil)
    assert client.get(HOME).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("show transaction_read_only")
        assert cursor.fetchone() == ("off",)
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.emil).update(title="may be written")
        with pytest.raises(InternalError), connection.cursor() as cursor:
            cursor.execute("set local transaction_read_only = on")
            cursor.execute("update orgs_membership set title = 'x'")
        connection.set_rollback(True)


# Made anew for every page: tokens, and the number by which a form is sent only once.
CHANGING = re.compile(r'name="(csrfmiddlewaretoken|form_key|writing)" value="[^"]+"|data-person="\d+"')


def looked_at(content: str) -> str:
    """Return what a page shows, without what belongs to the look itself and to the moment."""
    main = content[content.index('<main id="main"') : content.index("</main>")]
    return CHANGING.sub("", main)


def content_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode(errors="replace"))


@pytest.mark.parametrize("person", ["ana", "emil"])
@pytest.mark.django_db
def test_every_address_shows_what_the_other_sees_and_changes_nothing(
    person: str, signed_in: SignIn, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(timezone.now(), tick=False)  # a week draws a line where it is now
    world = World()
    acme = world.acme
    other: User = getattr(acme, person)
    his, viewer = signed_in(other), signed_in(acme.olga)
    viewer.raise_request_exception = his.raise_request_exception = False
    addresses = [(view_of(pattern), address_of(world, route, pattern)) for route, pattern in INSIDE]
    own: dict[str, tuple[int, str]] = {}
    for view, address in addresses:
        if hasattr(view, "get") and view.opens_organization:
            answer = his.get(address)
            own[address] = (answer.status_code, content_of(answer))
    start(viewer, acme, other)
    before = counted(acme)
    wrong, compared = [], 0
    for view, address in addresses:
        if view.__name__ != "ViewAsEnd" and viewer.post(address).status_code != 403:
            wrong.append(f"POST {address} was not refused")
        if not hasattr(view, "get"):
            continue
        seen = viewer.get(address)
        assert seen.status_code < 500, address
        if not view.opens_organization or view.is_personal:
            if seen.status_code != 403:
                wrong.append(f"{address} talks to a network or is personal, and was open")
            continue
        ours, (status, theirs) = content_of(seen), own[address]
        if "You are only looking" in ours:
            continue  # it would have written: more than looking
        if seen.status_code != status:
            wrong.append(f"{address}: {seen.status_code}, he meets {status}")
        elif status == 200 and '<main id="main"' in theirs:
            compared += 1
            if looked_at(ours) != looked_at(theirs):
                wrong.append(f"{address} shows something else")
    assert not wrong, "\n".join(wrong)
    assert compared > 5
    after = counted(acme)
    assert after == before


def counted(acme: Acme) -> dict[str, int]:
    with organization_open(acme.organization.pk):
        return {
            "events": AuditEvent.objects.count(),
            "views": ViewAs.objects.count(),
            "members": Membership.objects.count(),
            "posts": Post.objects.count(),
            "grants": OrganizationUserGrant.objects.count(),
        }


def test_addresses_outside_the_organization_are_closed_for_every_method(
    acme: Acme, signed_in: SignIn
) -> None:
    client = signed_in(acme.marc)
    start(client, acme, acme.emil)
    outside = [route for route, _pattern in ROUTES if "<" not in route and route != "healthz"]
    assert len(outside) > 3
    for route in outside:
        for method in ("GET", "POST", "PUT", "DELETE"):
            assert client.generic(method, f"/{route}").status_code == 403, (method, route)


def test_button_is_on_the_page_of_who_can_be_looked_as_and_nowhere_else(
    acme: Acme, signed_in: SignIn
) -> None:
    client = signed_in(acme.marc)

    def page_of(person: User) -> str:
        return client.get(reverse("member_access", args=["acme", pk_of(acme, person)])).content.decode()

    assert "View as" in page_of(acme.emil)
    for person in (acme.olga, acme.marc):
        assert "View as" not in page_of(person), person
    make_profile(acme.organization, "another")
    assert "View as" in page_of(acme.paul)
