"""The packs: every cell of every published matrix, and what our own tables add to it."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from permissions import catalogue, packs
from permissions.catalogue import ALSO_SERVED_BY, Scope
from permissions.packs import PACKS, UnknownRole, beyond, needs_approval, role, roles_of

DATA = Path(packs.__file__).parent / "data"
MATRICES = DATA / "matrices"

# The published tables as they were taken over. A cell changed in our copy changes its sum.
SUMS = {
    "actito_configurations": "a8343116eca65b060b01d054684a7b533c598bbdad5fd76f2377346de569fbe5",
    "agorapulse_organization": "89b65bf0e9c0049c744beef54b2a3401e75d362c7c55f4364b832c806687a944",
    "agorapulse_profile": "bf94b491cae3989fb0aa0ab4af661f0c81a6a58bd36a73aa13b298d6c7f6597e",
    "hootsuite_organization": "be32cad320b280b0ee9d78571cd2697bb98e56ef7c216f5ffdb5fe3cea1a3f3e",
    "hootsuite_profile": "324b86160fad891a130ab4f01b29d2b6c99e027698443de91a10bd66ace32bfd",
    "hootsuite_team": "fbc9d49fabe989c0726a195dbe4677661d22587922acdb84c1bb4cde4fa84f90",
    "pinterest_editor": "23b8c1d1ab61009f5f2e944e86302d2931ac6679d793c50a805684ac8d4fe558",
}

# Matrix, scope, pack, and the pack's slug for each of the matrix's columns.
AGORAPULSE_ORGANIZATION = ("owner", "co_owner", "manager", "advanced_member", "member")
AGORAPULSE_PROFILE = ("administrator", "editor", "moderator", "guest")
USES = [
    ("agorapulse_organization", "organization", "standard", dict.fromkeys(AGORAPULSE_ORGANIZATION)),
    ("agorapulse_organization", "organization", "agorapulse", dict.fromkeys(AGORAPULSE_ORGANIZATION)),
    ("agorapulse_profile", "profile", "standard", dict.fromkeys(AGORAPULSE_PROFILE)),
    ("agorapulse_profile", "profile", "agorapulse", dict.fromkeys(AGORAPULSE_PROFILE)),
    (
        "hootsuite_organization",
        "organization",
        "hootsuite",
        dict.fromkeys(("paying_super_admin", "super_admin", "admin", "default")),
    ),
    ("hootsuite_profile", "profile", "hootsuite", dict.fromkeys(("advanced", "editor", "limited", "none"))),
    ("hootsuite_team", "team", "hootsuite", dict.fromkeys(("team_admin", "default"))),
    ("hootsuite_team", "team", "standard", {"team_admin": None, "default": "team_member"}),
]


def rows_of(name: str) -> list[dict[str, str]]:
    with (MATRICES / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def published_cells() -> Iterator[object]:
    for name, scope, pack, columns in USES:
        for row in rows_of(name):
            for column, slug in columns.items():
                for codename in row["action"].split() or [""]:
                    yield pytest.param(
                        pack,
                        scope,
                        slug or column,
                        f"{scope}.{codename}" if codename else "",
                        row["row"],
                        row[column],
                        id=f"{row['row']}-{codename or 'no_access'}-{pack}-{slug or column}",
                    )
    for row in rows_of("pinterest_editor"):
        for codename in row["action"].split():
            yield pytest.param(
                "pinterest",
                "profile",
                "editor",
                f"profile.{codename}",
                row["row"],
                "yes",
                id=f"{row['row']}-{codename}-pinterest-editor",
            )


@pytest.mark.parametrize(("pack", "scope", "slug", "action", "row_id", "answer"), list(published_cells()))
def test_cell_is_what_the_matrix_says(
    pack: str, scope: str, slug: str, action: str, row_id: str, answer: str
) -> None:
    assert answer in {"yes", "no"}
    holder = PACKS[pack].role(scope, slug)
    if not action:  # the row that says: no access at all
        assert holder.is_none is (answer == "yes")
        assert not (holder.is_none and holder.actions)
        return
    assert (action in holder.actions) is (answer == "yes")
    if answer == "yes":
        assert row_id in holder.cells[action].split()


@pytest.mark.parametrize("name", SUMS)
def test_our_copy_of_a_matrix_is_the_one_published(name: str) -> None:
    assert hashlib.sha256((MATRICES / f"{name}.csv").read_bytes()).hexdigest() == SUMS[name]


def test_every_matrix_is_summed() -> None:
    assert {path.stem for path in MATRICES.glob("*.csv")} == set(SUMS)


ALL_ROLES = [r for pack in PACKS.values() for r in pack.roles]


@pytest.mark.parametrize("builtin", ALL_ROLES, ids=lambda r: f"{r.scope}-{r.key}")
def test_role_holds_worded_actions_of_its_own_scope_and_knows_their_rows(builtin: packs.BuiltinRole) -> None:
    assert str(builtin.label)
    assert str(builtin.explanation).endswith(".")
    for name in builtin.actions:
        action = catalogue.get(name)
        assert action.scope is builtin.scope
        assert str(action.label) and str(action.explanation)
        for row_id in builtin.cells[name].split():
            assert name in packs.ROWS[row_id].actions
    for scope, slug in builtin.implies.items():
        assert PACKS[builtin.pack].role(scope, slug)


def test_packs_have_the_roles_of_the_design() -> None:
    table = {
        (pack.slug, scope.value): [r.slug for r in pack.roles_of(scope)]
        for pack in PACKS.values()
        for scope in Scope
        if pack.roles_of(scope)
    }
    six = ["administrator", "advanced_user", "user", "restricted_user", "reviewer", "transfer_box"]
    assert table == {
        ("standard", "organization"): list(AGORAPULSE_ORGANIZATION),
        ("standard", "team"): ["team_admin", "team_member"],
        ("standard", "profile"): [*AGORAPULSE_PROFILE, "none"],
        ("agorapulse", "organization"): list(AGORAPULSE_ORGANIZATION),
        ("agorapulse", "profile"): list(AGORAPULSE_PROFILE),
        ("hootsuite", "organization"): ["paying_super_admin", "super_admin", "admin", "default"],
        ("hootsuite", "team"): ["team_admin", "default"],
        ("hootsuite", "profile"): ["advanced", "editor", "limited", "none"],
        ("pinterest", "organization"): ["owner", "manager", "employee"],
        ("pinterest", "profile"): ["editor"],
        ("actito", "organization"): [*six, "support", "team"],
        ("actito", "profile"): [*six, "support", "team"],
    }


def test_implications_are_those_of_the_design() -> None:
    implied = {
        f"{r.key}@{r.scope}": {scope.value: slug for scope, slug in r.implies.items()}
        for r in ALL_ROLES
        if r.implies and r.pack != "actito"
    }
    both = {"profile": "administrator", "team": "team_admin"}
    assert implied == {
        "standard:owner@organization": both,
        "standard:co_owner@organization": both,
        "standard:manager@organization": both,
        "standard:team_admin@team": {"profile": "editor"},
        "agorapulse:owner@organization": {"profile": "administrator"},
        "agorapulse:co_owner@organization": {"profile": "administrator"},
        "agorapulse:manager@organization": {"profile": "administrator"},
        "hootsuite:paying_super_admin@organization": {"team": "team_admin"},
        "hootsuite:super_admin@organization": {"team": "team_admin"},
        "hootsuite:admin@organization": {"team": "team_admin"},
        "hootsuite:team_admin@team": {"profile": "editor"},
    }
    for configuration in roles_of("actito", "organization"):
        assert dict(configuration.implies) == {Scope.PROFILE: configuration.slug}


def test_marks_of_roles_are_those_of_the_rules() -> None:
    def marked(mark: str) -> set[str]:
        return {f"{r.key}@{r.scope}" for r in ALL_ROLES if getattr(r, mark)}

    owners = {
        "standard:owner@organization",
        "agorapulse:owner@organization",
        "hootsuite:paying_super_admin@organization",
        "pinterest:owner@organization",
    }
    assert marked("is_owner") == owners
    assert marked("reaches_all_workspaces") == owners | {
        "standard:co_owner@organization",
        "agorapulse:co_owner@organization",
        "hootsuite:super_admin@organization",
    }
    assert marked("is_none") == {"standard:none@profile", "hootsuite:none@profile"}
    assert marked("is_default") == {
        "standard:member@organization",
        "standard:team_member@team",
        "agorapulse:member@organization",
        "hootsuite:default@organization",
        "hootsuite:default@team",
        "pinterest:employee@organization",
        "actito:reviewer@organization",
    }
    everyone = {f"{r.key}@{r.scope}" for r in ALL_ROLES}
    assert marked("is_assignable") == everyone - owners - marked("is_staff")
    for pack in PACKS.values():
        assert role(pack.owner_role).is_owner
        if pack.connector_role:
            assert pack.role("profile", pack.connector_role)


def test_actito_staff_are_those_whom_no_customer_assigns_and_who_take_no_seat() -> None:
    for row in rows_of("actito_configurations"):
        configuration = role(f"actito:{row['configuration'].split(' ')[0]}", "organization")
        assert configuration.is_assignable is (row["assignable_by_licence_admin"] == "yes")
        assert configuration.is_staff is (row["counts_as_seat"] == "no")


# What no role of a pack holds, each for a reason told in the tables.
UNHELD = {
    "standard": {"profile.send_replies_for_approval"},
    "agorapulse": {"profile.send_replies_for_approval"},
    "hootsuite": set(),
    "pinterest": {
        "profile.promote_posts",
        "profile.manage_rss_feeds",
        "profile.send_for_approval",
        "profile.send_replies_for_approval",
        "profile.view_approvals",
        "profile.review_posts",
        "profile.review_replies",
        "profile.force_approve_or_reject",
    },
    "actito": {
        "organization.transfer_ownership",
        "organization.delete_organization",
        "profile.send_replies_for_approval",
    },
}


@pytest.mark.parametrize("slug", PACKS)
def test_every_action_has_a_holder_in_a_pack_or_a_reason(slug: str) -> None:
    pack = PACKS[slug]
    held = {name for r in pack.roles for name in r.actions}
    asked = {a.name for scope in Scope if pack.roles_of(scope) for a in catalogue.of_scope(scope)}
    through_organization = {name for name in asked - held if ALSO_SERVED_BY.get(name) in held}
    assert asked - held - through_organization == UNHELD[slug]


OWN_FILES = ["chorus_organization", "chorus_team", "chorus_profile"]


@pytest.mark.parametrize("name", OWN_FILES)
def test_our_rows_give_a_reason_and_never_speak_where_a_matrix_decides(name: str) -> None:
    scope = name.removeprefix("chorus_")
    with (DATA / f"{name}.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["row"] for row in rows] == sorted({row["row"] for row in rows})
    for row in rows:
        assert row["meaning"] and row["why"]
        for key in row["roles"].split():
            holder = role(key, scope)
            for codename in row["action"].split():
                assert holder.cells[f"{scope}.{codename}"] == row["row"]


@pytest.mark.parametrize(
    ("key", "scope", "holds", "lacks"),
    [
        ("hootsuite:default", "organization", "create_draft view_draft view_own_teams", "invite_members"),
        ("hootsuite:editor", "profile", "manage_drafts publish_posts view_profile", "manage_profile_access"),
        (
            "hootsuite:admin",
            "organization",
            "view_member_permissions edit_member_permissions manage_teams",
            "update_name_and_image delete_organization manage_subscription",
        ),
        ("hootsuite:limited", "profile", "manage_drafts send_for_approval manage_own_posts", "publish_posts"),
        (
            "pinterest:manager",
            "organization",
            "invite_members invite_partners edit_member_permissions add_social_profile",
            "transfer_ownership delete_organization",
        ),
        (
            "pinterest:employee",
            "organization",
            "create_draft view_own_profiles",
            "invite_members view_members",
        ),
        (
            "pinterest:editor",
            "profile",
            "manage_drafts publish_posts",
            "send_for_approval manage_profile_access",
        ),
        (
            "actito:restricted_user",
            "profile",
            "manage_drafts send_for_approval",
            "publish_posts promote_posts",
        ),
        ("actito:reviewer", "profile", "view_reports view_post_statistics", "view_posts manage_drafts"),
        ("actito:user", "profile", "publish_posts", "export_reports bulk_import_csv manage_profile"),
        (
            "actito:advanced_user",
            "organization",
            "manage_integrations",
            "invite_members edit_member_permissions",
        ),
        (
            "actito:support",
            "organization",
            "invite_members",
            "export_search manage_support_access export_audit_log",
        ),
        ("actito:team", "profile", "export_reports", "manage_profile_access"),
        (
            "standard:member",
            "organization",
            "create_draft view_own_profiles",
            "add_social_profile view_members",
        ),
        (
            "standard:manager",
            "organization",
            "manage_teams view_audit_log",
            "set_up_two_factor transfer_ownership",
        ),
        ("standard:moderator", "profile", "manage_own_posts send_for_approval", "publish_posts manage_posts"),
        ("standard:guest", "profile", "view_posts view_profile", "manage_drafts"),
        ("standard:team_admin", "team", "manage_team_members manage_team_profiles", ""),
        ("standard:team_member", "team", "view_team", "manage_team_members edit_team"),
    ],
)
def test_role_makes_its_published_task_possible_and_no_more(
    key: str, scope: str, holds: str, lacks: str
) -> None:
    actions = role(key, scope).actions
    assert {f"{scope}.{codename}" for codename in holds.split()} <= actions
    assert not {f"{scope}.{codename}" for codename in lacks.split()} & actions


def test_transfer_box_holds_the_transfer_box_alone() -> None:
    assert role("actito:transfer_box", "organization").actions == {"organization.use_transfer_box"}
    assert role("actito:transfer_box", "profile").actions == set()


def test_vendor_staff_support_exports_nothing() -> None:
    held = role("actito:support", "organization").actions | role("actito:support", "profile").actions
    assert not {name for name in held if "export" in name or "download" in name}


def test_only_the_one_owner_hands_over_or_deletes() -> None:
    only_owner = {"organization.transfer_ownership", "organization.delete_organization"}
    for builtin in ALL_ROLES:
        assert builtin.is_owner or not builtin.actions & only_owner


def test_roles_that_need_approval_are_moderator_limited_and_restricted_user() -> None:
    bound = {r.key for r in ALL_ROLES if needs_approval(r.actions)}
    assert bound == {
        "standard:moderator",
        "agorapulse:moderator",
        "hootsuite:limited",
        "actito:restricted_user",
    }
    # H9: replies directly, posts by approval.
    assert needs_approval(["profile.view_posts", "profile.publish_replies", "profile.send_for_approval"])
    assert not needs_approval([])


def test_whoever_publishes_may_hand_on_publishing_by_approval_and_not_the_reverse() -> None:
    advanced, limited = role("hootsuite:advanced").actions, role("hootsuite:limited").actions
    assert beyond(limited, advanced) == set()
    assert "profile.publish_posts" in beyond(advanced, limited)
    assert beyond(["profile.send_for_approval"], ["profile.view_posts"]) == {"profile.send_for_approval"}


@pytest.mark.parametrize("slug", ["standard", "agorapulse", "hootsuite", "pinterest"])
def test_profile_connector_can_hand_on_every_profile_role_of_his_pack(slug: str) -> None:
    pack = PACKS[slug]
    assert pack.connector_role is not None
    own = pack.role("profile", pack.connector_role).actions
    for other in pack.roles_of("profile"):
        assert beyond(other.actions, own) == set()


@pytest.mark.parametrize("slug", ["standard", "agorapulse", "hootsuite", "pinterest"])
def test_owner_can_hand_on_every_organization_role_of_his_pack(slug: str) -> None:
    own = role(PACKS[slug].owner_role, "organization").actions
    for other in roles_of(slug, "organization"):
        assert beyond(other.actions, own) == set()


def test_role_asks_for_the_scope_where_a_name_is_used_twice() -> None:
    with pytest.raises(UnknownRole, match="organization and team"):
        role("hootsuite:default")
    assert role("hootsuite:default", "team").scope is Scope.TEAM
    assert role("standard:editor").scope is Scope.PROFILE


@pytest.mark.parametrize("name", ["standard:edditor", "nowhere:editor", "editor", ""])
def test_role_refuses_an_unknown_name(name: str) -> None:
    with pytest.raises(UnknownRole):
        role(name)


def test_role_of_the_wrong_scope_is_unknown() -> None:
    with pytest.raises(UnknownRole):
        role("standard:editor", "organization")
    with pytest.raises(UnknownRole):
        roles_of("nowhere", "team")
