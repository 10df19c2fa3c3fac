from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from api.fields import ReasonSerializer
from api.operations import operation
from api.pagination import Page
from api.views import GuardedAPIView
from permissions.roles import roles_by_permission
from permissions.services import InvalidWindow, NotAMember, end_grant
from social_accounts.api.serializers import GrantQuery, GrantSerializer, NewGrantsSerializer
from social_accounts.models import ProfileUserGrant
from social_accounts.services.access import give_access

VIEW = "profile.view_profile_access"


class GrantView(GuardedAPIView):
    tag = "Grants"
    listing = VIEW
    mendable = (InvalidWindow, NotAMember)

    def grants(self) -> QuerySet[Any]:
        """Return the grants on profiles whose access the one who asks may see."""
        grants: QuerySet[Any] = ProfileUserGrant.objects.select_related(
            "user", "content_object", "granted_by"
        )
        if self.may("view_member_permissions"):
            within = self.access.workspace_ids
            return grants if within is None else grants.filter(content_object__workspace__in=within)
        return self.access.filter(grants, VIEW, path="content_object")


class GrantList(GrantView):
    @operation("List the roles given to people on profiles", query=GrantQuery, pages=GrantSerializer)
    def get(self) -> Page:
        found = self.grants()
        if self.query["person"]:
            found = found.filter(user=self.query["person"])
        if self.query["profile"]:
            found = found.filter(content_object=self.query["profile"])
        return self.page(found, shown=_rows)

    @operation(
        "Give one role to several people on several profiles",
        takes=NewGrantsSerializer,
        lists=GrantSerializer,
        status=201,
    )
    def post(self) -> list[dict[str, Any]]:
        given, made = self.given, []
        for profile in given["profiles"]:
            made += give_access(
                actor=self.access,
                profile=profile,
                people=given["members"],
                role=given["role"],
                now=timezone.now(),
                starts_at=given["starts_at"],
                expires_at=given["expires_at"],
                reason=given["reason"],
            )
        return _rows(made)


class GrantDetail(GrantView):
    @operation("End a role on a profile", query=ReasonSerializer)
    def delete(self, pk: int) -> None:
        grant = self.grants().filter(pk=pk).first()
        if grant is None:
            raise Http404
        end_grant(actor=self.access, grant=grant, now=timezone.now(), reason=self.query["reason"])


def _rows(grants: Sequence[Any]) -> list[dict[str, Any]]:
    roles = roles_by_permission({grant.permission_id for grant in grants})
    return [{"grant": grant, "role": roles[grant.permission_id]} for grant in grants]
