"""Every answer's derivation, in words: the same in the 403 page, in "Why?", in the API and on the command line.

Order of the steps: verdict, who grants it, scope, rules, what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from permissions.catalogue import Action, Scope
from permissions.roles import RoleFacts, builtin_roles
from permissions.scopes import scope_of, tables_of
from permissions.snapshot import GrantFacts

if TYPE_CHECKING:
    from permissions.checker import Access


@dataclass(frozen=True)
class Source:
    """A role that counts, and the grant it rests on. ``link`` is the team's profile row for what a team role brings."""

    role: RoleFacts
    grant: GrantFacts
    link: GrantFacts | None = None

    @property
    def is_implied(self) -> bool:
        return self.role.permission_id != self.grant.role.permission_id

    @property
    def group_id(self) -> int | None:
        return self.link.group_id if self.link else self.grant.group_id


class Miss(StrEnum):
    """What stops a person before any role is looked at."""

    NOT_A_MEMBER = "not_a_member"
    SUSPENDED = "suspended"
    NOT_YET_A_MEMBER = "not_yet_a_member"
    NO_LONGER_A_MEMBER = "no_longer_a_member"
    NO_SECOND_FACTOR = "no_second_factor"


MISS_TITLES = {
    Miss.NOT_A_MEMBER: gettext_lazy("Not a member of this organization"),
    Miss.SUSPENDED: gettext_lazy("The membership is suspended"),
    Miss.NOT_YET_A_MEMBER: gettext_lazy("The membership has not begun"),
    Miss.NO_LONGER_A_MEMBER: gettext_lazy("The membership has ended"),
    Miss.NO_SECOND_FACTOR: gettext_lazy("This organization asks for a second factor"),
}
MISS_DETAILS = {
    Miss.NOT_A_MEMBER: gettext_lazy("Only members and partners' people can do anything here."),
    Miss.SUSPENDED: gettext_lazy(
        "While it is suspended, no role counts. Somebody who manages members can end that."
    ),
    Miss.NOT_YET_A_MEMBER: gettext_lazy("Roles count from the first day of the membership."),
    Miss.NO_LONGER_A_MEMBER: gettext_lazy("Roles counted until the last day of the membership."),
    Miss.NO_SECOND_FACTOR: gettext_lazy(
        "Set up and use a second factor at sign-in; until then no role counts."
    ),
}


@dataclass(frozen=True)
class Step:
    ok: bool
    title: str
    detail: str = ""


@dataclass(frozen=True)
class Decision:
    """An answer and how it came about."""

    allowed: bool
    action: str
    action_label: str
    summary: str
    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        lines = [self.summary]
        lines += [
            f"{'+' if s.ok else '-'} {s.title}{': ' + s.detail if s.detail else ''}" for s in self.steps
        ]
        return "\n".join(lines)


def explain(access: Access, action: Action, obj: Model, granting: tuple[Source, ...]) -> Decision:
    """Return the decision with its steps. Reads names (givers, teams); the verdict itself is already made."""
    teller = _Teller(access, obj)
    label = str(action.label)
    if granting:
        steps = [teller.grants(source) for source in granting]
        steps.append(teller.within_scope())
        steps.append(
            Step(
                True,
                _("No rule blocks it"),
                _("Neither a second factor nor an approval rule stands in the way."),
            )
        )
        summary = _("%(person)s may do this on %(object)s.") % {"person": access.user, "object": obj}
    else:
        steps = list(teller.misses(action))
        summary = _("%(person)s may not do this on %(object)s.") % {"person": access.user, "object": obj}
    return Decision(bool(granting), action.name, label, summary, tuple(steps))


NAMES_SHOWN = 3


