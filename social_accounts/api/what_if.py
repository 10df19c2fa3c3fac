"""What a change would do, before it is made: every right gained and lost, and what would be left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from api.operations import operation
from api.views import GuardedAPIView
from orgs.models import Membership, Organization, Team
from orgs.services.members import remove_member, set_organization_role, suspend_member
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.custom_roles import edit_role
from permissions.models import Role
from permissions.services import end_grant
from permissions.what_if import WhatIf, preview
from social_accounts.api.what_if_serializers import WhatIfAnswerSerializer, WhatIfSerializer
from social_accounts.models import ProfileUserGrant, SocialProfile
from social_accounts.services.access import give_access


class AccessWhatIf(GuardedAPIView):
    """Asks the very services that would make the change, and undoes them."""

    tag = "Access questions"
    action = "organization.view_member_permissions"

    @operation(
        "Preview a change of access",
        description="Name exactly one change. Who may not make it is told so in `refusal`.",
        takes=WhatIfSerializer,
        answers=WhatIfAnswerSerializer,
    )
    def post(self) -> dict[str, Any]:
        now = timezone.now()
        what_if = preview(organization_id=self.organization.pk, change=self.change(), at=now)
        return told(what_if, self.access)

    def change(self) -> Callable[[], object]:
        """Return what would be done, as a call."""
        kind, asked = next((name, given) for name, given in self.given.items() if given is not None)
        here: dict[str, Any] = {"actor": self.access, "now": timezone.now()}
        whole = here | {"organization": self.organization}
        if kind == "grant":
            return lambda: [
                give_access(
                    profile=profile, people=asked["members"], role=asked["role"], **_window(asked), **here
                )
                for profile in asked["profiles"]
            ]
        if kind == "end_grant":
            grant = self.one(ProfileUserGrant.objects.select_related("content_object", "user"), asked)
            return lambda: end_grant(grant=grant, **here)
        if kind == "role_actions":
            role = self.one(
                Role.objects.filter(organization=self.organization, scope=asked["scope"]),
                asked["slug"],
                "slug",
            )
            return lambda: edit_role(role=role, actions=asked["actions"], **whole)
        if kind == "member_role":
            member = self.one(Membership.objects.select_related("user"), asked["member"])
            return lambda: set_organization_role(membership=member, role=asked["role"], **whole)
        member = self.one(Membership.objects.select_related("user"), asked)
        act = suspend_member if kind == "suspend_member" else remove_member
        return lambda: act(membership=member, **whole)

    def one(self, rows: Any, key: Any, by: str = "pk") -> Any:
        found = rows.filter(**{by: key}).first()
        if found is None:
            raise Http404
        return found


def _window(asked: dict[str, Any]) -> dict[str, Any]:
    return {"starts_at": asked["starts_at"], "expires_at": asked["expires_at"]}


def told(what_if: WhatIf, viewer: Access) -> dict[str, Any]:
    """Return the preview as the answer writes it: only of objects that the viewer sees."""
    people = User.objects.in_bulk(what_if.people)
    tables: dict[Scope, Any] = {Scope.TEAM: Team, Scope.PROFILE: SocialProfile}
    ids = {Scope.TEAM: what_if.teams, Scope.PROFILE: what_if.profiles}
    objects: dict[tuple[Scope, int], Model] = {
        (scope, pk): obj
        for scope, table in tables.items()
        for pk, obj in table.objects.in_bulk(ids[scope]).items()
        if viewer.sees(obj)
    }
    organization = Organization.objects.get(pk=what_if.organization_id)
    objects[Scope.ORGANIZATION, organization.pk] = organization
    return {
        "refusal": what_if.refusal,
        "gained_count": what_if.gained_count,
        "lost_count": what_if.lost_count,
        "changes": [
            {
                "person": people[delta.person_id],
                "scope": delta.scope.value,
                "gained": sorted(delta.gained),
                "lost": sorted(delta.lost),
                "objects": sorted(pk for pk in delta.object_ids if (delta.scope, pk) in objects),
                "starts_at": delta.starts_at,
                "ends_at": delta.ends_at,
            }
            for delta in what_if.deltas
            if delta.person_id in people
        ],
        "stranded": [
            {"kind": thing.kind, "id": thing.key, "title": thing.title, "why": thing.why}
            for thing in what_if.stranded
            if viewer.can("profile.view_posts", thing.profile)
        ],
    }
