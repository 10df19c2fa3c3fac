"""What a preview says is what the rules say: before against after, in every world, for every kind of change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import connection
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Membership, OrganizationUserGrant, Workspace, WorkspaceAccess
from orgs.services.teams import add_to_team
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.custom_roles import create_role, edit_role
from permissions.services import end_grant, grant_role, link_group
from permissions.what_if import Triple, preview
from permissions.what_if_reading import read
from permissions.what_if_words import tell
from publishing.models import Approval, Post, Publication, State
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant, SocialProfile
from tenancy.context import organization_open, unscoped
from tests.cast import Acme, give, role
from tests.permissions import reference as ref
from tests.permissions.stage import NOW, Stage
from tests.permissions.test_properties import CHANGES
from tests.permissions.worlds import PEOPLE, PROPERTY, Drawn, things_of, worlds

ACTIONS_OF_PROFILE = [action.name for action in catalogue.of_scope("profile")]
Rights = dict[tuple[int, ref.Thing, float], frozenset[str]]


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


def rights_of(world: Drawn, organization: int, moments: set[float]) -> Rights:
    """Return by the reference who holds what at each moment."""
    things = [thing for thing in things_of(world) if world.organization_of(thing) == organization]
    return {
        (person, thing, at): held
        for person in PEOPLE
        for thing in things
        for at in moments
        if (held := ref.actions(world, person, thing, at))
    }


@PROPERTY
@given(
    world=worlds(),
    changes=st.lists(
        st.tuples(st.integers(0, len(CHANGES) - 1), st.integers(0, 599)), min_size=1, max_size=8
    ),
)
def test_preview_tells_exactly_what_the_rules_say_changes(
    stage: Stage, world: Drawn, changes: list[tuple[int, int]]
) -> None:
    with stage.playing(world):
        organization = changes[0][1] % len(world.two_factor)
        objects = {thing: stage.object(thing).pk for thing in things_of(world)}
        always = [
            float(hour) for hour in (-48, -1, 0, 1, 48)
        ]  # no change makes an edge that is not one of these
        moments = {0.0, *(hour for hour in always if hour > 0)}
        before = rights_of(world, organization, moments)

        def change() -> None:
            with unscoped():  # whichever organization's row it is
                for kind, what in changes:
                    CHANGES[kind](stage, world, what)

        with organization_open(stage.organizations[organization].pk):
            found = preview(organization_id=stage.organizations[organization].pk, change=change, at=NOW)
        after = rights_of(world, organization, moments)

        def triples(one: Rights, other: Rights) -> set[Triple]:
            return {
                Triple(stage.people[person].pk, action, objects[thing])
                for (person, thing, at), actions in one.items()
                for action in actions - other.get((person, thing, at), frozenset())
            }

        for told, right in (
            (list(found.gained()), triples(after, before)),
            (list(found.lost()), triples(before, after)),
        ):
            assert len(told) == len(set(told))
            assert set(told) == right
        assert (found.gained_count, found.lost_count) == (
            len(triples(after, before)),
            len(triples(before, after)),
        )
        for delta in found.deltas:
            assert (delta.starts_at or NOW) >= NOW
            begins = ((delta.starts_at or NOW) - NOW) / timedelta(hours=1)
            person = next(n for n, user in enumerate(stage.people) if user.pk == delta.person_id)
            for pk in delta.object_ids:
                thing = next(t for t, other in objects.items() if other == pk and t[0] == delta.scope)
                key = (person, thing, begins)
                assert after.get(key, frozenset()) - before.get(key, frozenset()) == delta.gained
                assert before.get(key, frozenset()) - after.get(key, frozenset()) == delta.lost


def test_preview_of_a_service_does_what_the_service_then_does(acme: Acme) -> None:
    marc = acme.access(acme.marc)

    def give() -> object:
        return grant_role(
            actor=marc, receiver=acme.emil, role=role("standard:editor"), obj=acme.news, now=NOW
        )

    with organization_open(acme.organization.pk):
        found = preview(organization_id=acme.organization.pk, change=give, at=NOW)
        assert not ProfileUserGrant.objects.filter(user=acme.emil).exists()
        before = acme.access(acme.emil)
        give()
        after = acme.access(acme.emil)
    assert not found.is_refused and not list(found.lost())
    held = {a for a in ACTIONS_OF_PROFILE if after.can(a, acme.news) and not before.can(a, acme.news)}
    assert set(found.gained()) == {Triple(acme.emil.pk, action, acme.news.pk) for action in held}
    assert "profile.publish_posts" in found.sensitive
    assert (found.people, found.profiles, found.teams) == ((acme.emil.pk,), {acme.news.pk}, frozenset())


def test_preview_of_a_refused_change_gives_its_sentence_and_nothing_else(acme: Acme) -> None:
    paul = acme.access(acme.paul)
    with organization_open(acme.organization.pk):
        found = preview(
            organization_id=acme.organization.pk,
            change=lambda: grant_role(
                actor=paul, receiver=acme.emil, role=role("standard:editor"), obj=acme.news, now=NOW
            ),
            at=NOW,
        )
    assert found.refusal == f"{acme.paul} may not do this on {acme.news}."
    assert found.changes_nothing and not found.people


def test_preview_of_a_window_in_the_future_tells_from_when_to_when(acme: Acme) -> None:
    begins, ends = NOW + timedelta(days=3), NOW + timedelta(days=4)
    with organization_open(acme.organization.pk):
        found = preview(
            organization_id=acme.organization.pk,
            change=lambda: grant_role(
                actor=acme.access(acme.marc),
                receiver=acme.emil,
                role=role("standard:editor"),
                obj=acme.news,
                now=NOW,
                starts_at=begins,
                expires_at=ends,
            ),
            at=NOW,
            people=[acme.emil.pk],
        )
    assert {(delta.starts_at, delta.ends_at) for delta in found.deltas} == {(begins, ends)}
    assert found.gained_count == len(role("standard:editor").actions)


def test_preview_says_which_queued_post_and_which_approval_would_be_left_behind(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        post = Post.objects.create(workspace=acme.main, author=acme.paul, text="Good morning")
        sent = {"post": post, "time_zone": "UTC", "due_at": NOW + timedelta(hours=2)}
        queued = Publication.objects.create(
            profile=acme.news, state=State.SCHEDULED, vouched_by=acme.paul, **sent
        )
        waiting = Publication.objects.create(profile=acme.quiet, state=State.WAITING, **sent)
        open_one = Approval.objects.create(publication=waiting, requested_by=acme.marc, requested_at=NOW)

        def leave() -> None:
            grant = ProfileUserGrant.objects.get(user=acme.paul, content_object=acme.news)
            end_grant(actor=acme.access(acme.marc), grant=grant, now=NOW)

        found = preview(organization_id=acme.organization.pk, change=leave, at=NOW)
        assert [(thing.kind, thing.key) for thing in found.stranded] == [("post", queued.pk)]
        assert acme.paul.name in found.stranded[0].why
        Publication.objects.filter(pk=queued.pk).update(vouched_by=acme.olga)
        assert not preview(organization_id=acme.organization.pk, change=leave, at=NOW).stranded

        olga = acme.access(acme.olga)
        gone = preview(
            organization_id=acme.organization.pk,
            change=lambda: remove_everybody_but(acme.marc, acme),
            at=NOW,
        )
        assert olga.can("profile.review_posts", acme.quiet)
        assert ("approval", open_one.pk) in [(thing.kind, thing.key) for thing in gone.stranded]


def remove_everybody_but(person: User, acme: Acme) -> None:
    """A stand-in for a service: nobody is left but who asked for the approval."""
    Membership.objects.exclude(user=person).update(status=Membership.Status.SUSPENDED)


def test_role_edit_is_previewed_with_what_a_network_without_approval_makes_of_it(acme: Acme) -> None:
    """R6: while the role is bound to approval it gives nothing on YouTube; freed, it gives the rest there too."""
    with organization_open(acme.organization.pk):
        acme.quiet.network = "youtube"
        acme.quiet.save()
        own = create_role(
            actor=acme.access(acme.olga),
            organization=acme.organization,
            scope=Scope.PROFILE,
            name="Helper",
            actions=["profile.view_posts", "profile.send_for_approval"],
            now=NOW,
        )
        for profile in (acme.quiet, acme.news):
            ProfileUserGrant.objects.create(
                content_object=profile, user=acme.emil, permission_id=own.permission_id, granted_at=NOW
            )
        found = preview(
            organization_id=acme.organization.pk,
            change=lambda: edit_role(
                actor=acme.access(acme.olga),
                organization=acme.organization,
                role=own,
                actions=["profile.view_posts"],
                now=NOW,
            ),
            at=NOW,
        )
    assert list(found.gained()) == [(acme.emil.pk, "profile.view_posts", acme.quiet.pk)]
    assert list(found.lost()) == [(acme.emil.pk, "profile.send_for_approval", acme.news.pk)]


@pytest.mark.parametrize("name", ["marc", "ana", "paul"])
def test_profile_moved_into_a_reached_workspace_is_previewed_for_everybody_there(
    acme: Acme, name: str
) -> None:
    """R7, whether the role is implied (Marc), a team's (Ana) or his own (Paul)."""
    person = acme.everybody[name]
    profile = acme.news if name == "paul" else acme.sky
    with organization_open(acme.organization.pk):
        before = acme.access(person)
        rights = {action for action in ACTIONS_OF_PROFILE if before.can(action, profile)}
        other = Workspace.objects.create(slug="other", name="Other")
        membership = Membership.objects.get(user=person)

        def limit() -> None:
            Membership.objects.filter(pk=membership.pk).update(reaches_all_workspaces=False)
            WorkspaceAccess.objects.create(membership=membership, workspace=other)

        def move() -> None:
            SocialProfile.objects.filter(pk=profile.pk).update(workspace=other)

        def of_profile(triples: Iterator[Triple]) -> set[str]:
            return {t.action for t in triples if (t.person_id, t.object_id) == (person.pk, profile.pk)} & {
                *ACTIONS_OF_PROFILE
            }

        limited = preview(organization_id=acme.organization.pk, change=limit, at=NOW)
        limit()
        moved = preview(organization_id=acme.organization.pk, change=move, at=NOW)
        nothing = preview(
            organization_id=acme.organization.pk,
            change=lambda: give(profile, person, "standard:administrator"),
            at=NOW,
        )
    assert rights and of_profile(limited.lost()) == rights and not list(limited.gained())
    assert of_profile(moved.gained()) == rights and not list(moved.lost())
    assert nothing.changes_nothing