def explain_over(
    access: Access, action: Action, objects: Sequence[Model], *, named: Callable[[Model], bool]
) -> Decision:
    """Return one decision over many objects of a scope: equal steps are told once, with the objects they are about.

    ``named`` says which of them the reader sees: the others are counted and not named.
    """
    if not objects:
        nothing = _("No team yet") if action.scope is Scope.TEAM else _("No profile yet")
        step = Step(False, nothing, _("There is nothing this could be done on."))
        return Decision(False, action.name, str(action.label), nothing, (step,))
    teller = _Teller(access, objects[0])
    early = access.miss_before_scope()
    granted: dict[Step, list[str]] = {}
    missed: dict[Step, list[str]] = {}
    allowed_count = 0
    for obj in objects if early is None else ():
        teller.obj = obj
        granting = [source for source in access.sources(obj) if action.name in source.role.actions]
        allowed_count += bool(granting)
        steps = [teller.grants(source) for source in granting] or teller.misses(action)
        for step in steps:
            (granted if granting else missed).setdefault(step, []).append(str(obj) if named(obj) else "")
    person, total = str(access.user), len(objects)
    counted = {"person": person, "count": allowed_count, "total": total}
    if action.scope is Scope.TEAM:
        summary = _("%(person)s may do this in %(count)d of %(total)d teams.") % counted
    else:
        summary = _("%(person)s may do this on %(count)d of %(total)d profiles.") % counted
    steps = [_about(step, names, total) for step, names in granted.items()]
    if early is not None:
        steps.append(Step(False, str(MISS_TITLES[early]), str(MISS_DETAILS[early])))
    elif granted:
        detail = _("Neither a second factor nor an approval rule stands in the way.")
        steps.append(Step(True, _("No rule blocks it"), detail))
    steps += [_about(step, names, total) for step, names in missed.items()]
    return Decision(allowed_count > 0, action.name, str(action.label), summary, tuple(steps))


def _about(step: Step, names: list[str], total: int) -> Step:
    """Return the step with the objects it is about, unless it is about all of them."""
    seen = [name for name in names if name][:NAMES_SHOWN]
    if not seen or (len(names) == total and total > 1):
        return step
    shown = ", ".join(seen)
    more = len(names) - len(seen)
    if more > 0:
        shown = _("%(names)s and %(count)d more") % {"names": shown, "count": more}
    where = _("On: %(names)s.") % {"names": shown}
    return Step(step.ok, step.title, f"{step.detail} {where}".strip())


