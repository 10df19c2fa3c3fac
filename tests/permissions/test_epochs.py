"""Whatever changes somebody's rights gives his organization another epoch, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model

from accounts.models import User
from orgs.models import Membership, Organization, Partnership, SupportSession, TeamUserGrant, Workspace
from permissions.models import AccessEpoch, Role
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, ProfileUserGrant
from tenancy.context import organization_open, unscoped
from tests.cast import Acme, add_member, give, make_person, make_profile, put_in_team, role

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
# Tables that decide what somebody may do. A new one that the snapshot reads belongs here, and needs its triggers.
DECIDING = {
    "accounts_user_groups",
    "orgs_membership",
    "orgs_organizationusergrant",
    "orgs_partnership",
    "orgs_supportsession",
    "orgs_team",
    "orgs_teamusergrant",
    "orgs_workspaceaccess",
    "permissions_role",
    "social_accounts_profileassignment",
    "social_accounts_profilegroupgrant",
    "social_accounts_profileusergrant",
}


def epoch_of(organization: Organization) -> int | None:
    with organization_open(organization.pk):
        return AccessEpoch.objects.values_list("epoch", flat=True).first()


def partnership_of(acme: Acme) -> Partnership:
    """Acme works with Elsewhere."""
    with organization_open(acme.organization.pk):
        return Partnership.objects.create(
            partner=acme.elsewhere,
            status=Partnership.Status.ACTIVE,
            people_group=Group.objects.create(name="partner:elsewhere#people"),
            proposed_at=NOW,
            answer_by=NOW,
        )


def support_session_of(acme: Acme) -> SupportSession:
    sue = make_person("Sue Support", support_role="support")
    with organization_open(acme.organization.pk):
        return SupportSession.objects.create(
            user=sue,
            kind="support",
            ticket="T-1",
            reason="Asked for help",
            starts_at=NOW,
            expires_at=NOW + timedelta(hours=1),
        )


def own_role_of(acme: Acme) -> Role:
    with organization_open(acme.organization.pk):
        permission = Permission.objects.create(
            content_type=ContentType.objects.get_for_model(acme.news), codename="own", name="own"
        )
        return Role.objects.create(
            organization=acme.organization, permission=permission, scope="profile", slug="own", name="Own"
        )


def assignment_of(acme: Acme) -> ProfileAssignment:
    partnership = partnership_of(acme)
    editor = role("standard:editor").permission_id
    with organization_open(acme.organization.pk):
        grant = ProfileGroupGrant.objects.create(
            content_object=acme.news,
            group=partnership.people_group,
            partnership=partnership,
            permission_id=editor,
            granted_at=NOW,
        )
        return ProfileAssignment.objects.create(
            grant=grant, user=acme.mallory, permission_id=editor, granted_at=NOW
        )


def rows_of(acme: Acme) -> dict[str, Model]:
    """Return a row of each table that decides."""
    with organization_open(acme.organization.pk):
        workspace = Workspace.objects.create(slug="other", name="Other")
        listed = add_member(
            acme.organization, make_person("Lia Listed"), "standard:member", workspaces=[workspace]
        )
        return {
            "orgs_membership": Membership.objects.get(user=acme.paul),
            "orgs_organizationusergrant": acme.organization.user_grants.get(user=acme.paul),  # type: ignore[attr-defined]
            "orgs_partnership": partnership_of(acme),
            "orgs_supportsession": support_session_of(acme),
            "orgs_team": acme.brand,
            "orgs_teamusergrant": TeamUserGrant.objects.get(user=acme.paul),
            "orgs_workspaceaccess": listed.workspace_accesses.get(),
            "permissions_role": own_role_of(acme),
            "social_accounts_profilegroupgrant": ProfileGroupGrant.objects.filter(partnership=None)[0],
            "social_accounts_profileusergrant": ProfileUserGrant.objects.get(user=acme.paul),
        }


def test_every_table_that_decides_has_a_trigger_for_every_kind_of_change(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgrelid::regclass::text, tgname from pg_trigger where tgname like 'new_epoch_%'"
        )
        found: dict[str, set[str]] = {}
        for table, name in cursor.fetchall():
            found.setdefault(table, set()).add(name.removeprefix("new_epoch_"))
    assert found.pop("orgs_organization") == {"update"}
    assert found.pop("accounts_user") == {"of_staff"}
    assert found == {table: {"insert", "update", "delete"} for table in DECIDING}


def test_writing_and_deleting_any_deciding_row_ends_the_epoch(acme: Acme) -> None:
    for table, row in rows_of(acme).items():
        epochs = [epoch_of(acme.organization)]
        with organization_open(acme.organization.pk):
            row.save()
        epochs.append(epoch_of(acme.organization))
        if table not in (
            "orgs_membership",
            "orgs_organizationusergrant",
            "orgs_team",
        ):  # others hang on these
            with organization_open(acme.organization.pk):
                row.delete()
            epochs.append(epoch_of(acme.organization))
        assert len(set(epochs)) == len(epochs), table


CHANGES: dict[str, Callable[[Acme], Any]] = {
    "somebody joins a team's userset": lambda acme: acme.emil.groups.add(acme.brand.members_group),
    "somebody leaves a team's userset": lambda acme: acme.paul.groups.remove(acme.brand.members_group),
    "a userset is emptied from its side": lambda acme: acme.brand.members_group.user_set.clear(),
    "the second factor's policy": lambda acme: Organization.objects.filter(pk=acme.organization.pk).update(
        two_factor="everyone"
    ),
    "a window is moved by an update of many rows": lambda acme: in_acme(
        acme, lambda: ProfileUserGrant.objects.update(expires_at=NOW + timedelta(days=9000))
    ),
    "many grants at once": lambda acme: give(
        make_profile(acme.organization, "more"), acme.emil, "standard:guest"
    ),
    "a person is deleted": lambda acme: in_acme(acme, acme.gus.delete),
    "a profile with grants is deleted": lambda acme: in_acme(acme, acme.news.delete),
    "somebody is put in a team": lambda acme: put_in_team(acme.brand, acme.emil),
}


def in_acme(acme: Acme, act: Callable[[], object]) -> None:
    with organization_open(acme.organization.pk):
        act()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_epoch_ends_when(acme: Acme, change: Callable[[Acme], Any]) -> None:
    before, elsewhere = epoch_of(acme.organization), epoch_of(acme.elsewhere)
    change(acme)
    assert epoch_of(acme.organization) != before
    assert epoch_of(acme.elsewhere) == elsewhere, "nobody else's epoch ends"


def test_what_changes_in_a_partner_ends_the_epoch_of_its_client(acme: Acme) -> None:
    assignment_of(acme)
    before = epoch_of(acme.organization)
    with organization_open(acme.elsewhere.pk):
        Membership.objects.filter(user=acme.mallory).update(status=Membership.Status.SUSPENDED)
    assert epoch_of(acme.organization) != before


def test_staff_that_is_staff_no_more_ends_the_epoch_where_it_has_a_session(acme: Acme) -> None:
    session = support_session_of(acme)
    before, elsewhere = epoch_of(acme.organization), epoch_of(acme.elsewhere)
    User.objects.filter(pk=session.user_id).update(last_login=NOW)
    assert epoch_of(acme.organization) == before, "signing in is no change of rights"
    User.objects.filter(pk=session.user_id).update(support_role="")
    assert epoch_of(acme.organization) != before
    assert epoch_of(acme.elsewhere) == elsewhere


def test_epoch_is_ended_even_where_no_organization_is_open(acme: Acme) -> None:
    """A userset is Django's own table: whoever writes it need not have opened anything."""
    before = epoch_of(acme.organization)
    User.groups.through.objects.filter(user=acme.paul).delete()
    assert epoch_of(acme.organization) != before


def test_epoch_that_was_rolled_back_is_never_given_again(acme: Acme) -> None:
    seen = set()
    for _time in range(3):
        with transaction.atomic():
            give(acme.quiet, acme.emil, "standard:guest")
            seen.add(epoch_of(acme.organization))
            transaction.set_rollback(True)
    give(acme.quiet, acme.emil, "standard:guest")
    assert len(seen) == 3
    assert epoch_of(acme.organization) not in seen


def test_organization_can_be_deleted_though_its_end_writes_epochs(acme: Acme) -> None:
    assert epoch_of(acme.elsewhere) is not None
    with unscoped():  # a whole organization goes
        acme.elsewhere.delete()
    connection.check_constraints()
    assert not Organization.objects.filter(slug="elsewhere").exists()
