"""One role: what it allows and why, who holds it where, what happened to it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import AuditEvent
from orgs.selectors.audit_log import event_rows
from orgs.selectors.roles.actions import role_actions
from orgs.selectors.roles.holders import (
    brought_by,
    holder_rows,
    people_with,
    team_grants_of,
    team_holder_rows,
)
from orgs.selectors.roles.in_use import version_of
from orgs.selectors.roles.sources import provenance
from orgs.views.roles.base import SCOPE_LABELS, RoleView
from permissions import packs
from permissions.catalogue import Scope
from permissions.custom_roles import new_actions
from permissions.models import Role

HOLDERS_PER_PAGE = 50
TEAMS_PER_PAGE = 25
EVENTS_PER_PAGE = 30


class RolePage(RoleView):
    """What the pages of one role share: its head and its tabs."""

    def head(self, current: str) -> dict[str, Any]:
        role = self.role
        tabs = [("role_detail", _("Actions"), len(role.facts.actions))]
        if self.may("view_member_permissions"):
            tabs.append(("role_holders", _("People"), role.holders))
        if role.is_own and self.may("view_audit_log"):
            tabs.append(("role_history", _("History"), 0))
        return {
            "role": role,
            "scope_label": SCOPE_LABELS[role.facts.scope],
            "provenance": provenance(role.facts),
            "can_manage": self.can_manage,
            "copied_from": self._copied_from(),
            "is_in_use": role.is_own or role.facts.pack in self.organization.packs or role.holders > 0,
            "tabs": [
                {
                    "label": label,
                    "href": self.url(route, role.pk),
                    "is_current": route == current,
                    "count": count,
                }
                for route, label, count in tabs
            ],
        }

    def _copied_from(self) -> str:
        """Return the name of the role this one was copied from, if it was and the other still exists."""
        key = self.row.copied_from
        if not key:
            return ""
        try:
            return str(packs.role(key, self.role.facts.scope).label)
        except packs.UnknownRole:
            found = Role.objects.filter(
                organization=self.organization, scope=self.row.scope, slug=key
            ).first()
            return found.name if found else ""


class RoleDetail(RolePage):
    template_name = "orgs/roles/detail.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        role = self.role
        chosen = {name: request.GET.get(name, "").strip() for name in ("show", "q")}
        return self.page(
            actions=role_actions(role, show=chosen["show"], text=chosen["q"]),
            chosen=chosen,
            implies=list(role.facts.implies.values()),
            brought_by=brought_by(role.facts, self.organization.packs),
            fresh=new_actions(role.row) if role.row else [],
            version=version_of(role.row),
            **self.head("role_detail"),
        )


class RoleHolders(RolePage):
    """Who holds the role where: people, and teams whose people hold it through them."""

    action = "organization.view_member_permissions"
    template_name = "orgs/roles/holders.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        now, facts = timezone.now(), self.role.facts
        people = Paginator(people_with(facts, now), HOLDERS_PER_PAGE).get_page(request.GET.get("page"))
        context: dict[str, Any] = {
            "people": people,
            "rows": holder_rows(people.object_list, facts, self.access, now),
        }
        if facts.scope is Scope.PROFILE:
            links = team_grants_of(facts, now)
            teams = Paginator(links, TEAMS_PER_PAGE).get_page(request.GET.get("teams"))
            context |= {"teams": teams, "team_rows": team_holder_rows(teams.object_list, self.access)}
        labels = [role.label for role in brought_by(facts, self.organization.packs)]
        return self.page(brought_labels=labels, **context, **self.head("role_holders"))


class RoleHistory(RolePage):
    """What happened to an organization's own role, newest first."""

    action = "organization.view_audit_log"
    template_name = "orgs/roles/history.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        events = AuditEvent.objects.filter(
            object_type=self.row._meta.label_lower, object_id=str(self.row.pk)
        ).order_by("-sequence")
        page = Paginator(events, EVENTS_PER_PAGE).get_page(request.GET.get("page"))
        return self.page(events=page, rows=event_rows(page.object_list), **self.head("role_history"))
