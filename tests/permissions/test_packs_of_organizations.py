"""The packs an organization uses: chosen, added, taken out; and people led from one pack's roles to another's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from audit.models import AuditEvent
from orgs.models import Invitation, Membership, Organization, OrganizationUserGrant
from orgs.services.invitations import Offer, invite_members
from orgs.services.members import set_organization_role
from orgs.services.packs import PackRefused, add_pack, remove_pack, uses_of_pack
from permissions.catalogue import Scope
from permissions.errors import NotAllowed, WouldEscalate
from permissions.roles import roles_offered
from permissions.what_if import preview
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, give, give_team, role

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def inside(acme: Acme) -> Iterator[Acme]:
    with organization_open(acme.organization.pk):
        yield acme


def add(acme: Acme, pack: str, **more: str) -> None:
    add_pack(actor=acme.access(acme.olga), organization=acme.organization, pack=pack, now=NOW, **more)


def remove(acme: Acme, pack: str) -> None:
    remove_pack(actor=acme.access(acme.olga), organization=acme.organization, pack=pack, now=NOW)


def packs_of(acme: Acme) -> list[str]:
    return list(Organization.objects.get(pk=acme.organization.pk).packs)


def test_added_pack_offers_its_roles_and_changes_nobody(inside: Acme) -> None:
    found = preview(organization_id=inside.organization.pk, change=lambda: add(inside, "hootsuite"), at=NOW)
    assert not found.is_refused and found.changes_nothing
    add(inside, "hootsuite", reason="We work with both")
    assert packs_of(inside) == ["standard", "hootsuite"]
    offered = roles_offered(
        packs=packs_of(inside), organization_id=inside.organization.pk, scope=Scope.PROFILE
    )
    assert "hootsuite:limited" in {facts.key for facts in offered}
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.before, event.after, event.reason) == (
        "pack.add",
        {"packs": ["standard"]},
        {"packs": ["standard", "hootsuite"]},
        "We work with both",
    )


def test_pack_that_is_none_or_there_already_is_refused(inside: Acme) -> None:
    for pack, sentence in (("buffer", "no pack of this name"), ("standard", "already")):
        with pytest.raises(PackRefused, match=sentence):
            add(inside, pack)
    with pytest.raises(PackRefused, match="does not use"):
        remove(inside, "actito")
    with pytest.raises(PackRefused, match="at least one"):
        remove(inside, "standard")


def test_only_who_manages_packs_chooses_them(inside: Acme) -> None:
    for person in (inside.marc, inside.paul, inside.emil):
        with pytest.raises(NotAllowed):
            add_pack(actor=inside.access(person), organization=inside.organization, pack="actito", now=NOW)
    assert packs_of(inside) == ["standard"]


def test_pack_stays_while_anybody_has_or_was_offered_one_of_its_roles(inside: Acme) -> None:
    add(inside, "hootsuite")
    grant = give(inside.news, inside.emil, "hootsuite:limited")
    with pytest.raises(PackRefused, match="Roles given to people: 1"):
        remove(inside, "hootsuite")
    grant.delete()
    link = give_team(inside.news, inside.brand, "hootsuite:limited")
    with pytest.raises(PackRefused, match="Profiles of teams and partners: 1"):
        remove(inside, "hootsuite")
    link.delete()
    invite_members(
        actor=inside.access(inside.olga),
        organization=inside.organization,
        emails=["new@acme.test"],
        offer=Offer(
            role("standard:member", Scope.ORGANIZATION),
            profile_role=role("hootsuite:limited"),
            profiles=[inside.news],
        ),
        language="en",
        message="",
        now=NOW,
    )
    with pytest.raises(PackRefused, match="Profiles in open invitations: 1"):
        remove(inside, "hootsuite")
    Invitation.objects.update(withdrawn_at=NOW)
    remove(inside, "hootsuite")
    assert packs_of(inside) == ["standard"]
    assert AuditEvent.objects.latest("sequence").action == "pack.remove"


def test_grant_that_is_over_does_not_keep_a_pack(inside: Acme) -> None:
    add(inside, "hootsuite")
    ProfileUserGrant.objects.create(
        content_object=inside.news,
        user=inside.emil,
        permission_id=role("hootsuite:limited").permission_id,
        granted_at=NOW,
        expires_at=NOW,
    )
    assert not uses_of_pack("hootsuite", NOW)
    remove(inside, "hootsuite")


def test_owner_keeps_his_role_and_with_it_the_pack_it_is_from(inside: Acme) -> None:
    """A7: there is one owner, and no pack is taken from under him."""
    add(inside, "hootsuite")
    for membership in Membership.objects.exclude(user=inside.olga).select_related("user"):
        lead(inside, membership, "hootsuite:default")
    for grants in (
        ProfileUserGrant.objects.all(),
        inside.sky.group_grants.all(),
        inside.brand.user_grants.all(),
    ):
        grants.delete()
    with pytest.raises(PackRefused, match="Roles given to people: 1"):
        remove(inside, "standard")
    olga = Membership.objects.get(user=inside.olga)
    with pytest.raises(WouldEscalate):
        lead(inside, olga, "hootsuite:default")
    assert OrganizationUserGrant.objects.get(is_owner=True).user == inside.olga


def lead(acme: Acme, membership: Membership, key: str) -> None:
    set_organization_role(
        actor=acme.access(acme.olga),
        organization=acme.organization,
        membership=membership,
        role=role(key, Scope.ORGANIZATION),
        now=NOW,
    )


def test_person_led_to_another_packs_role_has_that_one_role_and_the_preview_says_what_it_does(
    inside: Acme,
) -> None:
    """R3: one organization role, of whichever pack; its implications go with it."""
    add(inside, "hootsuite")
    marc = Membership.objects.get(user=inside.marc)

    def change() -> None:
        lead(inside, Membership.objects.get(user=inside.marc), "hootsuite:default")

    found = preview(organization_id=inside.organization.pk, change=change, at=NOW)
    had = set(found.lost())
    lead(inside, marc, "hootsuite:default")
    assert OrganizationUserGrant.objects.filter(user=inside.marc).count() == 1
    assert (inside.marc.pk, "profile.publish_posts", inside.news.pk) in had
    assert not inside.access(inside.marc).can("profile.publish_posts", inside.news)


def test_owners_role_of_another_pack_is_given_to_nobody(inside: Acme) -> None:
    add(inside, "hootsuite")
    marc = Membership.objects.get(user=inside.marc)
    with pytest.raises(WouldEscalate, match="Ownership"):
        lead(inside, marc, "hootsuite:paying_super_admin")
