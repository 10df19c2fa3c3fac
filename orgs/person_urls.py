"""Outside any organization: founding one, and joining one."""

from __future__ import annotations

from django.urls import path

from orgs.views import invitations, organizations

urlpatterns = [
    path("organizations/new/", organizations.OrganizationNew.as_view(), name="organization_new"),
    path("invitations/<str:token>/", invitations.InvitationAccept.as_view(), name="invitation_accept"),
]