def test_none_beside_another_role_is_previewed_as_the_loss_of_everything_there(acme: Acme) -> None:
    """R5.2: one None among several direct roles closes the profile."""
    with organization_open(acme.organization.pk):
        closed = preview(
            organization_id=acme.organization.pk,
            change=lambda: give(acme.news, acme.paul, "standard:none"),
            at=NOW,
        )
        none = give(acme.news, acme.paul, "standard:none")
        opened = preview(
            organization_id=acme.organization.pk,
            change=lambda: ProfileUserGrant.objects.filter(pk=none.pk).delete(),
            at=NOW,
        )
    rights = {(acme.paul.pk, action, acme.news.pk) for action in role("standard:editor").actions}
    assert set(closed.lost()) == set(opened.gained()) == rights
    assert not list(closed.gained()) and not list(opened.lost())


def test_place_in_a_team_is_previewed_with_the_end_of_the_teams_own_profile(acme: Acme) -> None:
    ends = NOW + timedelta(days=2)
    with organization_open(acme.organization.pk):
        ProfileGroupGrant.objects.filter(content_object=acme.sky).update(expires_at=ends)
        emil = Membership.objects.get(user=acme.emil)
        found = preview(
            organization_id=acme.organization.pk,
            change=lambda: add_to_team(
                actor=acme.access(acme.olga),
                team=acme.brand,
                membership=emil,
                role=role("standard:team_member", Scope.TEAM),
                now=NOW,
            ),
            at=NOW,
        )
    windows = {(delta.scope, delta.starts_at, delta.ends_at) for delta in found.deltas}
    assert (Scope.PROFILE, None, ends) in windows
    assert not any(scope is Scope.PROFILE and until != ends for scope, _since, until in windows)


