"""Every kind of change of a world, made in the drawn data and in the database alike."""

from __future__ import annotations

from accounts.models import User
from orgs.models import Membership, Organization
from permissions.models import Role as RoleRow
from tests.permissions import reference as ref
from tests.permissions.stage import NOW, Stage, moment, slug_of, status_of
from tests.permissions.worlds import (
    ACTIONS,
    NONE,
    PEOPLE,
    STAFF,
    VISITS,
    WINDOWS,
    Drawn,
    change_grant,
    change_share,
    roles_of,
)


def grant(stage: Stage, world: Drawn, what: int) -> None:
    window = WINDOWS[what % len(WINDOWS)]
    made = change_grant(world, bool(what % 3 == 0), what // 3, what % len(world.profiles), what // 7, window)
    if made is not None:
        row = stage.rows[id(made)] = stage.row_of(world, made)
        row.save()


def _some_grant(world: Drawn, what: int) -> ref.Grant | None:
    grants = [grant for grant in world.grants if not grant.role.is_owner]
    return grants[what % len(grants)] if grants else None


def end(stage: Stage, world: Drawn, what: int) -> None:
    if grant := _some_grant(world, what):
        world.grants.remove(grant)
        world.assignments = [one for one in world.assignments if one.grant is not grant]
        stage.rows[id(grant)].delete()


def change_window(stage: Stage, world: Drawn, what: int) -> None:
    if grant := _some_grant(world, what):
        grant.starts, grant.ends = WINDOWS[what % len(WINDOWS)]
        row = stage.rows[id(grant)]
        row.starts_at, row.expires_at = moment(grant.starts), moment(grant.ends)
        row.save()


def change_role(stage: Stage, world: Drawn, what: int) -> None:
    if grant := _some_grant(world, what):
        g = world.organization_of(grant.on)
        roles = [r for r in roles_of(grant.on[0], world.packs[g], world, g) if not r.is_owner]
        taken = {
            other.role for other in world.grants if (other.subject, other.on) == (grant.subject, grant.on)
        }
        if roles and (role := roles[what % len(roles)]) not in taken:
            grant.role = role
            row = stage.rows[id(grant)]
            row.permission_id = stage.permission_of(role)
            row.save()


def change_member(stage: Stage, world: Drawn, what: int) -> None:
    if world.members:
        key = sorted(world.members)[what % len(world.members)]
        member, row = world.members[key], stage.members[key]
        member.is_suspended = not member.is_suspended
        row.status = Membership.Status.SUSPENDED if member.is_suspended else Membership.Status.ACTIVE
        row.save()


def limit_member(stage: Stage, world: Drawn, what: int) -> None:
    if world.members:
        key = sorted(world.members)[what % len(world.members)]
        member, row = world.members[key], stage.members[key]
        member.starts, member.ends = WINDOWS[what % len(WINDOWS)]
        row.starts_at, row.expires_at = moment(member.starts), moment(member.ends)
        member.workspaces = [None, {0}, {1}, set()][what % 4]
        row.reaches_all_workspaces = member.workspaces is None
        row.save()
        row.workspace_accesses.all().delete()
        for workspace in member.workspaces or ():
            row.workspace_accesses.create(
                organization_id=row.organization_id, workspace=stage.workspaces[key[0], workspace]
            )


def remove_member(stage: Stage, world: Drawn, what: int) -> None:
    if world.members:
        key = sorted(world.members)[what % len(world.members)]
        del world.members[key]
        stage.members.pop(key).delete()


def move_person(stage: Stage, world: Drawn, what: int) -> None:
    if world.teams:
        number = sorted(world.teams)[what % len(world.teams)]
        people, person = world.teams[number].people, PEOPLE[what // 3 % len(PEOPLE)]
        group, user = stage.groups[number], stage.people[person]
        if person in people:
            people.remove(person)
            user.groups.remove(group)
            on = (ref.TEAM, number)
            for grant in [g for g in world.grants if (g.subject, g.on) == (("person", person), on)]:
                world.grants.remove(grant)
                stage.rows[id(grant)].delete()
        else:
            people.add(person)
            user.groups.add(group)


def delete_team(stage: Stage, world: Drawn, what: int) -> None:
    if world.teams:
        number = sorted(world.teams)[what % len(world.teams)]
        del world.teams[number]
        team = (ref.TEAM, number)
        world.grants = [g for g in world.grants if team not in (g.on, g.subject)]
        stage.teams.pop(number).delete()
        stage.groups[number].user_set.clear()
        stage.groups[number].profilegroupgrant_set.all().delete()


def move_profile(stage: Stage, world: Drawn, what: int) -> None:
    number = sorted(world.profiles)[what % len(world.profiles)]
    profile, row = world.profiles[number], stage.profiles[number]
    profile.workspace = 1 - profile.workspace
    profile.has_approval = bool(what % 2)
    row.workspace = stage.workspaces[profile.organization, profile.workspace]
    row.network = "mastodon" if profile.has_approval else "youtube"
    row.save()


def change_policy(stage: Stage, world: Drawn, what: int) -> None:
    number = sorted(world.two_factor)[what % len(world.two_factor)]
    world.two_factor[number] = ["none", "managers", "everyone"][what % 3]
    stage.organizations[number].two_factor = world.two_factor[number]
    Organization.objects.filter(pk=stage.organizations[number].pk).update(two_factor=world.two_factor[number])


def edit_own_role(stage: Stage, world: Drawn, what: int) -> None:
    if world.own_roles:
        role = world.own_roles[what % len(world.own_roles)]
        some = ACTIONS[role.scope]
        object.__setattr__(role, "actions", frozenset({some[what % len(some)], some[what // 5 % len(some)]}))
        rows = RoleRow.objects.filter(permission=stage.permission_of(role))
        rows.update(actions=sorted(role.actions))


def share(stage: Stage, world: Drawn, what: int) -> None:
    before = {id(grant) for grant in world.grants}
    window = WINDOWS[what % len(WINDOWS)]
    made = change_share(world, what, PEOPLE[what // 3 % len(PEOPLE)], what // 7, WINDOWS[0], window)
    for grant in world.grants:
        if id(grant) not in before:
            stage.rows[id(grant)] = stage.row_of(world, grant)
            stage.rows[id(grant)].save()
    if made is not None:
        stage.assigned[id(made)] = stage.assignment(made)
        stage.assigned[id(made)].save()


def end_assignment(stage: Stage, world: Drawn, what: int) -> None:
    if world.assignments:
        one = world.assignments.pop(what % len(world.assignments))
        stage.assigned[id(one)].delete()


def change_assignment(stage: Stage, world: Drawn, what: int) -> None:
    if world.assignments:
        one = world.assignments[what % len(world.assignments)]
        row = stage.assigned[id(one)]
        one.starts, one.ends = WINDOWS[what % len(WINDOWS)]
        g = world.organization_of(one.grant.on)
        roles = [*roles_of(ref.PROFILE, world.packs[g], world, g), NONE]
        one.role = roles[what % len(roles)] if what % 2 else one.grant.role
        row.starts_at, row.expires_at = moment(one.starts), moment(one.ends)
        row.permission_id = stage.permission_of(one.role)
        row.save()


def change_partnership(stage: Stage, world: Drawn, what: int) -> None:
    if world.partnerships:
        n = sorted(world.partnerships)[what % len(world.partnerships)]
        world.partnerships[n].is_active = not world.partnerships[n].is_active
        row = stage.partnerships[n]
        row.status = status_of(n, world.partnerships[n])
        row.save()


def change_session(stage: Stage, world: Drawn, what: int) -> None:
    if world.sessions:
        key = sorted(world.sessions)[what % len(world.sessions)]
        session, row = world.sessions[key], stage.sessions[key]
        session.is_ended = not session.is_ended
        session.starts, session.ends = VISITS[what % len(VISITS)]
        row.ended_at = NOW if session.is_ended else None
        row.starts_at, row.expires_at = moment(session.starts), moment(session.ends)
        row.save()


def allow_staff(stage: Stage, world: Drawn, what: int) -> None:
    number = sorted(world.two_factor)[what % len(world.two_factor)]
    world.closed_to_staff ^= {number}
    rows = Organization.objects.filter(pk=stage.organizations[number].pk)
    rows.update(allows_support=number not in world.closed_to_staff)


def change_staff(stage: Stage, world: Drawn, what: int) -> None:
    person = PEOPLE[what % len(PEOPLE)]
    world.staff.pop(person, None)
    if what % 3:
        world.staff[person] = STAFF[what % len(STAFF)]
    kind = slug_of(world.staff[person]) if person in world.staff else ""
    User.objects.filter(pk=stage.people[person].pk).update(support_role=kind)


CHANGES = [
    *(grant, end, change_window, change_role, change_member, limit_member),
    *(remove_member, move_person, delete_team, move_profile, change_policy, edit_own_role),
    *(share, end_assignment, change_assignment, change_partnership),
    *(change_session, allow_staff, change_staff),
]
