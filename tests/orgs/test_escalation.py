"""R9, for every pair of roles: nobody gets through anybody what that one does not hold himself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orgs.models import Invitation, Membership, OrganizationUserGrant
from orgs.services.invitations import Offer, accept_invitation, invite_members
from orgs.services.members import remove_member, set_organization_role, suspend_member
from permissions.catalogue import Scope
from permissions.errors import NotAllowed, WouldEscalate
from permissions.packs import PACKS, beyond
from permissions.roles import RoleFacts, roles_offered
from permissions.services import NotAMember, grant_role
from tenancy.context import organization_open
from tests.cast import Acme, access_of, add_member, give, make_organization, make_person, make_profile, role

PACK_SLUGS = list(PACKS)


def keys(pack: str, scope: Scope) -> list[str]:
    return [one.key for one in PACKS[pack].roles_of(scope) if not one.is_staff]


PAIRS = [
    (giver, given)
    for pack in PACK_SLUGS
    for giver in keys(pack, Scope.ORGANIZATION)
    for given in keys(pack, Scope.ORGANIZATION)
]


def all_actions(facts: RoleFacts) -> frozenset[str]:
    held = set(facts.actions)
    for implied in facts.implies.values():
        held |= all_actions(implied)
    return frozenset(held)


@pytest.mark.parametrize(("giver_key", "given_key"), PAIRS)
def test_giving_an_organization_role_never_gives_more_than_the_giver_holds(
    giver_key: str, given_key: str, db: None
) -> None:
    owner = make_person("Otto Owner", "otto@pairs.test")
    pack = giver_key.partition(":")[0]
    organization = make_organization("pairs", "Pairs", owner, PACKS[pack].owner_role)
    organization.packs = [pack]
    organization.save()
    giver_role = role(giver_key, Scope.ORGANIZATION)
    if giver_role.is_owner:
        giver = owner
    else:
        giver = make_person("Gina Giver", "gina@pairs.test")
        add_member(organization, giver, giver_key)
    lowest = PACKS[pack].default_role(Scope.ORGANIZATION)
    assert lowest is not None
    receiver = make_person("Rita Receiver", "rita@pairs.test")
    membership = add_member(organization, receiver, lowest.key)
    given = role(given_key, Scope.ORGANIZATION)
    before = access_of(receiver, organization).organization_role
    allowed = True
    with organization_open(organization.pk):
        actor = access_of(giver, organization)
        try:
            set_organization_role(
                actor=actor,
                organization=organization,
                membership=membership,
                role=given,
                now=datetime.now(UTC),
            )
        except (NotAllowed, WouldEscalate):
            allowed = False
    after = access_of(receiver, organization).organization_role
    assert before is not None and after is not None
    if allowed:
        assert not beyond(all_actions(after), all_actions(giver_role))
        assert after.key == given_key and not after.is_owner
        assert "organization.edit_member_permissions" in giver_role.actions
    else:
        assert after.key == before.key

    with organization_open(organization.pk):
        try:
            invite_members(
                actor=access_of(giver, organization),
                organization=organization,
                emails=["new@pairs.test"],
                offer=Offer(role=given),
                language="en",
                message="",
                now=datetime.now(UTC),
            )
        except (NotAllowed, WouldEscalate):
            return
    assert not beyond(all_actions(given), all_actions(giver_role)) and not given.is_owner
    newcomer = make_person("Nils New", "new@pairs.test")
    with organization_open(organization.pk):
        invitation = Invitation.objects.select_related("organization", "invited_by").get()
    accept_invitation(user=newcomer, invitation=invitation, now=datetime.now(UTC))
    joined = access_of(newcomer, organization).organization_role
    assert joined is not None and joined.key == given_key


@pytest.mark.parametrize("giver_key", [key for pack in PACK_SLUGS for key in keys(pack, Scope.ORGANIZATION)])
def test_nobody_changes_himself_or_touches_the_owner(giver_key: str, db: None) -> None:
    pack = giver_key.partition(":")[0]
    owner = make_person("Otto Owner", "otto@pairs.test")
    organization = make_organization("pairs", "Pairs", owner, PACKS[pack].owner_role)
    organization.packs = [pack]
    organization.save()
    giver = owner
    if not role(giver_key, Scope.ORGANIZATION).is_owner:
        giver = make_person("Gina Giver", "gina@pairs.test")
        add_member(organization, giver, giver_key)
    with organization_open(organization.pk):
        actor = access_of(giver, organization)
        for target in {giver, owner}:
            membership = Membership.objects.get(user=target)
            now = datetime.now(UTC)
            for given in roles_offered(
                packs=[pack], organization_id=organization.pk, scope=Scope.ORGANIZATION
            ):
                with pytest.raises((NotAllowed, WouldEscalate)):
                    set_organization_role(
                        actor=actor, organization=organization, membership=membership, role=given, now=now
                    )
            for act in (suspend_member, remove_member):
                with pytest.raises((NotAllowed, WouldEscalate)):
                    act(actor=actor, organization=organization, membership=membership, now=now)


PROFILE_PAIRS = [
    (held, given)
    for pack in ("standard", "hootsuite", "actito")
    for held in keys(pack, Scope.PROFILE)
    for given in keys(pack, Scope.PROFILE)
]


@pytest.mark.parametrize(("held_key", "given_key"), PROFILE_PAIRS)
def test_giving_a_profile_role_never_gives_more_than_the_giver_holds(
    held_key: str, given_key: str, acme: Acme
) -> None:
    profile = make_profile(acme.organization, "pairs")
    give(profile, acme.emil, held_key)
    with organization_open(acme.organization.pk):
        try:
            grant_role(
                actor=acme.access(acme.emil),
                receiver=acme.gus,
                role=role(given_key),
                obj=profile,
                now=datetime.now(UTC),
            )
        except (NotAllowed, WouldEscalate):
            assert not acme.access(acme.gus).sources(profile)
            return
    held = role(held_key)
    assert "profile.manage_profile_access" in held.actions
    got = {action for source in acme.access(acme.gus).sources(profile) for action in source.role.actions}
    assert not beyond(got, held.actions)


def test_role_is_given_to_members_only(acme: Acme) -> None:
    with organization_open(acme.organization.pk), pytest.raises(NotAMember):
        grant_role(
            actor=acme.access(acme.olga),
            receiver=acme.mallory,
            role=role("standard:guest"),
            obj=acme.news,
            now=datetime.now(UTC),
        )


def test_right_lost_while_waiting_for_the_lock_is_lost(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        stale = acme.access(acme.marc)
        OrganizationUserGrant.objects.filter(user=acme.marc).update(
            permission=role("standard:member", Scope.ORGANIZATION).permission_id
        )
        with pytest.raises(NotAllowed):
            grant_role(
                actor=stale,
                receiver=acme.emil,
                role=role("standard:guest"),
                obj=acme.news,
                now=datetime.now(UTC),
            )
