"""Every answer's derivation, in words: the same in the 403 page, in "Why?", in the API and on the command line.

Order of the steps: verdict, who grants it, scope, rules, what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from permissions.catalogue import Action, Scope
from permissions.roles import RoleFacts, builtin_roles
from permissions.scopes import Affiliation, SupportVisit, near_misses, scope_of, tables_of
from permissions.snapshot import GrantFacts

if TYPE_CHECKING:
    from permissions.checker import Access, KeyLimits


@dataclass(frozen=True)
class Source:
    """A role that counts, and the grant it rests on. ``link`` is the team's profile row for what a team role brings.

    Of a partner's person ``role`` is the intersection of what ``grant`` gives the ``partner`` and ``assignment`` him.
    """

    role: RoleFacts
    grant: GrantFacts
    link: GrantFacts | None = None
    assignment: GrantFacts | None = None
    partner: str = ""

    @property
    def is_implied(self) -> bool:
        return self.assignment is None and self.role.permission_id != self.grant.role.permission_id

    @property
    def group_id(self) -> int | None:
        return self.link.group_id if self.link else self.grant.group_id


class Miss(StrEnum):
    """What stops a person before any role is looked at."""

    NOT_A_MEMBER = "not_a_member"
    SUSPENDED = "suspended"
    NOT_YET_A_MEMBER = "not_yet_a_member"
    NO_LONGER_A_MEMBER = "no_longer_a_member"
    NOT_ACTIVE_IN_PARTNER = "not_active_in_partner"
    NO_SUPPORT_SESSION = "no_support_session"
    NO_SECOND_FACTOR = "no_second_factor"


MISS_TITLES = {
    Miss.NOT_A_MEMBER: gettext_lazy("Not a member of this organization"),
    Miss.SUSPENDED: gettext_lazy("The membership is suspended"),
    Miss.NOT_YET_A_MEMBER: gettext_lazy("The membership has not begun"),
    Miss.NO_LONGER_A_MEMBER: gettext_lazy("The membership has ended"),
    Miss.NOT_ACTIVE_IN_PARTNER: gettext_lazy("The membership in the partner organization does not count now"),
    Miss.NO_SUPPORT_SESSION: gettext_lazy("The support session is not open now"),
    Miss.NO_SECOND_FACTOR: gettext_lazy("This organization asks for a second factor"),
}
MISS_DETAILS = {
    Miss.NOT_A_MEMBER: gettext_lazy("Only members and partners' people can do anything here."),
    Miss.SUSPENDED: gettext_lazy(
        "While it is suspended, no role counts. Somebody who manages members can end that."
    ),
    Miss.NOT_YET_A_MEMBER: gettext_lazy("Roles count from the first day of the membership."),
    Miss.NO_LONGER_A_MEMBER: gettext_lazy("Roles counted until the last day of the membership."),
    Miss.NOT_ACTIVE_IN_PARTNER: gettext_lazy(
        "It is suspended there, or has not begun, or has ended; until it counts, nothing shared with the partner does."
    ),
    Miss.NO_SUPPORT_SESSION: gettext_lazy(
        "The vendor's staff act only between the beginning and the end of a session."
    ),
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
        if access.key is not None:
            steps.append(teller.key_allows(access.key))
        steps.append(
            Step(
                True,
                _("No rule blocks it"),
                _("Neither a second factor nor an approval rule stands in the way."),
            )
        )
        summary = _("%(person)s may do this on %(object)s.") % {"person": teller.person, "object": obj}
    else:
        steps = list(teller.misses(action))
        summary = _("%(person)s may not do this on %(object)s.") % {"person": teller.person, "object": obj}
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
    stopped = teller.misses(action) if early is not None else []
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
    person, total = teller.person, len(objects)
    counted = {"person": person, "count": allowed_count, "total": total}
    if action.scope is Scope.TEAM:
        summary = _("%(person)s may do this in %(count)d of %(total)d teams.") % counted
    else:
        summary = _("%(person)s may do this on %(count)d of %(total)d profiles.") % counted
    steps = [_about(step, names, total) for step, names in granted.items()]
    steps += stopped
    if granted:
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
        self.givers: dict[int, str] = dict(access.names.givers) if access.names else {}
        self.teams: Mapping[int, str] | None = access.names.teams if access.names else None
        self.shared: list[Any] | None = None

    @property
    def person(self) -> str:
        """Who is asked about: the person, or the key that acts for him."""
        if self.access.key is None:
            return str(self.access.user)
        return _("The key %(key)s of %(person)s") % {
            "key": self.access.key.label,
            "person": self.access.user,
        }

    def key_allows(self, key: KeyLimits) -> Step:
        return Step(
            True,
            _("The key %(key)s includes it") % {"key": key.label},
            _("It was issued for this action here."),
        )

    def grants(self, source: Source) -> Step:
        role, grant = source.role, source.grant
        title = _("%(role)s grants it") % {"role": role.label}
        if source.assignment is not None:
            return Step(True, title, self._shared(source.partner, grant, source.assignment))
        if self.access.visit is not None:
            return Step(True, title, _told(self.access.visit))
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
            return self._early_misses(early)
        if access.key is not None:
            return self._key_misses(access.key, action)
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

    def _early_misses(self, early: Miss) -> list[Step]:
        access = self.access
        detail = str(MISS_DETAILS[early])
        standing = access.snapshot.standing
        if early is Miss.NO_SUPPORT_SESSION and standing is not None and standing.visit is not None:
            detail = f"{detail} {_told(standing.visit)}"
        if early is Miss.NOT_ACTIVE_IN_PARTNER and standing is not None:
            names = ", ".join(place.partner for place in standing.affiliations)
            detail = _("Partner: %(names)s.") % {"names": names} + " " + detail
        steps = [Step(False, str(MISS_TITLES[early]), detail)]
        if early is Miss.NOT_A_MEMBER:
            near = near_misses(access.organization_id, access.user.pk)
            steps += [Step(False, title, sentence) for title, sentence in near]
        return steps

    def _key_misses(self, key: KeyLimits, action: Action) -> list[Step]:
        """R11: what the issuer himself may not do is told as of him; else it is the key that does not reach."""
        issuer = self.access.without_key()
        if not issuer.can(action.name, self.obj):
            teller = _Teller(issuer, self.obj)
            teller.givers, teller.teams = self.givers, self.teams
            detail = _("%(person)s, who issued it, may not do this.") % {"person": issuer.user}
            step = Step(
                False, _("The key %(key)s does no more than its issuer may") % {"key": key.label}, detail
            )
            return [step, *teller.misses(action)]
        if action.name not in key.actions:
            title = _("The key %(key)s was not issued for this action") % {"key": key.label}
        else:
            title = _("The key %(key)s was not issued for this profile") % {"key": key.label}
        return [Step(False, title, _("%(person)s himself may do it.") % {"person": issuer.user})]

    def _shared(self, partner: str, granted: GrantFacts, assigned: GrantFacts) -> str:
        """R8: both halves of what a partner's person has, each with who gave it and its window."""
        grant = _("Granted to the partner %(partner)s as %(role)s.") % {
            "partner": partner,
            "role": granted.role.label,
        }
        assignment = _("Assigned there as %(role)s.") % {"role": assigned.role.label}
        return f"{grant} {self._given(granted)} {assignment} {self._given(assigned)}"

    def _partner_misses(self, action: Action) -> list[Step]:
        """R8: what is shared with his partners here and does not reach him: not live, or not assigned to him."""
        access = self.access
        places = access.affiliations()
        steps = []
        assigned = set()
        for pair in access.snapshot.through_partners.get(self.obj.pk, ()):
            place = places.get(pair.partnership_id)
            if place is None:
                continue
            assigned.add(pair.partnership_id)
            if not pair.is_live(access.at):
                over = next(grant for grant in (pair.granted, pair.assigned) if not grant.is_live(access.at))
                about = {"partner": place.partner}
                if over.starts_at is not None and access.at < over.starts_at:
                    title = _("What is shared through %(partner)s has not begun") % about
                else:
                    title = _("What is shared through %(partner)s has ended") % about
                steps.append(Step(False, title, self._shared(place.partner, pair.granted, pair.assigned)))
        for grant in self._shared_here(places):
            if grant.partnership_id not in assigned:
                partner = places[grant.partnership_id].partner
                title = _("Shared with %(partner)s, but not assigned to this person") % {"partner": partner}
                detail = _("The owner or managers of %(partner)s can assign it.") % {"partner": partner}
                steps.append(Step(False, title, detail))
        return steps

    def _shared_here(self, places: Mapping[int, Affiliation]) -> list[Any]:
        if self.shared is None:
            table = tables_of(Scope.PROFILE).group_grants
            assert table is not None
            self.shared = list(table.objects.live(self.access.at).filter(partnership__in=list(places)))
        return [grant for grant in self.shared if grant.content_object_id == self.obj.pk]

    def _profile_misses(self, action: Action) -> list[Step]:
        access, obj = self.access, self.obj
        steps = []
        workspaces = access.workspace_ids
        if workspaces is not None and getattr(obj, "workspace_id", None) not in workspaces:
            detail = _(
                "The profile belongs to a workspace this person cannot reach, so no role counts on it."
            )
            return [Step(False, _("Outside the workspaces in reach"), detail)]
        if access.is_partner:
            steps += self._partner_misses(action)
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
            text += " " + _("From %(moment)s.") % {"moment": local_moment(grant.starts_at)}
        if grant.expires_at is not None:
            text += " " + _("Until %(moment)s.") % {"moment": local_moment(grant.expires_at)}
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
            teams = tables_of(Scope.TEAM).model._default_manager
            self.teams = dict(teams.values_list("members_group_id", "name"))
        return self.teams.get(group_id, "")

    def _roles_with(self, action: Action) -> list[str]:
        own = self.access.organization_role
        pack = own.pack if own and own.pack else "standard"
        able = [r for r in builtin_roles().values() if r.pack == pack and r.scope is action.scope]
        able = [r for r in able if action.name in r.actions]
        return [role.label for role in sorted(able, key=lambda r: r.builtin.rank if r.builtin else 0)]


def _told(visit: SupportVisit) -> str:
    return _(
        "Support session for the ticket %(ticket)s, from %(begin)s until %(end)s. Reason: %(reason)s."
    ) % {
        "ticket": visit.ticket,
        "begin": local_moment(visit.starts_at),
        "end": local_moment(visit.expires_at),
        "reason": visit.reason.rstrip("."),
    }


def _date(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def local_moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{date_format(local, 'DATETIME_FORMAT')} ({timezone.get_current_timezone_name()})"