def test_profile_put_in_a_team_is_previewed_for_who_runs_every_team_from_outside(acme: Acme) -> None:
    """H5: a Hootsuite admin is admin of every team, so editor on what the team gets, though he is in none."""
    with organization_open(acme.organization.pk):
        OrganizationUserGrant.objects.filter(user=acme.emil).update(
            permission_id=role("hootsuite:admin", Scope.ORGANIZATION).permission_id
        )
        found = preview(
            organization_id=acme.organization.pk,
            change=lambda: link_group(
                actor=acme.access(acme.olga),
                group=acme.brand.members_group,
                group_label="Brand",
                role=role("standard:guest"),
                profile=acme.quiet,
                now=NOW,
            ),
            at=NOW,
        )
    assert found.refusal == ""
    gained = {triple.action for triple in found.gained() if triple.person_id == acme.emil.pk}
    assert gained == role("hootsuite:editor").actions


def test_preview_reads_again_only_what_was_written(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        before = read(acme.organization.pk)
        assert read(acme.organization.pk, earlier=before).ledger.direct is before.ledger.direct
        ProfileUserGrant.objects.filter(user=acme.paul).delete()
        Membership.objects.filter(user=acme.mina).update(status="suspended")
        after = read(acme.organization.pk, earlier=before)
    assert acme.paul.pk in before.ledger.direct and acme.paul.pk not in after.ledger.direct
    assert (
        before.ledger.standings[acme.mina.pk].is_active and not after.ledger.standings[acme.mina.pk].is_active
    )
    assert after.ledger.links is before.ledger.links and after.ledger.profiles is before.ledger.profiles


def test_preview_reads_everything_again_where_the_server_does_not_count_writes(acme: Acme) -> None:
    with (
        organization_open(acme.organization.pk),
        patch("permissions.what_if_reading._writes", return_value=None),
    ):
        found = preview(
            organization_id=acme.organization.pk,
            change=lambda: ProfileUserGrant.objects.filter(user=acme.gus).delete(),
            at=NOW,
        )
    assert {triple.action for triple in found.lost()} == role("standard:guest").actions


def test_preview_frees_its_lock_and_leaves_no_trace(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        events = AuditEvent.objects.count()
        preview(
            organization_id=acme.organization.pk,
            change=lambda: grant_role(
                actor=acme.access(acme.marc),
                receiver=acme.emil,
                role=role("standard:editor"),
                obj=acme.news,
                now=NOW,
            ),
            at=NOW,
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
            )
            assert cursor.fetchone() == (0,)
        assert AuditEvent.objects.count() == events
        assert not mail.outbox


def test_reader_is_told_the_names_of_what_he_sees_and_how_many_more(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        found = preview(
            organization_id=acme.organization.pk,
            change=lambda: Membership.objects.filter(user=acme.paul).update(status="suspended"),
            at=NOW,
        )
        to_marc = tell(found, viewer=acme.access(acme.marc))
        to_gus = tell(found, viewer=acme.access(acme.gus))
    assert [one.person for one in to_marc.people] == [acme.paul]
    assert any(
        str(acme.sky) in line.where and str(acme.news) in line.where
        for one in to_marc.people
        for line in one.lines
    )
    told = str([line.where for one in to_gus.people for line in one.lines])
    assert str(acme.sky) not in told
    assert {one.action.name for one in to_marc.actions} == {triple.action for triple in found.lost()}


def test_part_of_the_page_shows_gains_refusals_and_nothing(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        marc = acme.access(acme.marc)
        gives = preview(
            organization_id=acme.organization.pk,
            change=lambda: grant_role(
                actor=marc, receiver=acme.emil, role=role("standard:editor"), obj=acme.news, now=NOW
            ),
            at=NOW,
        )
        nothing = preview(organization_id=acme.organization.pk, change=lambda: None, at=NOW)
        refused = preview(
            organization_id=acme.organization.pk,
            change=lambda: grant_role(
                actor=marc, receiver=acme.marc, role=role("standard:editor"), obj=acme.news, now=NOW
            ),
            at=NOW,
        )
        pages = [
            render_to_string("components/what_if.html", {"told": tell(found, viewer=marc)})
            for found in (gives, nothing, refused)
        ]
    assert (
        "1 person gains" in pages[0]
        and "Emil Employee" in pages[0]
        and "Publish posts" in pages[0]
        and str(acme.news) in pages[0]
    )
    assert "Nobody gains or loses anything" in pages[1]
    assert "You cannot change your own access" in pages[2]
