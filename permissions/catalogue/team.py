"""Actions asked of a team."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from permissions.catalogue.action import LIBRARY, TEAMS, Scope, declare

ACTIONS = (
    *declare(
        Scope.TEAM,
        TEAMS,
        ("view_team", _("See the team"), _("See the team's people, profiles, links and library.")),
        ("edit_team", _("Edit the team"), _("Change the team's name, description and picture.")),
        (
            "manage_team_members",
            _("Manage team members"),
            _("Add people to the team and take them out of it."),
        ),
        (
            "manage_team_permissions",
            _("Manage team permissions"),
            _("Choose which role each person has in the team."),
        ),
        (
            "view_team_permissions",
            _("See team permissions"),
            _("See what each person of the team may do, and why."),
        ),
        (
            "manage_team_profiles",
            _("Manage the team's profiles"),
            _("Give the team a role on a social profile, or take the profile away from it."),
        ),
    ),
    *declare(
        Scope.TEAM,
        LIBRARY,
        (
            "manage_team_vanity_urls",
            _("Manage the team's vanity addresses"),
            _("Set up web addresses for the team's short links."),
        ),
        (
            "manage_team_content_library",
            _("Manage the team's libraries"),
            _("Create, share and change the team's content libraries."),
        ),
    ),
)
