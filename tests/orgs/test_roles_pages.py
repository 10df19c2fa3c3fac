"""What the pages of roles show, to whom, and how many queries it takes; packs chosen and given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Organization, Workspace
from orgs.selectors.roles.in_use import holder_counts
from orgs.selectors.roles.sources import TABLE_LABELS
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.packs import PACKS, ROWS
from permissions.roles import RoleFacts, builtin_role
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import LONG_AGO, Acme, add_member, give, make_own_role, make_person, make_profile

SignIn = Callable[[User], Client]
PENDING = next(action for action in catalogue.of_scope(Scope.PROFILE) if not action.is_available)


def profile_role(key: str) -> RoleFacts:
    return builtin_role(key, Scope.PROFILE)


def told(response: Any) -> str:
    return " ".join(response.content.decode().split())


def url(route: str, *args: Any) -> str:
    return reverse(route, args=["acme", *args])


def queries_of(client: Client, address: str) -> int:
    client.get(address)  # what is remembered for good is read once
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def uses_packs(acme: Acme, *packs: str) -> None:
    Organization.objects.filter(pk=acme.organization.pk).update(packs=list(packs))


# -- the matrix -------------------------------------------------------------------------------------------------------


def test_matrix_shows_every_action_of_one_level_with_every_role_in_use(acme: Acme, signed_in: SignIn) -> None:
    make_own_role(acme.organization, "Author", ["profile.view_posts"])
    uses_packs(acme, "standard", "hootsuite")
    for scope in Scope:
        page = told(signed_in(acme.olga).get(f"/o/acme/roles/?scope={scope}"))
        actions = catalogue.of_scope(scope)
        assert page.count("<tr data-action=") == len(actions)
        assert all(f'data-name="{action.name}"' in page for action in actions)
        roles = [*PACKS["standard"].roles_of(scope), *PACKS["hootsuite"].roles_of(scope)]
        assert page.count("data-version=") == len(roles) + (scope is Scope.PROFILE)
    assert page.count('type="checkbox"') == len(catalogue.of_scope(Scope.PROFILE))  # the own role's alone
    assert f"{PENDING.label}".replace("'", "&#x27;") in page and "not available yet" in page


def test_builtin_cell_names_its_table_date_and_row(acme: Acme, signed_in: SignIn) -> None:
    uses_packs(acme, "standard", "hootsuite")
    page = told(signed_in(acme.paul).get("/o/acme/roles/?scope=profile"))
    row = profile_role("hootsuite:advanced").builtin.cells["profile.manage_profile_access"]  # type: ignore[union-attr]
    assert f'title="Hootsuite&#x27;s table of social network roles, 21 Nov 2026: row {row}"' in page


def test_matrix_opens_at_the_level_of_the_action_asked_for(acme: Acme, signed_in: SignIn) -> None:
    page = told(signed_in(acme.paul).get("/o/acme/roles/?action=team.edit_team"))
    assert 'data-name="team.edit_team"' in page and 'id="a-edit_team"' in page
    why = told(signed_in(acme.paul).get("/o/acme/my-access/why/?action=profile.publish_posts"))
    assert "/o/acme/roles/?action=profile.publish_posts#a-publish_posts" in why


def test_matrix_takes_as_many_queries_with_many_roles_as_with_few(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.olga)
    make_own_role(acme.organization, "First", ["profile.view_posts"])
    few = queries_of(client, "/o/acme/roles/?scope=profile")
    for number in range(5):
        make_own_role(acme.organization, f"Role {number}", ["profile.view_posts"])
    uses_packs(acme, *PACKS)
    assert queries_of(client, "/o/acme/roles/?scope=profile") == few


@pytest.mark.parametrize(
    ("key", "action", "sentences"),
    [
        ("standard:editor", "profile.publish_posts", ["The role Editor allows it.", "Row AP"]),
        ("standard:guest", "profile.publish_posts", ["The role Guest does not allow it."]),
        ("standard:guest", "team.edit_team", ["The role Guest is of another level"]),
        (
            "hootsuite:limited",
            "profile.view_profile",
            ["Row CP01", "Chorus&#x27;s own table of profile roles"],
        ),
    ],
)
def test_one_cell_says_where_it_comes_from(
    key: str, action: str, sentences: list[str], acme: Acme, signed_in: SignIn
) -> None:
    address = url("role_why", profile_role(key).id)
    response = signed_in(acme.paul).get(address, {"action": action})
    page = told(response)
    assert response.status_code == 200 and all(sentence in page for sentence in sentences)
    fragment = told(signed_in(acme.paul).get(address, {"action": action}, headers={"HX-Request": "true"}))
    assert "<html" not in fragment and sentences[0] in fragment
    assert signed_in(acme.paul).get(address, {"action": "profile.nothing"}).status_code == 404


def test_every_table_a_cell_can_come_from_has_a_name() -> None:
    assert {row.table for row in ROWS.values()} == set(TABLE_LABELS)


# -- the list and one role --------------------------------------------------------------------------------------------


def test_holders_are_counted_once_directly_or_through_a_team(acme: Acme) -> None:
    """Paul is editor of the news himself, and of the sky through his team; Ana only through the team."""
    now = LONG_AGO
    with organization_open(acme.organization.pk):
        counts = holder_counts(Scope.PROFILE, now)
        assert counts[profile_role("standard:editor").permission_id] == 2
        assert counts[profile_role("standard:guest").permission_id] == 1
        assert (
            holder_counts(Scope.TEAM, now)[builtin_role("standard:team_admin", Scope.TEAM).permission_id] == 1
        )
        member = builtin_role("standard:member", Scope.ORGANIZATION)
        assert holder_counts(Scope.ORGANIZATION, now)[member.permission_id] == 5


def test_role_that_is_over_is_held_by_nobody(acme: Acme) -> None:
    give(acme.quiet, acme.emil, "standard:moderator", expires_at=LONG_AGO)
    with organization_open(acme.organization.pk):
        assert holder_counts(Scope.PROFILE, LONG_AGO)[profile_role("standard:moderator").permission_id] == 1


def test_list_shows_every_role_with_its_pack_actions_and_holders(acme: Acme, signed_in: SignIn) -> None:
    make_own_role(acme.organization, "Author", ["profile.view_posts"])
    page = told(signed_in(acme.emil).get(url("role_list")))
    for scope in Scope:
        assert all(str(role.label) in page for role in PACKS["standard"].roles_of(scope))
    assert "Author" in page and "Your own" in page and "Works on the profiles given to them." in page


def test_list_takes_as_many_queries_with_many_roles_as_with_few(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.olga)
    for scope in Scope:
        make_own_role(acme.organization, f"First {scope}", [], scope)
    few = queries_of(client, url("role_list"))
    for number in range(6):
        make_own_role(acme.organization, f"Role {number}", ["profile.view_posts"])
    assert queries_of(client, url("role_list")) == few


def test_role_page_lists_actions_with_their_source_and_what_goes_with_the_role(
    acme: Acme, signed_in: SignIn
) -> None:
    manager = builtin_role("standard:manager", Scope.ORGANIZATION)
    page = told(signed_in(acme.paul).get(url("role_detail", manager.id)))
    assert (
        "Agorapulse&#x27;s table of organization roles" in page and "Built-in roles cannot be changed" in page
    )
    assert "Brought by itself, on every profile in reach" in page and "Administrator" in page
    administrator = told(
        signed_in(acme.paul).get(url("role_detail", profile_role("standard:administrator").id))
    )
    assert administrator.count("Brings this role by itself") == 3
    held = signed_in(acme.paul).get(url("role_detail", profile_role("standard:guest").id), {"show": "held"})
    assert told(held).count("Allowed</span>") == 2
    found = signed_in(acme.paul).get(
        url("role_detail", profile_role("standard:guest").id), {"q": "nothing such"}
    )
    assert "No action matches" in told(found)


def test_holders_are_shown_to_who_may_see_members_permissions(acme: Acme, signed_in: SignIn) -> None:
    address = url("role_holders", profile_role("standard:editor").id)
    page = told(signed_in(acme.marc).get(address))
    assert "Through teams" in page and "Brand" in page and "Paul Editor" in page and "@acme-news" in page
    assert "People" not in told(
        signed_in(acme.paul).get(url("role_detail", profile_role("standard:editor").id))
    )
    assert signed_in(acme.paul).get(address).status_code == 403
    team_admin = told(
        signed_in(acme.marc).get(url("role_holders", builtin_role("standard:team_admin", Scope.TEAM).id))
    )
    assert "Ana Admin" in team_admin and "Whoever is Owner, Co-owner and Manager" in team_admin


def test_holder_list_is_paged_and_names_no_profile_out_of_reach(acme: Acme, signed_in: SignIn) -> None:
    with organization_open(acme.organization.pk):
        other = Workspace.objects.create(slug="other", name="Other")
        mine = [acme.main]
    hidden = make_profile(acme.organization, "acme-hidden", workspace=other)
    lead = make_person("Lea Lead", "lea@acme.test")
    add_member(acme.organization, lead, "standard:manager", workspaces=mine)
    give(hidden, acme.gus, "standard:moderator")
    for number in range(55):
        person = make_person(f"Worker {number:02}", f"worker{number}@acme.test")
        add_member(acme.organization, person, "standard:member")
        give(acme.news, person, "standard:moderator")
    client, address = signed_in(lead), url("role_holders", profile_role("standard:moderator").id)
    first = told(client.get(address))
    assert "Gus Guest" in first and "and on 1 more profile" in first and "acme-hidden" not in first
    assert "Worker 00" in first and "Page 1 of 2" in first and "Worker 54" not in first
    assert "Worker 54" in told(client.get(address, {"page": 2}))
    many = queries_of(client, address)
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user__name__startswith="Worker 1").delete()
    assert queries_of(client, address) <= many


def test_history_is_for_who_may_see_the_audit_log(acme: Acme, signed_in: SignIn) -> None:
    role = make_own_role(acme.organization, "Author", ["profile.view_posts"])
    assert "Nothing recorded yet" in told(signed_in(acme.olga).get(url("role_history", role.pk)))
    assert signed_in(acme.paul).get(url("role_history", role.pk)).status_code == 403


def test_role_of_another_organization_does_not_exist_here(acme: Acme, signed_in: SignIn) -> None:
    foreign = make_own_role(acme.elsewhere, "Theirs", ["profile.view_posts"])
    for route in ("role_detail", "role_holders", "role_why"):
        assert signed_in(acme.olga).get(url(route, foreign.pk)).status_code == 404
    assert "Theirs" not in told(signed_in(acme.olga).get(url("role_compare")))


# -- comparing --------------------------------------------------------------------------------------------------------


def test_two_roles_are_compared_action_by_action(acme: Acme, signed_in: SignIn) -> None:
    editor, moderator = profile_role("standard:editor"), profile_role("standard:moderator")
    address, client = url("role_compare"), signed_in(acme.emil)
    chosen = {"left": editor.id, "right": moderator.id}
    page = told(client.get(address, chosen))
    different = editor.actions ^ moderator.actions
    assert page.count('<th scope="row"') == len(different)
    everything = told(client.get(address, {**chosen, "show": "all"}))
    assert everything.count('<th scope="row"') == len(editor.actions | moderator.actions)
    assert "Nearest to Editor elsewhere" in page and "Agorapulse" in page
    same = told(client.get(address, {"left": editor.id, "right": profile_role("agorapulse:editor").id}))
    assert "Both allow the same" in same and "No difference" in same


def test_roles_of_different_levels_are_not_compared(acme: Acme, signed_in: SignIn) -> None:
    owner = builtin_role("standard:owner", Scope.ORGANIZATION)
    page = told(
        signed_in(acme.emil).get(
            url("role_compare"), {"left": profile_role("standard:guest").id, "right": owner.id}
        )
    )
    assert "These are roles of different levels" in page
    assert "Choose two roles" in told(
        signed_in(acme.emil).get(url("role_compare"), {"left": "x", "right": "99999"})
    )


def test_own_role_is_compared_with_a_published_one(acme: Acme, signed_in: SignIn) -> None:
    role = make_own_role(acme.organization, "Author", profile_role("hootsuite:limited").actions)
    page = told(signed_in(acme.emil).get(url("role_compare"), {"left": role.pk}))
    first = page[page.index("Nearest to Author elsewhere") :]
    assert first.index("Limited") < first.index("the same") < first.index("allows")


# -- packs ------------------------------------------------------------------------------------------------------------


def test_pack_is_added_and_its_roles_can_be_given(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.olga)
    assert "Limited" not in told(client.get("/o/acme/roles/?scope=profile"))
    response = client.post(url("pack_add", "hootsuite"), {"reason": "We come from there"})
    assert response["Location"] == url("pack_list")
    assert Organization.objects.get(pk=acme.organization.pk).packs == ["standard", "hootsuite"]
    assert "Limited" in told(client.get("/o/acme/roles/?scope=profile"))
    with organization_open(acme.organization.pk):
        event = AuditEvent.objects.get()
    assert (event.action, event.reason) == ("pack.add", "We come from there")


def test_pack_in_use_stays_and_the_page_says_who_holds_its_roles(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.olga)
    uses_packs(acme, "standard", "hootsuite", "pinterest")
    give(acme.quiet, acme.emil, "hootsuite:limited")
    response = client.post(url("pack_remove", "hootsuite"))
    page = told(response)
    assert response.status_code == 422
    assert "The pack Hootsuite is in use" in page and "Limited</a>: Emil Employee" in page
    assert "hootsuite" in Organization.objects.get(pk=acme.organization.pk).packs
    assert client.post(url("pack_remove", "pinterest")).status_code == 303
    assert Organization.objects.get(pk=acme.organization.pk).packs == ["standard", "hootsuite"]


def test_packs_are_changed_by_who_may_manage_them_alone(acme: Acme, signed_in: SignIn) -> None:
    page = told(signed_in(acme.paul).get(url("pack_list")))
    assert "Hootsuite&#x27;s published tables" in page and "commandfor" not in page.split("<main")[1]
    for route in ("pack_add", "pack_remove"):
        assert signed_in(acme.paul).post(url(route, "hootsuite")).status_code == 403
    assert signed_in(acme.olga).post(url("pack_add", "salesforce")).status_code == 404
    assert signed_in(acme.olga).post(url("pack_add", "standard")).status_code == 422
    assert Organization.objects.get(pk=acme.organization.pk).packs == ["standard"]


def test_organization_is_founded_with_the_packs_chosen(db: None, signed_in: SignIn) -> None:
    nora = make_person("Nora New")
    page = told(signed_in(nora).get(reverse("organization_new")))
    assert 'name="packs" value="standard"' in page and page.count("checked") == 1
    data = {"name": "Blue Bakery", "slug": "", "time_zone": "UTC", "packs": []}
    response = signed_in(nora).post(reverse("organization_new"), data)
    assert response.status_code == 422 and not Organization.objects.exists()
