"""Actions asked of an organization: people, partners, profiles, workspaces, security, settings, billing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from permissions.catalogue.action import (
    BILLING,
    MEMBERS,
    PARTNERS,
    PERSONAL,
    PROFILES,
    SECURITY,
    SETTINGS,
    TEAMS,
    WORKSPACES,
    Scope,
    declare,
)

ACTIONS = (
    *declare(
        Scope.ORGANIZATION,
        PROFILES,
        (
            "view_own_profiles",
            _("See your social profiles"),
            _("See the social profiles you have been given access to."),
        ),
        (
            "add_social_profile",
            _("Connect social profiles"),
            _("Connect a page or account of a social network to the organization."),
        ),
        (
            "manage_social_profiles",
            _("Manage all social profiles"),
            _("See, reconnect and set up every social profile, even those on which you have no role."),
        ),
        (
            "move_social_profile",
            _("Move social profiles"),
            _("Move a social profile from one workspace to another."),
        ),
        (
            "remove_social_profile",
            _("Remove social profiles"),
            _("Disconnect a social profile and take it out of the organization."),
        ),
        ("view_profile_groups", _("See profile groups"), _("See how profiles are grouped in the menu.")),
        ("edit_profile_groups", _("Edit profile groups"), _("Change how profiles are grouped in the menu.")),
        ("add_ad_account", _("Connect ad accounts"), _("Connect an ad account to the organization.")),
        (
            "manage_x_plus_slots",
            _("Manage X Plus slots"),
            _("Choose which X profiles use the organization's X Plus slots."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        TEAMS,
        (
            "view_own_teams",
            _("See your teams"),
            _("See the teams you are in, with their people and profiles."),
        ),
        ("manage_teams", _("Manage teams"), _("Create, rename and delete teams of the organization.")),
        (
            "team_settings",
            _("Change team settings"),
            _("Change the settings that hold for all teams of the organization."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        MEMBERS,
        ("view_members", _("See members"), _("See the list of everyone in the organization.")),
        ("invite_members", _("Invite members"), _("Invite new people by e-mail and choose their roles.")),
        (
            "view_member_permissions",
            _("See members' permissions"),
            _("See what each member may do, where, and why."),
        ),
        (
            "edit_member_permissions",
            _("Edit members' permissions"),
            _("Give other members roles and take them away, never beyond what you may do yourself."),
        ),
        (
            "suspend_member",
            _("Suspend members"),
            _("Take away all access of a member for a while, and give it back."),
        ),
        (
            "remove_member",
            _("Remove members"),
            _("Take a person out of the organization, with everything that person was given."),
        ),
        ("view_roles", _("See roles"), _("See which roles exist and what each of them allows.")),
        (
            "manage_roles",
            _("Manage custom roles"),
            _("Create, change and delete the organization's own roles."),
        ),
        (
            "manage_packs",
            _("Choose role packs"),
            _("Choose which sets of ready-made roles the organization uses."),
        ),
        (
            "answer_access_requests",
            _("Answer access requests"),
            _("Grant or decline what members ask to be allowed to do."),
        ),
        (
            "run_access_reviews",
            _("Run access reviews"),
            _("Go through everyone's access from time to time and confirm or end it."),
        ),
        (
            "manage_assertions",
            _("Manage access rules to watch"),
            _("Write down what must always or never be allowed, and be warned when it is not so."),
        ),
        (
            "export_access_file",
            _("Download the access file"),
            _("Download all people, teams, roles and grants as one file."),
        ),
        (
            "load_access_file",
            _("Load an access file"),
            _("Change all people, teams, roles and grants at once by loading a file."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        PARTNERS,
        (
            "view_partners",
            _("See partners"),
            _("See the partner companies and which profiles are shared with them."),
        ),
        (
            "invite_partners",
            _("Invite partners"),
            _("Invite a company, by its business id, to work on your profiles."),
        ),
        (
            "request_partner_access",
            _("Ask partners for access"),
            _("Ask another company for access to its profiles."),
        ),
        (
            "answer_partner_requests",
            _("Answer partner requests"),
            _("Accept, reduce or decline what another company offers or asks for."),
        ),
        (
            "manage_partners",
            _("Manage partners"),
            _("Change which profiles a partner may use and how, or end the partnership."),
        ),
        (
            "assign_partner_profiles",
            _("Assign partners' profiles"),
            _("Give your own people roles on profiles that a partner shares with you."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        WORKSPACES,
        ("list_workspaces", _("See workspaces"), _("See the list of all workspaces.")),
        ("create_workspace", _("Create workspaces"), _("Create a workspace that keeps its data apart.")),
        ("edit_workspaces", _("Edit workspaces"), _("Rename workspaces and choose who reaches them.")),
        ("delete_workspace", _("Delete workspaces"), _("Delete a workspace that is no longer used.")),
        (
            "manage_workspace_groups",
            _("Manage workspace groups"),
            _("Bundle several workspaces so that they can be given to people as one."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        SECURITY,
        (
            "view_security_tab",
            _("See security settings"),
            _("See how sign-in is protected and who has set up a second step."),
        ),
        (
            "set_up_two_factor",
            _("Require two-step sign-in"),
            _("Decide who must sign in with a second step besides the password."),
        ),
        (
            "manage_single_sign_on",
            _("Manage single sign-on"),
            _("Let people sign in through your company's own sign-in service."),
        ),
        (
            "manage_member_api_keys",
            _("Manage members' API keys"),
            _("See the API keys that members have issued, and revoke them."),
        ),
        (
            "view_audit_log",
            _("See the audit log"),
            _("See who did what and when, refused attempts included."),
        ),
        (
            "verify_audit_log",
            _("Verify the audit log"),
            _("Check that no entry of the audit log was changed or removed."),
        ),
        ("export_audit_log", _("Export the audit log"), _("Download the audit log as a file.")),
        (
            "view_support_sessions",
            _("See support sign-ins"),
            _("See every sign-in of support staff, with its ticket and reason."),
        ),
        (
            "manage_support_access",
            _("Allow or refuse support access"),
            _("Decide whether support staff may sign in to the organization."),
        ),
        (
            "handle_privacy_requests",
            _("Handle privacy requests"),
            _("Answer people who ask to see or delete the data kept about them."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        SETTINGS,
        (
            "update_name_and_image",
            _("Change name and picture"),
            _("Change the organization's name and picture."),
        ),
        ("view_integrations", _("See integrations"), _("See which other services are connected.")),
        (
            "manage_integrations",
            _("Manage integrations"),
            _("Connect and disconnect other services that exchange data with the organization."),
        ),
        (
            "transfer_ownership",
            _("Transfer ownership"),
            _("Hand the organization over to another member, who must accept."),
        ),
        (
            "delete_organization",
            _("Delete the organization"),
            _("Delete the organization with all its data, for ever."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        PERSONAL,
        (
            "manage_notifications",
            _("Manage your notifications"),
            _("Choose what you are told about, and how."),
        ),
        (
            "manage_api_keys",
            _("Manage your API keys"),
            _("Issue keys with which programs act for you, never beyond what you may do."),
        ),
    ),
    *declare(
        Scope.ORGANIZATION,
        BILLING,
        ("view_subscription", _("See the subscription"), _("See the plan and how many seats are used.")),
        ("manage_subscription", _("Manage the subscription"), _("Change or cancel the plan.")),
        ("buy_add_ons", _("Buy add-ons"), _("Buy extras on top of the plan.")),
        ("view_billing_information", _("See billing details"), _("See the billing address and payment.")),
        (
            "edit_billing_information",
            _("Edit billing details"),
            _("Change the billing address and how the organization pays."),
        ),
        ("view_and_download_invoices", _("See invoices"), _("See invoices and download them.")),
    ),
)
