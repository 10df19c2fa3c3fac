"""Teams: people who share profiles, and what the team gives them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _

from audit.services import record_event
from orgs.models import Membership, Organization, Team, TeamUserGrant
from orgs.services.names import first_free
from permissions.catalogue import Scope
from permissions.changes import end_change, touched
from permissions.checker import Access
from permissions.errors import Refused, WouldEscalate
from permissions.giving import refuse_escalation, require_managing
from permissions.models import GroupGrant
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import tables_of
from permissions.services import (
    NotAMember,
    begin_act,
    begin_change,
    grant_role,
    link_group,
    unlink_group,
)


class AlreadyInTeam(Refused):
    """The person has a place in the team. The message is for the person."""


@transaction.atomic
def create_team(
    *, actor: Access, organization: Organization, name: str, description: str, now: datetime
) -> Team:
    actor = begin_change(actor, now)
    actor.require("organization.manage_teams", organization)
    taken = set(Team.objects.values_list("slug", flat=True))
    slug = first_free(slugify(name)[:54].strip("-") or "team", taken)
    group = Group.objects.create(name=f"team:{organization.pk}/{uuid.uuid4()}#members")
    team = Team.objects.create(
        name=name, slug=slug, description=description, members_group=group, created_at=now
    )
    record_event(actor=actor.user, action="team.create", obj=team, at=now, after={"name": name})
    return team


@transaction.atomic
def update_team(*, actor: Access, team: Team, name: str, description: str, now: datetime) -> None:
    """Change a team's name and description; its address stays."""
    actor = begin_act(actor, now)
    require_serving(actor, "team.edit_team", team)
    before = {"name": team.name, "description": team.description}
    team.name, team.description = name, description
    team.save(update_fields=["name", "description"])
    after = {"name": name, "description": description}
    record_event(actor=actor.user, action="team.update", obj=team, at=now, before=before, after=after)


@transaction.atomic
def delete_team(*, actor: Access, organization: Organization, team: Team, now: datetime) -> None:
    """Delete a team and with it everything its people had through it."""
    actor = begin_change(actor, now)
    actor.require("organization.manage_teams", organization)
    people = TeamUserGrant.objects.filter(content_object=team).select_related("user")
    before = {"name": team.name, "people": [str(grant.user) for grant in people]}
    group = team.members_group
    links = tables_of(Scope.PROFILE).group_grants
    assert links is not None
    profiles = list(links.objects.filter(group=group).values_list("content_object", flat=True))
    Team.objects.filter(pk=team.pk).delete()
    group.delete()
    end_change(
        actor=actor.user,
        action="team.delete",
        obj=team,
        at=now,
        what=touched(profiles=profiles),
        before=before,
    )


@transaction.atomic
def add_to_team(*, actor: Access, team: Team, membership: Membership, role: RoleFacts, now: datetime) -> None:
    """Give a member a place in the team; a role other than the default (H4) only by who manages team permissions."""
    actor = begin_change(actor, now)
    require_serving(actor, "team.manage_team_members", team)
    if role.builtin is None or not role.builtin.is_default:
        require_managing(actor, team)
    refuse_escalation(giver=actor, receiver=membership.user, role=role, obj=team)
    if not Membership.objects.filter(pk=membership.pk).exists():
        raise NotAMember(_("%(person)s is not a member of this organization.") % {"person": membership})
    if TeamUserGrant.objects.filter(content_object=team, user=membership.user).exists():
        raise AlreadyInTeam(_("%(person)s is in this team already.") % {"person": membership})
    TeamUserGrant.objects.create(
        content_object=team,
        user=membership.user,
        permission_id=role.permission_id,
        granted_by=actor.user,
        granted_at=now,
    )
    membership.user.groups.add(team.members_group)
    end_change(
        actor=actor.user,
        action="team.add_member",
        obj=team,
        at=now,
        what=touched(people=[membership.user_id]),
        after={"person": str(membership), "person_id": membership.user_id, "role": role.key},
    )


@transaction.atomic
def add_people_to_team(
    *, actor: Access, team: Team, memberships: Sequence[Membership], role: RoleFacts, now: datetime
) -> None:
    """Give several members a place with the same role: all of them or, when one is refused, none."""
    for membership in memberships:
        add_to_team(actor=actor, team=team, membership=membership, role=role, now=now)


@transaction.atomic
def set_team_role(
    *, actor: Access, team: Team, membership: Membership, role: RoleFacts, now: datetime
) -> None:
    """Give somebody who is in the team another role there."""
    TeamUserGrant.objects.get(content_object=team, user=membership.user)
    grant_role(actor=actor, receiver=membership.user, role=role, obj=team, now=now)


@transaction.atomic
def remove_from_team(*, actor: Access, team: Team, membership: Membership, now: datetime) -> None:
    """Take a person out of the team, and from him all that the team gave."""
    actor = begin_change(actor, now)
    require_serving(actor, "team.manage_team_members", team)
    if membership.user_id == actor.user.pk:
        raise WouldEscalate(_("You cannot change your own access. Ask somebody else who manages it."))
    grant = TeamUserGrant.objects.get(content_object=team, user=membership.user)
    role = roles_by_permission([grant.permission_id])[grant.permission_id]
    if role.builtin is None or not role.builtin.is_default:
        require_managing(actor, team)
    membership.user.groups.remove(team.members_group)
    grant.delete()
    end_change(
        actor=actor.user,
        action="team.remove_member",
        obj=team,
        at=now,
        what=touched(people=[membership.user_id]),
        before={"person": str(membership), "person_id": membership.user_id, "role": role.key},
    )


@transaction.atomic
def put_profile_in_team(
    *, actor: Access, team: Team, profile: Model, role: RoleFacts, now: datetime
) -> GroupGrant:
    """Give the team's people a role on a profile, or change it."""
    return link_group(
        actor=actor,
        group=team.members_group,
        group_label=team.name,
        role=role,
        profile=profile,
        now=now,
        team=team,
    )


@transaction.atomic
def put_profiles_in_team(
    *, actor: Access, team: Team, profiles: Sequence[Model], role: RoleFacts, now: datetime
) -> None:
    """Give the team's people one role on several profiles: on all of them or, when one is refused, on none."""
    for profile in profiles:
        put_profile_in_team(actor=actor, team=team, profile=profile, role=role, now=now)


@transaction.atomic
def take_profile_out_of_team(*, actor: Access, team: Team, link: GroupGrant, now: datetime) -> None:
    unlink_group(actor=actor, grant=link, group_label=team.name, now=now, team=team)


def require_serving(actor: Access, action: str, team: Team) -> None:
    """Raise NotAllowed, explained, unless the action or the organization's that also serves it is held (H11)."""
    if not actor.serves(action, team):
        actor.require(action, team)
