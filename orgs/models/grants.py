"""The guardian rows of the organization and team scopes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from orgs.models.organizations import Organization, Team
from permissions.models import UserGrant

# Runs at commit, when no organization may be open any more, so it opens the one it asks about and puts back the outer.
_KEEP_ONE_OWNER = """
    outer_organization := current_setting('chorus.organization', true);
    perform set_config('chorus.organization', old.content_object_id::text, true);
    select count(*) into owners from orgs_organizationusergrant
        where content_object_id = old.content_object_id and is_owner;
    perform set_config('chorus.organization', coalesce(outer_organization, ''), true);
    if owners = 0 and exists (select 1 from orgs_organization where id = old.content_object_id) then
        raise exception using message = 'an organization would have no owner',
            errcode = 'check_violation', constraint = 'orgs_never_without_owner';
    end if;
    return null;
"""


class OrganizationUserGrant(UserGrant):
    """A member's organization role: exactly one per person (R3), and exactly one owner (A7)."""

    content_object = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="user_grants")
    is_owner = models.BooleanField(default=False)

    class Meta(UserGrant.Meta):
        abstract = False
        unique_together: ClassVar[list[Sequence[str]]] = []
        constraints = [
            models.UniqueConstraint(fields=["content_object", "user"], name="orgs_one_organization_role"),
            models.UniqueConstraint(
                fields=["content_object"], condition=Q(is_owner=True), name="orgs_one_owner"
            ),
            models.CheckConstraint(
                condition=Q(is_owner=False) | Q(starts_at=None, expires_at=None),
                name="orgs_owner_without_window",
            ),
            UserGrant.window_constraint("orgs_organization_grant_window"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="never_without_owner",
                when=pgtrigger.After,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__is_owner=True),
                timing=pgtrigger.Deferred,
                declare=[("outer_organization", "text"), ("owners", "integer")],
                func=_KEEP_ONE_OWNER,
            )
        ]


class TeamUserGrant(UserGrant):
    """A person's role in a team: one per team, beside his place in the team's userset."""

    content_object = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="user_grants")

    class Meta(UserGrant.Meta):
        abstract = False
        unique_together: ClassVar[list[Sequence[str]]] = []
        constraints = [
            models.UniqueConstraint(fields=["content_object", "user"], name="orgs_one_team_role"),
            UserGrant.window_constraint("orgs_team_grant_window"),
        ]
