"""Inside one organization: ``/o/<slug>/``."""

from __future__ import annotations

from django.urls import include, path

from orgs.views import (
    access,
    audit_log,
    grants,
    invitations,
    members,
    organizations,
    ownership,
    requests,
    teams,
    view_as,
    workspaces,
)

urlpatterns = [
    path("image/", organizations.OrganizationImage.as_view(), name="organization_image"),
    path("leave/", organizations.OrganizationLeave.as_view(), name="organization_leave"),
    path("my-access/", access.MyAccess.as_view(), name="my_access"),
    path("my-access/why/", access.MyAccessWhy.as_view(), name="my_access_why"),
    path("my-access/ask/", requests.AskForAccess.as_view(), name="access_ask"),
    path("requests/", requests.RequestList.as_view(), name="access_request_list"),
    path("requests/<int:pk>/", requests.RequestAnswer.as_view(), name="access_request"),
    path("requests/<int:pk>/decline/", requests.RequestDecline.as_view(), name="access_request_decline"),
    path("requests/<int:pk>/withdraw/", requests.RequestWithdraw.as_view(), name="access_request_withdraw"),
    path("settings/", organizations.OrganizationSettings.as_view(), name="organization_settings"),
    path("settings/security/", organizations.OrganizationSecurity.as_view(), name="organization_security"),
    path("settings/workspaces/", workspaces.WorkspaceList.as_view(), name="workspace_list"),
    path("settings/workspaces/<int:pk>/", workspaces.WorkspaceDetail.as_view(), name="workspace_detail"),
    path(
        "settings/workspaces/<int:pk>/delete/", workspaces.WorkspaceDelete.as_view(), name="workspace_delete"
    ),
    path("settings/ownership/", ownership.Ownership.as_view(), name="ownership"),
    path("settings/ownership/offer/", ownership.OwnershipOffer.as_view(), name="ownership_offer"),
    path("settings/ownership/<int:pk>/accept/", ownership.OwnershipAccept.as_view(), name="ownership_accept"),
    path(
        "settings/ownership/<int:pk>/decline/", ownership.OwnershipDecline.as_view(), name="ownership_decline"
    ),
    path(
        "settings/ownership/<int:pk>/withdraw/",
        ownership.OwnershipWithdraw.as_view(),
        name="ownership_withdraw",
    ),
    path("members/", members.MemberList.as_view(), name="member_list"),
    path("members/invite/", invitations.InvitationNew.as_view(), name="invitation_new"),
    path("members/invitations/", invitations.InvitationList.as_view(), name="invitation_list"),
    path(
        "members/invitations/<int:pk>/resend/",
        invitations.InvitationResend.as_view(),
        name="invitation_resend",
    ),
    path(
        "members/invitations/<int:pk>/withdraw/",
        invitations.InvitationWithdraw.as_view(),
        name="invitation_withdraw",
    ),
    path("members/<int:pk>/", access.MemberAccess.as_view(), name="member_access"),
    path("members/<int:pk>/why/", access.MemberWhy.as_view(), name="member_why"),
    path("members/<int:pk>/teams/", members.MemberTeams.as_view(), name="member_teams"),
    path("members/<int:pk>/activity/", members.MemberActivity.as_view(), name="member_activity"),
    path("members/<int:pk>/role/", members.MemberRole.as_view(), name="member_role"),
    path("members/<int:pk>/workspaces/", members.MemberWorkspaces.as_view(), name="member_workspaces"),
    path("members/<int:pk>/grants/new/", grants.GrantNew.as_view(), name="grant_new"),
    path("members/<int:pk>/grants/<int:grant>/end/", grants.GrantEnd.as_view(), name="grant_end"),
    path("members/<int:pk>/view-as/", view_as.ViewAsStart.as_view(), name="view_as_start"),
    path("view-as/end/", view_as.ViewAsEnd.as_view(), name="view_as_end"),
    path("members/<int:pk>/suspend/", members.MemberSuspend.as_view(), name="member_suspend"),
    path("members/<int:pk>/reactivate/", members.MemberReactivate.as_view(), name="member_reactivate"),
    path("members/<int:pk>/remove/", members.MemberRemove.as_view(), name="member_remove"),
    path("teams/", teams.TeamList.as_view(), name="team_list"),
    path("teams/new/", teams.TeamNew.as_view(), name="team_new"),
    path("teams/<int:pk>/", teams.TeamDetail.as_view(), name="team_detail"),
    path("teams/<int:pk>/edit/", teams.TeamEdit.as_view(), name="team_edit"),
    path("teams/<int:pk>/delete/", teams.TeamDelete.as_view(), name="team_delete"),
    path("teams/<int:pk>/people/add/", teams.TeamMemberAdd.as_view(), name="team_member_add"),
    path("teams/<int:pk>/people/<int:member>/role/", teams.TeamMemberRole.as_view(), name="team_member_role"),
    path(
        "teams/<int:pk>/people/<int:member>/remove/",
        teams.TeamMemberRemove.as_view(),
        name="team_member_remove",
    ),
    path("teams/<int:pk>/profiles/add/", teams.TeamProfileAdd.as_view(), name="team_profile_add"),
    path(
        "teams/<int:pk>/profiles/<int:link>/remove/",
        teams.TeamProfileRemove.as_view(),
        name="team_profile_remove",
    ),
    path("", include("orgs.partner_urls")),
    path("roles/", include("orgs.role_urls")),
    path("audit-log/", audit_log.AuditLog.as_view(), name="audit_log"),
    path("audit-log/verify/", audit_log.AuditVerify.as_view(), name="audit_verify"),
    path("audit-log/export/", audit_log.AuditExport.as_view(), name="audit_export"),
]
