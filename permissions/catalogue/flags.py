"""Which actions work today, and which deserve a second look before they are given.

Both sets are the only place where these marks are kept. An action whose feature is built is added to
`AVAILABLE`; nothing else changes.
"""

from __future__ import annotations

AVAILABLE: frozenset[str] = frozenset(
    {
        # Members, roles and ownership
        "organization.view_members",
        "organization.invite_members",
        "organization.view_member_permissions",
        "organization.edit_member_permissions",
        "organization.answer_access_requests",
        "organization.suspend_member",
        "organization.remove_member",
        "organization.view_roles",
        "organization.transfer_ownership",
        # Teams
        "organization.view_own_teams",
        "organization.manage_teams",
        "organization.team_settings",
        "team.view_team",
        "team.edit_team",
        "team.manage_team_members",
        "team.manage_team_permissions",
        "team.manage_team_profiles",
        "team.view_team_permissions",
        # Workspaces
        "organization.list_workspaces",
        "organization.create_workspace",
        "organization.edit_workspaces",
        "organization.delete_workspace",
        # Organization settings, security, audit
        "organization.update_name_and_image",
        "organization.set_up_two_factor",
        "organization.view_security_tab",
        "organization.manage_api_keys",
        "organization.manage_member_api_keys",
        "organization.view_audit_log",
        "organization.verify_audit_log",
        "organization.export_audit_log",
        # Social profiles
        "organization.view_own_profiles",
        "organization.add_social_profile",
        "organization.move_social_profile",
        "organization.manage_social_profiles",
        "organization.remove_social_profile",
        "profile.view_profile",
        "profile.view_profile_access",
        "profile.manage_profile",
        "profile.manage_profile_access",
        "profile.reconnect_profile",
        "profile.disconnect_profile",
        "profile.edit_publishing_time_zone",
        # Posts and approvals
        "organization.create_draft",
        "organization.view_draft",
        "organization.delete_draft",
        "organization.toggle_draft_status",
        "organization.pause_publishing",
        "profile.view_posts",
        "profile.manage_drafts",
        "profile.manage_own_posts",
        "profile.manage_posts",
        "profile.publish_posts",
        "profile.send_for_approval",
        "profile.view_approvals",
        "profile.review_posts",
        "profile.force_approve_or_reject",
        "profile.take_over_held_posts",
        "profile.resolve_publications",
    }
)

SENSITIVE: frozenset[str] = frozenset(
    {
        # Widens or takes away access
        "organization.invite_members",
        "organization.edit_member_permissions",
        "organization.suspend_member",
        "organization.remove_member",
        "organization.manage_roles",
        "organization.manage_packs",
        "organization.manage_teams",
        "organization.answer_access_requests",
        "organization.invite_partners",
        "organization.answer_partner_requests",
        "organization.manage_partners",
        "organization.assign_partner_profiles",
        "organization.manage_support_access",
        "organization.manage_single_sign_on",
        "organization.set_up_two_factor",
        "organization.load_access_file",
        "organization.manage_api_keys",
        "organization.manage_member_api_keys",
        "organization.manage_integrations",
        "organization.manage_workspace_groups",
        "team.manage_team_members",
        "team.manage_team_permissions",
        "team.manage_team_profiles",
        "profile.manage_profile_access",
        # Cannot be undone, or stops work
        "organization.delete_organization",
        "organization.transfer_ownership",
        "organization.delete_workspace",
        "organization.remove_social_profile",
        "organization.manage_social_profiles",
        "organization.pause_publishing",
        "organization.handle_privacy_requests",
        "organization.manage_automations",
        "profile.disconnect_profile",
        "profile.pause_profile",
        "profile.delete_boards",
        # Speaks in public
        "profile.publish_posts",
        "profile.publish_replies",
        "profile.promote_posts",
        "profile.review_posts",
        "profile.review_replies",
        "profile.force_approve_or_reject",
        "profile.take_over_held_posts",
        "profile.resolve_publications",
        "profile.delete_published_posts",
        "profile.manage_rss_feeds",
        "profile.edit_profile_cover",
        "profile.ban_users",
        # Takes data out
        "organization.export_access_file",
        "organization.export_audit_log",
        "organization.export_search",
        "organization.export_roi_reports",
        "organization.manage_transfer_box",
        "profile.export_conversations",
        "profile.export_reports",
        # Spends money
        "organization.manage_subscription",
        "organization.buy_add_ons",
        "organization.edit_billing_information",
    }
)
