from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone

from api.operations import operation
from api.pagination import Page
from api.views import GuardedAPIView
from orgs.api.serializers import InvitationSerializer, NewInvitationsSerializer
from orgs.models import Invitation
from orgs.services.invitations import (
    InvitationError,
    InvitationGone,
    Offer,
    invite_members,
    resend_invitation,
    withdraw_invitation,
)
from permissions.roles import roles_by_permission


def _rows(invitations: Sequence[Invitation]) -> list[dict[str, Any]]:
    now = timezone.now()
    roles = roles_by_permission({invitation.permission_id for invitation in invitations})
    return [
        {
            "invitation": invitation,
            "role": roles[invitation.permission_id],
            "has_run_out": invitation.expires_at <= now,
        }
        for invitation in invitations
    ]


class InvitationList(GuardedAPIView):
    tag = "Invitations"
    action = "organization.invite_members"
    mendable = (InvitationError,)

    @operation("List the invitations that wait", pages=InvitationSerializer)
    def get(self) -> Page:
        waiting = Invitation.objects.filter(accepted_at=None, withdrawn_at=None)
        return self.page(waiting.select_related("invited_by"), shown=_rows)

    @operation(
        "Invite people by e-mail", takes=NewInvitationsSerializer, lists=InvitationSerializer, status=201
    )
    def post(self) -> list[dict[str, Any]]:
        given = self.given
        offer = Offer(
            role=given["role"],
            reaches_all_workspaces=given["reaches_all_workspaces"],
            workspaces=() if given["reaches_all_workspaces"] else given["workspaces"],
            profile_role=given["profile_role"],
            profiles=given["profiles"],
        )
        emails = list(dict.fromkeys(email.lower() for email in given["emails"]))
        sent = invite_members(
            actor=self.access,
            organization=self.organization,
            emails=emails,
            offer=offer,
            language=given["language"],
            message=given["message"],
            now=timezone.now(),
        )
        return _rows(sent)


class InvitationDetail(GuardedAPIView):
    tag = "Invitations"
    action = "organization.invite_members"
    mendable = (InvitationGone,)

    @operation("Withdraw an invitation")
    def delete(self, pk: int) -> None:
        withdraw_invitation(
            actor=self.access,
            organization=self.organization,
            invitation=get_object_or_404(Invitation.objects.all(), pk=pk),
            now=timezone.now(),
        )


class InvitationSending(GuardedAPIView):
    """Sending an invitation again: a new link, and the old one stops working."""

    tag = "Invitations"
    action = "organization.invite_members"
    mendable = (InvitationGone,)

    @operation("Send an invitation again")
    def post(self, pk: int) -> None:
        resend_invitation(
            actor=self.access,
            organization=self.organization,
            invitation=get_object_or_404(Invitation.objects.all(), pk=pk),
            now=timezone.now(),
        )
