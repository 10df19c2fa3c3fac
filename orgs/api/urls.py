from __future__ import annotations

from django.urls import path

from orgs.api import audit_log, invitations, keys, members, organizations, roles, teams, workspaces

urlpatterns = [
    path("", organizations.OrganizationDetail.as_view()),
    path("/members", members.MemberList.as_view()),
    path("/members/<int:pk>", members.MemberDetail.as_view()),
    path("/members/<int:pk>/role", members.MemberRole.as_view()),
    path("/members/<int:pk>/workspaces", members.MemberWorkspaces.as_view()),
    path("/members/<int:pk>/suspension", members.MemberSuspension.as_view()),
    path("/invitations", invitations.InvitationList.as_view()),
    path("/invitations/<int:pk>", invitations.InvitationDetail.as_view()),
    path("/invitations/<int:pk>/sendings", invitations.InvitationSending.as_view()),
    path("/teams", teams.TeamList.as_view()),
    path("/teams/<int:pk>", teams.TeamDetail.as_view()),
    path("/teams/<int:pk>/people", teams.TeamPeople.as_view()),
    path("/teams/<int:pk>/people/<int:member>", teams.TeamPerson.as_view()),
    path("/teams/<int:pk>/profiles", teams.TeamProfiles.as_view()),
    path("/teams/<int:pk>/profiles/<int:profile>", teams.TeamProfile.as_view()),
    path("/workspaces", workspaces.WorkspaceList.as_view()),
    path("/workspaces/<int:pk>", workspaces.WorkspaceDetail.as_view()),
    path("/actions", roles.ActionList.as_view()),
    path("/packs", roles.PackList.as_view()),
    path("/roles", roles.RoleList.as_view()),
    path("/roles/<slug:scope>/<str:key>", roles.RoleDetail.as_view()),
    path("/audit-events", audit_log.AuditEventList.as_view()),
    path("/audit-log/verification", audit_log.AuditVerification.as_view()),
    path("/api-keys", keys.ApiKeyList.as_view()),
    path("/api-keys/<int:pk>", keys.ApiKeyDetail.as_view()),
]
