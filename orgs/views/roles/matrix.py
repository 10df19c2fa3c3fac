"""The matrix of roles: shown, previewed at every tick, and saved; and why one of its cells is as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import ngettext

from audit.services import record_refusal
from orgs.role_forms import MatrixForm, RoleEdit
from orgs.selectors.roles.in_use import RoleInUse, roles_in_use, version_of
from orgs.selectors.roles.matrix import last_saves, make_matrix
from orgs.selectors.roles.sources import provenance, sources_of
from orgs.services.role_edits import RolesChangedMeanwhile, WantedActions, edit_actions
from orgs.views.base import UNPROCESSABLE, see_other
from orgs.views.roles.base import SCOPE_LABELS, RolesView, RoleView
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.errors import Refused, WouldEscalate
from permissions.what_if import preview
from permissions.what_if_words import Told, tell
from ui.addresses import id_in

CONFLICT = 409


class MatrixView(RolesView):
    """What showing the matrix and previewing a change of it have in common."""

    @cached_property
    def scope(self) -> Scope:
        return self.asked_scope()

    def read_roles(self) -> list[RoleInUse]:
        """Return the roles as columns: the organization's own first, for those are what one edits."""
        roles = roles_in_use(self.organization, self.scope, now=timezone.now())
        return sorted(roles, key=lambda role: not role.is_own)

    def save(self, edits: Sequence[RoleEdit], reason: str) -> None:
        edit_actions(
            actor=self.access,
            organization=self.organization,
            wanted=[WantedActions(edit.row, edit.actions, edit.seen_version) for edit in edits],
            reason=reason,
            now=timezone.now(),
        )

    def panel(self, form: MatrixForm) -> dict[str, Any]:
        """Return what the panel of changes shows: each change with its undo, and what saving would do to whom."""
        changes = form.data.get("changes", "")
        if not form.is_valid():
            problem = " ".join(str(error) for errors in form.errors.values() for error in errors)
            return {"changes": changes, "problem": problem}
        edits = form.edits()
        return {
            "changes": changes,
            "edits": edits,
            "total": sum(len(edit.added) + len(edit.removed) for edit in edits),
            "told": self._told(edits) if edits else None,
            "is_stale": any(version_of(edit.row) != edit.seen_version for edit in edits),
            "reason": form.cleaned_data["reason"],
        }

    def _told(self, edits: Sequence[RoleEdit]) -> Told:
        what_if = preview(
            organization_id=self.organization.pk, change=lambda: self.save(edits, ""), at=timezone.now()
        )
        return tell(what_if, viewer=self.access)


class RoleMatrix(MatrixView):
    """Every action of one scope times every role in use. POST saves the changes of several roles at once."""

    write_action = "organization.manage_roles"
    template_name = "orgs/roles/matrix.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        return self.show(self.read_roles())

    def post(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        form = MatrixForm(request.POST, roles=self.read_roles())
        if not form.is_valid():
            return self.show_again(form, UNPROCESSABLE)
        edits = form.edits()
        try:
            self.save(edits, form.cleaned_data["reason"])
        except RolesChangedMeanwhile as problem:
            return self.show_again(form, CONFLICT, saved_meanwhile=last_saves(problem.roles))
        except WouldEscalate as refusal:
            self._record(str(refusal))
            return self.show_again(form, UNPROCESSABLE)
        except Refused:
            return self.show_again(form, UNPROCESSABLE)
        if edits:
            saved = ngettext("%(count)d role saved.", "%(count)d roles saved.", len(edits))
            self.say(saved % {"count": len(edits)})
        return see_other(f"{self.url('role_matrix')}?scope={self.scope}")

    def show(self, roles: Sequence[RoleInUse], status: int = 200, **context: Any) -> HttpResponse:
        here = id_in(self.request.GET.get("role", ""))
        matrix = make_matrix(self.scope, roles, may_edit=self.can_manage, here=here)
        return self.page(
            status=status,
            matrix=matrix,
            scopes=[
                {
                    "label": label,
                    "href": f"{self.url('role_matrix')}?scope={scope}",
                    "is_current": scope is self.scope,
                }
                for scope, label in SCOPE_LABELS.items()
            ],
            has_pending=any(not action.is_available for action in catalogue.of_scope(self.scope)),
            **context,
            **self.frame("role_matrix"),
        )

    def show_again(self, form: MatrixForm, status: int, **context: Any) -> HttpResponse:
        """Show the matrix as it is saved now, with everything ticked and typed put on it again."""
        roles = self.read_roles()
        versions = " ".join(f"{role.pk}@{version_of(role.row)}" for role in roles if role.is_own)
        typed = {name: form.data.get(name, "") for name in form.fields}
        again = MatrixForm({**typed, "versions": versions}, roles=roles)
        changes = form.data.get("changes", "") if again.is_valid() else ""
        return self.show(roles, status, restore=changes, **self.panel(again), **context)

    def _record(self, reason: str) -> None:
        record_refusal(
            actor=self.request.user,
            action="access.refused",
            obj=self.organization,
            at=timezone.now(),
            reason=reason,
        )


class RoleChanges(MatrixView):
    """The panel beside the matrix: what the ticks so far would change. Saves nothing."""

    action = "organization.manage_roles"

    def post(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        form = MatrixForm(request.POST, roles=self.read_roles())
        return render(
            request, "orgs/roles/changes.html", {"organization": self.organization, **self.panel(form)}
        )


class RoleWhy(RoleView):
    """Whether a role allows an action, and where that comes from: the answer behind one cell."""

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        action = self.asked_action()
        is_fragment = bool(request.headers.get("HX-Request"))
        context = {
            "organization": self.organization,
            "role": self.role,
            "action": action,
            "is_held": action.name in self.role.facts.actions,
            "is_of_scope": action.scope is self.role.facts.scope,
            "sources": sources_of(self.role.facts, action.name),
            "provenance": provenance(self.role.facts),
            "can_manage": self.can_manage,
        }
        part = "#answer" if is_fragment else ""
        return render(request, f"orgs/roles/why.html{part}", context)