class _Teller:
    def __init__(self, access: Access, obj: Model) -> None:
        self.access = access
        self.obj = obj
        self.givers: dict[int, str] = {}
        self.teams: Mapping[int, str] | None = None

    def grants(self, source: Source) -> Step:
        role, grant = source.role, source.grant
        title = _("%(role)s grants it") % {"role": role.label}
        team = self._team(source.group_id)
        if source.is_implied and grant.role.scope is Scope.ORGANIZATION and source.link is None:
            detail = _("The organization role %(role)s brings it by itself.") % {"role": grant.role.label}
        elif source.is_implied:
            detail = _("The role %(role)s in the team %(team)s brings it on the team's profiles.") % {
                "role": grant.role.label,
                "team": team,
            }
        elif team and role.scope is Scope.PROFILE:
            detail = _("Through the team %(team)s.") % {"team": team}
        elif role.scope is Scope.ORGANIZATION:
            detail = _("Role in the organization.")
        else:
            detail = _("Given directly.")
        return Step(True, title, f"{detail} {self._given(grant)}".strip())

    def within_scope(self) -> Step:
        if scope_of(self.obj) is not Scope.PROFILE:
            return Step(True, _("Within scope"), _("Applies to %(object)s.") % {"object": self.obj})
        workspaces = self.access.workspace_ids
        detail = _("Every workspace is in reach.") if workspaces is None else _("Its workspace is in reach.")
        return Step(True, _("Within scope"), detail)

    def misses(self, action: Action) -> list[Step]:
        access, obj = self.access, self.obj
        early = access.miss_before_scope()
        if early is not None:
            return [Step(False, str(MISS_TITLES[early]), str(MISS_DETAILS[early]))]
        steps: list[Step] = []
        counted = access.sources(obj)
        for source in counted:
            given = self.grants(source)
            title = _("%(role)s does not include it") % {"role": source.role.label}
            steps.append(Step(False, title, given.detail))
        if scope_of(obj) is Scope.PROFILE:
            steps += self._profile_misses(action)
        if not counted and not steps:
            where = {
                Scope.ORGANIZATION: _("No role in the organization"),
                Scope.TEAM: _("No role in this team"),
                Scope.PROFILE: _("No role on this profile"),
            }
            steps.append(Step(False, where[action.scope], _("Without a role there is no access.")))
        if able := self._roles_with(action):
            title = _("A role that includes it is missing")
            steps.append(Step(False, title, _("These include it: %(roles)s.") % {"roles": ", ".join(able)}))
        return steps

    def _profile_misses(self, action: Action) -> list[Step]:
        access, obj = self.access, self.obj
        steps = []
        workspaces = access.workspace_ids
        if workspaces is not None and getattr(obj, "workspace_id", None) not in workspaces:
            detail = _(
                "The profile belongs to a workspace this person cannot reach, so no role counts on it."
            )
            return [Step(False, _("Outside the workspaces in reach"), detail)]
        direct = access.snapshot.direct.get(obj.pk, ())
        for grant in direct:
            if grant.role.is_none and grant.is_live(access.at):
                detail = _("It closes the profile, whatever a team would give.") + " " + self._given(grant)
                steps.append(Step(False, _("The role None stands on this profile"), detail))
        if not getattr(obj, "has_approval", True):
            for source in access._implied_or_own(obj.pk):
                if source.role.is_bound_to_approval:
                    title = _("%(role)s needs approval, which this network does not have") % {
                        "role": source.role.label
                    }
                    steps.append(Step(False, title, _("So it gives nothing here.")))
        for grant in (*direct, *access.snapshot.through_teams.get(obj.pk, ())):
            if action.name in grant.role.actions and not grant.is_live(access.at):
                if grant.starts_at is not None and access.at < grant.starts_at:
                    title = _("%(role)s has not begun") % {"role": grant.role.label}
                else:
                    title = _("%(role)s has ended") % {"role": grant.role.label}
                steps.append(Step(False, title, self._given(grant)))
        return steps

    def _given(self, grant: GrantFacts) -> str:
        parts = {"date": _date(grant.granted_at), "person": self._giver(grant.granted_by_id)}
        text = _("Given by %(person)s on %(date)s.") if parts["person"] else _("Given on %(date)s.")
        text %= parts
        if grant.starts_at is not None:
            text += " " + _("From %(moment)s.") % {"moment": _moment(grant.starts_at)}
        if grant.expires_at is not None:
            text += " " + _("Until %(moment)s.") % {"moment": _moment(grant.expires_at)}
        if grant.reason:
            text += " " + _("Reason: %(reason)s.") % {"reason": grant.reason.rstrip(".")}
        return text

    def _giver(self, user_id: int | None) -> str:
        if user_id is None:
            return ""
        if user_id not in self.givers:
            person = get_user_model().objects.filter(pk=user_id).first()
            self.givers[user_id] = str(person) if person else ""
        return self.givers[user_id]

    def _team(self, group_id: int | None) -> str:
        if group_id is None:
            return ""
        if self.teams is None:
            teams = tables_of(Scope.TEAM).model._default_manager.all()
            self.teams = {team.members_group_id: str(team) for team in teams}  # type: ignore[attr-defined]
        return self.teams.get(group_id, "")

    def _roles_with(self, action: Action) -> list[str]:
        own = self.access.organization_role
        pack = own.pack if own and own.pack else "standard"
        able = [r for r in builtin_roles().values() if r.pack == pack and r.scope is action.scope]
        able = [r for r in able if action.name in r.actions]
        return [role.label for role in sorted(able, key=lambda r: r.builtin.rank if r.builtin else 0)]


def _date(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{date_format(local, 'DATETIME_FORMAT')} ({timezone.get_current_timezone_name()})"
