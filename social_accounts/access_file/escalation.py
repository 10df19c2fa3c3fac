"""R9 over a whole file: nobody gets by it what the one who loads it does not hold himself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import User
from orgs.models import Organization, Team
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.errors import WouldEscalate
from permissions.giving import refuse_escalation
from permissions.models import Role
from permissions.packs import beyond
from permissions.roles import RoleFacts, builtin_role, roles_by_permission
from permissions.what_if_comparing import Delta
from social_accounts.access_file.organization import OrganizationChange
from social_accounts.access_file.state import FileRefused, Held, OrganizationState, Problem
from social_accounts.models import SocialProfile

PROBLEMS_TOLD = 20


def role_named(key: str, scope: Scope, organization: Organization) -> RoleFacts:
    """Return the role a file names."""
    if ":" in key:
        return builtin_role(key, scope)
    permission = Role.objects.get(organization=organization, scope=scope.value, slug=key).permission_id
    return roles_by_permission([permission])[permission]


def refuse_beyond(actor: Access, before: OrganizationState, change: OrganizationChange) -> None:
    """Raise FileRefused, line by line, for roles the actor may not give and for people above him.

    ``change`` has been made: what is new in the file exists. ``actor`` is what he held before.
    """
    problems = [*_people_above(actor, before, change.wanted), *_roles_given(actor, before, change)]
    if problems:
        raise FileRefused(*problems[:PROBLEMS_TOLD])


def _people_above(actor: Access, before: OrganizationState, wanted: OrganizationState) -> Iterator[Problem]:
    """Yield a problem for everyone changed or left out about whom the actor may not decide: the owner, one above."""
    changed = [email for email, was in before.people.items() if wanted.people.get(email) != was]
    users = {user.email: user for user in User.objects.filter(email__in=changed)}
    for email in changed:
        was = before.people[email]
        role = _role_of(was.held, Scope.ORGANIZATION, actor.organization_id) if was.held else None
        if role is None or email not in users:
            continue
        own = actor.organization_role
        line = wanted.people[email].line if email in wanted.people else wanted.line
        if role.is_owner:
            reason = _("%(person)s owns the organization. Only the owner can hand it over.")
            yield Problem(line, reason % {"person": users[email]})
        elif beyond(role.actions, own.actions if own else ()):
            yield Problem(
                line,
                _("%(person)s may do more here than you: somebody with the role %(role)s or more decides.")
                % {"person": users[email], "role": role.label},
            )


def _role_of(held: Held, scope: Scope, organization_id: int) -> RoleFacts | None:
    try:
        return role_named(held.role, scope, Organization.objects.get(pk=organization_id))
    except (LookupError, Role.DoesNotExist):  # an own role that the file has just taken away
        return None


def _roles_given(actor: Access, before: OrganizationState, change: OrganizationChange) -> Iterator[Problem]:
    for held, scope, receiver, obj in _given(before, change):
        role = role_named(held.role, scope, change.organization)
        try:
            refuse_escalation(giver=actor, receiver=receiver, role=role, obj=obj)
        except WouldEscalate as refusal:
            yield Problem(held.line, str(refusal))


def _given(
    before: OrganizationState, change: OrganizationChange
) -> Iterator[tuple[Held, Scope, User | None, Model]]:
    """Yield every role that the file gives and that was not so before: what, at which scope, to whom, where."""
    wanted, users = change.wanted, change.users
    for email, person in wanted.people.items():
        was = before.people.get(email)
        if person.held is not None and (was is None or was.held != person.held):
            yield person.held, Scope.ORGANIZATION, users[email], change.organization
    for slug, team in wanted.teams.items():
        old = before.teams.get(slug)
        for email, held in team.members.items():
            if old is None or old.members.get(email) != held:
                yield held, Scope.TEAM, users[email], change.teams[slug]
        for profile, held in team.profiles.items():
            if old is None or old.profiles.get(profile) != held:
                yield held, Scope.PROFILE, None, change.profiles[profile]
    for key, grant in wanted.grants.items():
        if key not in before.grants or before.grants[key].held != grant.held:
            yield grant.held, Scope.PROFILE, users[grant.person], change.profiles[grant.profile]
    for slug, partner in wanted.partners.items():
        shared = before.partners[slug].grants if slug in before.partners else {}
        for profile, held in partner.grants.items():
            if shared.get(profile) != held:
                yield held, Scope.PROFILE, None, change.profiles[profile]


def refuse_gains_of(actor: Access, deltas: Iterable[Delta], wanted: OrganizationState) -> None:
    """Raise FileRefused if anybody gains, now or later, by whatever way, what the actor does not hold there."""
    gaining = [delta for delta in deltas if delta.gained]
    users = User.objects.in_bulk([delta.person_id for delta in gaining])
    held_on = _Held(actor, {delta.scope: set() for delta in gaining}, gaining)
    problems = []
    for delta in gaining:
        person = users[delta.person_id]
        line = wanted.people[person.email].line if person.email in wanted.people else wanted.line
        if delta.person_id == actor.user.pk:
            reason = _("You cannot change your own access. Ask somebody else who manages it.")
            problems.append(Problem(line, reason))
            continue
        for pk in delta.object_ids:
            if missing := sorted(beyond(delta.gained, held_on(delta.scope, pk))):
                reason = _(
                    "This would let %(person)s do more on %(object)s than you may yourself: %(action)s."
                )
                values = {"person": person, "object": held_on.name(delta.scope, pk)}
                action = catalogue.get(missing[0]).label
                problems.append(Problem(line, reason % (values | {"action": action})))
                break
    if problems:
        raise FileRefused(*problems[:PROBLEMS_TOLD])


class _Held:
    """What the actor held before the change on each of the objects that somebody gains something on."""

    def __init__(self, actor: Access, wanted: dict[Scope, set[int]], deltas: Iterable[Delta]) -> None:
        self.actor = actor
        for delta in deltas:
            wanted[delta.scope] |= set(delta.object_ids)
        tables = {Scope.TEAM: Team, Scope.PROFILE: SocialProfile}
        self.objects: dict[tuple[Scope, int], Model] = {
            (scope, pk): obj
            for scope, table in tables.items()
            for pk, obj in table.objects.in_bulk(wanted.get(scope, ())).items()  # type: ignore[attr-defined]
        }
        organization = Organization.objects.get(pk=actor.organization_id)
        self.objects[Scope.ORGANIZATION, organization.pk] = organization
        self.found: dict[tuple[Scope, int], frozenset[str]] = {}

    def __call__(self, scope: Scope, pk: int) -> frozenset[str]:
        key = (scope, pk)
        if key not in self.found:
            sources = self.actor.sources(self.objects[key]) if key in self.objects else ()
            self.found[key] = frozenset(action for source in sources for action in source.role.actions)
        return self.found[key]

    def name(self, scope: Scope, pk: int) -> str:
        return str(self.objects.get((scope, pk), ""))
