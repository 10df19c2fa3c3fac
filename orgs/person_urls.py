"""Outside any organization: founding one, joining one, and the desk of the vendor's staff."""

from __future__ import annotations

from django.urls import path

from orgs.views import invitations, organizations, support

urlpatterns = [
    path("organizations/new/", organizations.OrganizationNew.as_view(), name="organization_new"),
    path("invitations/<str:token>/", invitations.InvitationAccept.as_view(), name="invitation_accept"),
    path("support/", support.SupportDesk.as_view(), name="support_desk"),
    path("support/sessions/<int:pk>/end/", support.SupportSessionEnd.as_view(), name="support_session_end"),
]
