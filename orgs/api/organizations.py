from __future__ import annotations

from typing import Any

from api.authentication import key_of
from api.operations import operation
from api.views import GuardedAPIView
from orgs.api.serializers import OrganizationRefSerializer, OrganizationSerializer
from orgs.models import Organization
from orgs.selectors import organizations_of


class OrganizationList(GuardedAPIView):
    """The organizations the person is an active member of; for an API key its own."""

    tag = "Organizations"
    signed_in_only = True

    @operation("List the organizations you are in", lists=OrganizationRefSerializer)
    def get(self) -> list[Organization]:
        key = key_of(self.request)
        if key is not None:
            return list(Organization.objects.filter(pk=key.organization_id))
        return organizations_of(self.request.user.pk)


class OrganizationDetail(GuardedAPIView):
    tag = "Organizations"
    members_only = True

    @operation("Read an organization", answers=OrganizationSerializer)
    def get(self) -> Any:
        return self.organization
