"""Roles of one's own: H2, H6 to H9, T4, and what stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Invitation, OrganizationUserGrant, TeamUserGrant
from orgs.services.invitations import Offer, invite_members
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.custom_role_rules import (
    RoleInUse,
    RoleNameTaken,
    RoleNotChangeable,
    RoleUnusable,
)
from permissions.custom_roles import (
    create_role,
    delete_role,
    edit_role,
    new_actions,
    uses_of_role,
)
from permissions.errors import NotAllowed, WouldEscalate
from permissions.models import Role
from permissions.role_uses import HeldTwice
from permissions.roles import RoleFacts, roles_by_permission, roles_offered
from permissions.services import grant_role
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant, SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, access_of, give, put_in_team, role

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REPLIES = frozenset({"profile.view_posts", "profile.publish_replies", "profile.send_for_approval"})


@pytest.fixture
def inside(acme: Acme) -> Iterator[Acme]:
    with organization_open(acme.organization.pk):
        yield acme


def make(acme: Acme, *, by: User | None = None, name: str = "Replies only", **fields: object) -> Role:
    chosen = {"scope": Scope.PROFILE, "actions": REPLIES} | fields
    return create_role(
        actor=access(acme, by or acme.marc), organization=acme.organization, name=name, now=NOW, **chosen
    )


def edit(acme: Acme, row: Role, *, by: User | None = None, **fields: object) -> Role:
    actor = access(acme, by or acme.marc)
    return edit_role(actor=actor, organization=acme.organization, role=row, now=NOW, **fields)


def delete(acme: Acme, row: Role, instead: RoleFacts | None = None, *, by: User | None = None) -> None:
    actor = access(acme, by or acme.marc)
    delete_role(actor=actor, organization=acme.organization, role=row, replacement=instead, now=NOW)


def access(acme: Acme, person: User) -> Access:
    return acme.access(person)


def facts(row: Role) -> RoleFacts:
    return roles_by_permission([row.permission_id])[row.permission_id]


def held(acme: Acme, person: User, profile: SocialProfile) -> set[str]:
    has = access(acme, person)
    return {action.name for action in catalogue.of_scope(Scope.PROFILE) if has.can(action.name, profile)}


# -- making -----------------------------------------------------------------------------------------------------------


def test_role_of_single_actions_lets_replies_out_and_holds_posts_for_approval(inside: Acme) -> None:
    """H8, H9."""
    row = make(inside, description="For  the\nhelp desk")
    assert (row.slug, row.name, row.description) == ("replies-only", "Replies only", "For the help desk")
    grant_role(
        actor=access(inside, inside.marc), receiver=inside.emil, role=facts(row), obj=inside.quiet, now=NOW
    )
    has = access(inside, inside.emil)
    assert has.can("profile.publish_replies", inside.quiet)
    assert has.can("profile.send_for_approval", inside.quiet)
    assert not has.can("profile.publish_posts", inside.quiet)


@pytest.mark.parametrize("scope", list(Scope))
def test_role_can_be_made_at_every_scope_and_is_offered_there(inside: Acme, scope: Scope) -> None:
    """H2, H6, H7."""
    action = next(
        a
        for a in catalogue.of_scope(scope)
        if a.name in ("organization.view_members", "team.view_team", "profile.view_posts")
    )
    row = make(inside, by=inside.olga, name="Ours", scope=scope, actions=[action.name])
    offered = roles_offered(packs=["standard"], organization_id=inside.organization.pk, scope=scope)
    assert offered[-1].permission_id == row.permission_id
    assert not offered[-1].implies


def test_role_made_as_a_copy_remembers_of_what(inside: Acme) -> None:
    editor = role("standard:editor")
    row = make(inside, name="Editor for us", actions=editor.actions, copied_from=editor)
    assert (frozenset(row.actions), row.copied_from) == (editor.actions, "standard:editor")
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.after["copied_from"]) == ("role.create", "standard:editor")


def test_name_is_taken_whatever_its_letters_and_free_at_another_scope(inside: Acme) -> None:
    make(inside)
    with pytest.raises(RoleNameTaken, match="Replies ONLY"):
        make(inside, name="  Replies   ONLY ")
    other = make(inside, scope=Scope.ORGANIZATION, actions=["organization.view_members"])
    assert other.slug == "replies-only-2"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "  "}, "Give the role a name"),
        ({"name": "x" * 81}, "Give the role a name"),
        ({"description": "x" * 201}, "Describe the role"),
        ({"actions": ["profile.publish_post"]}, "Did you mean “profile.publish_posts”"),
        ({"actions": ["team.view_team"]}, "no action of this kind of role"),
    ],
)
def test_role_that_cannot_be_is_refused_with_a_sentence(
    inside: Acme, fields: dict[str, object], sentence: str
) -> None:
    with pytest.raises(RoleUnusable, match=sentence):
        make(inside, **fields)
    assert not Role.objects.filter(organization=inside.organization).exists()


def test_who_may_not_manage_roles_makes_edits_and_deletes_none(inside: Acme) -> None:
    row = make(inside)
    with pytest.raises(NotAllowed):
        make(inside, by=inside.paul, name="Mine")
    with pytest.raises(NotAllowed):
        edit(inside, row, by=inside.paul, name="Mine")
    with pytest.raises(NotAllowed):
        delete(inside, row, by=inside.paul)


def test_nobody_puts_into_a_role_what_he_does_not_hold(inside: Acme) -> None:
    only_owner = sorted(
        role("standard:owner", Scope.ORGANIZATION).actions
        - role("standard:manager", Scope.ORGANIZATION).actions
    )
    assert only_owner
    with pytest.raises(WouldEscalate, match="you do not hold it yourself"):
        make(inside, scope=Scope.ORGANIZATION, actions=only_owner[:1])
    make(inside, by=inside.olga, scope=Scope.ORGANIZATION, actions=only_owner[:1])


# -- editing ----------------------------------------------------------------------------------------------------------


def test_edit_reaches_everybody_at_once_and_touches_no_grant(inside: Acme) -> None:
    row = make(inside)
    for person in (inside.paul, inside.mina, inside.gus, inside.emil):
        ProfileUserGrant.objects.create(
            content_object=inside.quiet, user=person, permission_id=row.permission_id, granted_at=NOW
        )
    grants = list(ProfileUserGrant.objects.order_by("pk").values_list())
    edit(inside, row, actions=REPLIES | {"profile.publish_posts"}, reason="They proved themselves")
    assert list(ProfileUserGrant.objects.order_by("pk").values_list()) == grants
    assert all("profile.publish_posts" in held(inside, p, inside.quiet) for p in (inside.paul, inside.emil))
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.after, event.reason) == (
        "role.edit",
        {"added": ["profile.publish_posts"]},
        "They proved themselves",
    )


def test_builtin_roles_the_owner_and_none_stay_as_they_are(inside: Acme) -> None:
    for key, scope in (
        ("standard:editor", Scope.PROFILE),
        ("standard:none", Scope.PROFILE),
        ("standard:owner", Scope.ORGANIZATION),
    ):
        row = Role.objects.get(permission=role(key, scope).permission_id)
        with pytest.raises(RoleNotChangeable, match="built-in"):
            edit(inside, row, by=inside.olga, actions=[])
        with pytest.raises(RoleNotChangeable, match="built-in"):
            delete(inside, row, by=inside.olga)


def test_role_of_another_organization_is_not_there(inside: Acme) -> None:
    row = make(inside)
    mallory = access_elsewhere(inside)
    with organization_open(inside.elsewhere.pk), pytest.raises(RoleNotChangeable):
        edit_role(actor=mallory, organization=inside.elsewhere, role=row, actions=[], now=NOW)
    row.refresh_from_db()
    assert frozenset(row.actions) == REPLIES


def access_elsewhere(acme: Acme) -> Access:
    return access_of(acme.mallory, acme.elsewhere)


def test_edit_gives_nobody_what_its_maker_lacks_where_the_role_is_used(inside: Acme) -> None:
    """R9: Ana holds something on one profile, and the role is used on another."""
    managing = make(
        inside,
        by=inside.olga,
        name="Role keeper",
        scope=Scope.ORGANIZATION,
        actions=["organization.manage_roles"],
    )
    OrganizationUserGrant.objects.filter(user=inside.ana).update(permission_id=managing.permission_id)
    row = make(inside)
    ProfileUserGrant.objects.create(
        content_object=inside.quiet, user=inside.emil, permission_id=row.permission_id, granted_at=NOW
    )
    assert "profile.publish_posts" in held(inside, inside.ana, inside.sky)
    with pytest.raises(WouldEscalate, match="quiet"):
        edit(inside, row, by=inside.ana, actions=REPLIES | {"profile.publish_posts"})
    with pytest.raises(WouldEscalate, match="you do not hold it yourself"):
        edit(inside, row, by=inside.ana, actions=REPLIES | {"profile.disconnect_profile"})
    edit(inside, row, by=inside.ana, actions=REPLIES - {"profile.publish_replies"})
    give(inside.quiet, inside.ana, "standard:editor")
    edit(inside, row, by=inside.ana, actions=REPLIES | {"profile.publish_posts"})


def test_taking_out_what_bound_a_role_to_approval_counts_as_giving_the_rest(inside: Acme) -> None:
    """R6 with R9: on YouTube the role gives nothing until "send for approval" leaves it."""
    tube = inside.sky
    tube.network = "youtube"
    tube.save()
    managing = make(
        inside,
        by=inside.olga,
        name="Role keeper",
        scope=Scope.ORGANIZATION,
        actions=["organization.manage_roles"],
    )
    OrganizationUserGrant.objects.filter(user=inside.mina).update(permission_id=managing.permission_id)
    row = make(inside)
    ProfileUserGrant.objects.create(
        content_object=tube, user=inside.emil, permission_id=row.permission_id, granted_at=NOW
    )
    assert not held(inside, inside.emil, tube)
    with pytest.raises(WouldEscalate, match="sky"):
        edit(inside, row, by=inside.mina, actions=REPLIES - {"profile.send_for_approval"})


def test_editing_a_role_that_one_holds_does_not_widen_oneself(inside: Acme) -> None:
    row = make(
        inside,
        by=inside.olga,
        name="Keeper",
        scope=Scope.ORGANIZATION,
        actions=["organization.manage_roles", "organization.view_members"],
    )
    OrganizationUserGrant.objects.filter(user=inside.ana).update(permission_id=row.permission_id)
    with pytest.raises(WouldEscalate):
        edit(inside, row, by=inside.ana, actions=[*row.actions, "organization.invite_members"])
    edit(inside, row, by=inside.ana, actions=["organization.manage_roles"])


def test_role_of_people_above_is_decided_above(inside: Acme) -> None:
    only_owner = sorted(
        role("standard:owner", Scope.ORGANIZATION).actions
        - role("standard:manager", Scope.ORGANIZATION).actions
    )
    row = make(inside, by=inside.olga, scope=Scope.ORGANIZATION, actions=only_owner[:1])
    with pytest.raises(WouldEscalate, match="above you"):
        edit(inside, row, actions=[])
    with pytest.raises(WouldEscalate, match="above you"):
        delete(inside, row)


def test_action_new_in_the_catalogue_waits_outside_until_somebody_puts_it_in(inside: Acme) -> None:
    """T4."""
    row = make(inside)
    assert not new_actions(row)
    later = "profile.promote_posts"
    row.known_actions = [name for name in row.known_actions if name != later]
    row.save()
    assert [action.name for action in new_actions(row)] == [later]
    row = edit(inside, row, name="Another name")
    assert [action.name for action in new_actions(row)] == [later]
    assert later not in row.actions
    row = edit(inside, row, actions=row.actions)
    assert not new_actions(row)


# -- deleting ---------------------------------------------------------------------------------------------------------


def test_role_nobody_has_is_deleted_with_its_permission(inside: Acme) -> None:
    row = make(inside)
    permission = row.permission
    delete(inside, row)
    assert not Role.objects.filter(permission=permission).exists()
    assert not type(permission).objects.filter(pk=permission.pk).exists()
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.object_id, event.before["name"]) == (
        "role.delete",
        str(row.pk),
        "Replies only",
    )


def test_role_in_use_is_deleted_only_with_what_people_get_instead(inside: Acme) -> None:
    row = make(inside)
    moderator = role("standard:moderator")
    for person in (inside.emil, inside.gus):
        ProfileUserGrant.objects.create(
            content_object=inside.quiet,
            user=person,
            permission_id=row.permission_id,
            granted_at=NOW,
            expires_at=NOW + timedelta(days=2),
        )
    ProfileGroupGrant.objects.create(
        content_object=inside.news,
        group=inside.brand.members_group,
        permission_id=row.permission_id,
        granted_at=NOW,
    )
    invite_members(
        actor=access(inside, inside.marc),
        organization=inside.organization,
        emails=["new@acme.test"],
        offer=Offer(
            role("standard:member", Scope.ORGANIZATION), profile_role=facts(row), profiles=[inside.news]
        ),
        language="en",
        message="",
        now=NOW,
    )
    assert [used.count for used in uses_of_role(row, NOW)] == [2, 1, 1]
    with pytest.raises(RoleInUse, match="Roles given to people: 2, Profiles of teams and partners: 1"):
        delete(inside, row)
    delete(inside, row, moderator)
    given = ProfileUserGrant.objects.filter(content_object=inside.quiet)
    assert {(g.user_id, g.permission_id, g.expires_at) for g in given} == {
        (person.pk, moderator.permission_id, NOW + timedelta(days=2)) for person in (inside.emil, inside.gus)
    }
    assert held(inside, inside.emil, inside.quiet) == moderator.actions
    assert ProfileGroupGrant.objects.get(content_object=inside.news).permission_id == moderator.permission_id
    assert Invitation.objects.get().profile_roles == [
        {"profile": inside.news.pk, "permission": moderator.permission_id}
    ]


def test_what_is_over_does_not_keep_a_role(inside: Acme) -> None:
    row = make(inside, scope=Scope.ORGANIZATION, actions=["organization.view_members"])
    invite_members(
        actor=access(inside, inside.marc),
        organization=inside.organization,
        emails=["new@acme.test"],
        offer=Offer(facts(row)),
        language="en",
        message="",
        now=NOW,
    )
    with pytest.raises(RoleInUse, match="Open invitations: 1"):
        delete(inside, row)
    Invitation.objects.update(withdrawn_at=NOW)
    delete(inside, row)
    assert Invitation.objects.get().permission_id == role("standard:member", Scope.ORGANIZATION).permission_id


def test_replacement_must_be_one_that_the_deleter_may_give(inside: Acme) -> None:
    row = make(inside, scope=Scope.ORGANIZATION, actions=["organization.view_members"])
    OrganizationUserGrant.objects.filter(user=inside.emil).update(permission_id=row.permission_id)
    for key, error in (
        ("standard:owner", WouldEscalate),
        ("standard:co_owner", WouldEscalate),
        ("hootsuite:admin", RoleUnusable),
    ):
        with pytest.raises(error):
            delete(inside, row, role(key, Scope.ORGANIZATION))
    with pytest.raises(RoleUnusable, match="Choose another role"):
        delete(inside, row, facts(row))
    with pytest.raises(RoleUnusable, match="kind of object"):
        delete(inside, row, role("standard:editor"))
    delete(inside, row, role("standard:member", Scope.ORGANIZATION))
    grant = OrganizationUserGrant.objects.get(user=inside.emil)
    assert grant.permission_id == role("standard:member", Scope.ORGANIZATION).permission_id


def test_who_holds_both_roles_keeps_the_wider_window_or_is_named(inside: Acme) -> None:
    row = make(inside)
    moderator = role("standard:moderator")

    def gives(permission_id: int, starts: int | None, ends: int | None) -> None:
        ProfileUserGrant.objects.create(
            content_object=inside.quiet,
            user=inside.emil,
            permission_id=permission_id,
            granted_at=NOW,
            starts_at=None if starts is None else NOW + timedelta(days=starts),
            expires_at=None if ends is None else NOW + timedelta(days=ends),
        )

    gives(row.permission_id, 1, 2)
    gives(moderator.permission_id, 3, 4)
    with pytest.raises(HeldTwice, match="Emil"):
        delete(inside, row, moderator)
    ProfileUserGrant.objects.filter(permission=moderator.permission_id).update(
        starts_at=None, expires_at=None
    )
    delete(inside, row, moderator)
    kept = ProfileUserGrant.objects.get(content_object=inside.quiet, user=inside.emil)
    assert (kept.permission_id, kept.starts_at, kept.expires_at) == (moderator.permission_id, None, None)


def test_team_role_is_replaced_in_its_team(inside: Acme) -> None:
    row = make(inside, by=inside.olga, scope=Scope.TEAM, actions=["team.view_team"])
    put_in_team(inside.brand, inside.emil)
    TeamUserGrant.objects.filter(user=inside.emil).update(permission_id=row.permission_id)
    member = role("standard:team_member", Scope.TEAM)
    with pytest.raises(RoleInUse):
        delete(inside, row, by=inside.olga)
    delete(inside, row, member, by=inside.olga)
    assert TeamUserGrant.objects.get(user=inside.emil).permission_id == member.permission_id
