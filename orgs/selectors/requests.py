"""Access requests: where one may ask, which roles would do, who may answer, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

from django.db.models import Model, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from orgs.models import AccessRequest, Membership, Organization, OrganizationUserGrant, Team
from permissions import catalogue
from permissions.catalogue import Action, Scope
from permissions.checker import Access, load_accesses
from permissions.giving import MANAGING_ACTIONS, can_give, may_manage_access
from permissions.roles import RoleFacts, roles_by_permission, roles_offered
from permissions.scopes import tables_of

ANSWERS: Final = "organization.answer_access_requests"
COUNTED_MAX: Final = 30  # open requests looked at for the number in the navigation
PLACES_SHOWN: Final = 30
ANSWERS_SHOWN_FOR: Final = timedelta(days=30)


@dataclass(frozen=True)
class Waiting:
    """An open request with what it is about. ``obj`` None: a profile the asker could only describe."""

    request: AccessRequest
    obj: Model | None
    role: RoleFacts | None
    action: Action | None

    @property
    def asker(self) -> User:
        asker: User = self.request.membership.user
        return asker

    @property
    def wanted(self) -> str:
        """Return the name of what is asked for."""
        return self.role.label if self.role else str(self.action.label) if self.action else ""


def objects_of(
    requests: Iterable[AccessRequest], organization: Organization
) -> Mapping[tuple[str, int], Model]:
    """Return the objects that requests name, by scope and id, in at most two queries."""
    found: dict[tuple[str, int], Model] = {(Scope.ORGANIZATION.value, organization.pk): organization}
    for scope in (Scope.TEAM, Scope.PROFILE):
        ids = {one.object_id for one in requests if one.scope == scope and one.object_id is not None}
        if ids:
            rows = tables_of(scope).model._default_manager.filter(pk__in=ids)
            found |= {(scope.value, row.pk): row for row in rows}
    return found


def described(requests: Sequence[AccessRequest], organization: Organization) -> list[Waiting]:
    """Return requests with their objects and roles; whose object or action is gone is left out."""
    objects = objects_of(requests, organization)
    roles = roles_by_permission({one.permission_id for one in requests if one.permission_id})
    found = []
    for one in requests:
        obj = objects.get((one.scope, one.object_id)) if one.object_id is not None else None
        action = catalogue.ACTIONS.get(one.action)
        role = roles.get(one.permission_id) if one.permission_id else None
        if (obj is None and one.object_id is not None) or (action is None and role is None):
            continue
        found.append(Waiting(one, obj, role, action))
    return found


def open_requests() -> QuerySet[AccessRequest]:
    found: QuerySet[AccessRequest] = (
        AccessRequest.objects.open().select_related("membership__user").order_by("asked_at", "pk")
    )
    return found


def requests_of(user_id: int, organization: Organization, now: datetime) -> list[Waiting]:
    """Return a person's own requests: those open, and for a while those answered; the newest first."""
    rows = (
        AccessRequest.objects.filter(membership__user=user_id)
        .filter(Q(status=AccessRequest.Status.OPEN) | Q(decided_at__gt=now - ANSWERS_SHOWN_FOR))
        .exclude(status=AccessRequest.Status.WITHDRAWN)
        .select_related("membership__user", "decided_by")
        .order_by("-asked_at", "-pk")
    )
    return described(list(rows), organization)


def requests_to_answer(giver: Access, organization: Organization) -> list[Waiting]:
    """Return the open requests of others that this person may grant as they are asked (R9, H11), oldest first."""
    if not could_answer(giver):
        return []
    rows = list(open_requests().exclude(membership__user=giver.user.pk))
    offered = _Offered(organization)
    return [waiting for waiting in described(rows, organization) if may_answer(giver, waiting, offered)]


def count_to_answer(giver: Access, organization: Organization) -> int:
    """Return how many requests wait for this person, up to a bound: it stands in the navigation of every page."""
    if not could_answer(giver):
        return 0
    rows = list(open_requests().exclude(membership__user=giver.user.pk)[:COUNTED_MAX])
    offered = _Offered(organization)
    return (
        sum(may_answer(giver, waiting, offered) for waiting in described(rows, organization)) if rows else 0
    )


def could_answer(giver: Access) -> bool:
    """Say, without the database, whether there is anything at all that this person may grant."""
    if giver.miss_before_scope() is not None:
        return False
    role = giver.organization_role
    if role is not None and (ANSWERS in role.actions or role.implies):
        return True
    read = giver.snapshot
    managing = {MANAGING_ACTIONS[Scope.TEAM], MANAGING_ACTIONS[Scope.PROFILE]}
    held = chain(read.direct.values(), read.through_teams.values(), read.team_grants.values())
    roles = {grant.role.permission_id: grant.role for grants in held for grant in grants}
    return any(managing & (role.actions | _implied_actions(role)) for role in roles.values())


def _implied_actions(role: RoleFacts) -> frozenset[str]:
    return frozenset(action for implied in role.implies.values() for action in implied.actions)


class _Offered:
    """The roles an organization hands out at each scope, read once."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self._found: dict[Scope, list[RoleFacts]] = {}

    def at(self, scope: Scope) -> list[RoleFacts]:
        if scope not in self._found:
            self._found[scope] = roles_offered(
                packs=self.organization.packs, organization_id=self.organization.pk, scope=scope
            )
        return self._found[scope]


def roles_that_would_do(organization: Organization, scope: Scope, action: str = "") -> list[RoleFacts]:
    """Return the roles of a scope that can be asked for, or those that hold the action: the smallest first."""
    offered = [role for role in _Offered(organization).at(scope) if not role.is_none]
    if not action:
        return offered
    return sorted((role for role in offered if action in role.actions), key=lambda role: len(role.actions))


def may_answer(giver: Access, waiting: Waiting, offered: _Offered | None = None) -> bool:
    """Say whether the person may grant exactly what is asked (R9), as a manager of that level or above (H11)."""
    request = waiting.request
    if request.membership.user_id == giver.user.pk or giver.miss_before_scope() is not None:
        return False
    organization_role = giver.organization_role
    answers_everywhere = organization_role is not None and ANSWERS in organization_role.actions
    if waiting.obj is None:  # only who looks after the whole organization can tell what is meant
        return answers_everywhere
    scope = Scope(request.scope)
    if not may_manage_access(giver, waiting.obj):
        return False
    is_near = scope is not Scope.ORGANIZATION and giver.can(MANAGING_ACTIONS[scope], waiting.obj)
    if not is_near and not answers_everywhere:
        return False
    if waiting.role is not None:
        wanted = [waiting.role]
    else:
        at_scope = (offered or _Offered(request.organization)).at(scope)
        wanted = [role for role in at_scope if request.action in role.actions]
    return any(can_give(giver=giver, receiver=None, role=role, obj=waiting.obj) for role in wanted)


def people_who_may_answer(waiting: Waiting, organization: Organization, now: datetime) -> list[User]:
    """Return those who may grant exactly what is asked: who manages the object itself first, then by name."""
    candidates, near = _candidates(waiting)
    accesses = load_accesses(users=candidates, organization_id=organization.pk, at=now)
    offered = _Offered(organization)
    able = [person for person in candidates if may_answer(accesses[person.pk], waiting, offered)]
    return sorted(able, key=lambda person: (person.pk not in near, person.name, person.pk))


def _candidates(waiting: Waiting) -> tuple[list[User], set[int]]:
    """Return the members whose roles could let them answer, and the ids of those with a role on the object itself."""
    scope = Scope(waiting.request.scope)
    members = Membership.objects.filter(status=Membership.Status.ACTIVE).values("user")
    everywhere = OrganizationUserGrant.objects.filter(permission__role__actions__contains=[ANSWERS])
    wide = set(everywhere.values_list("user", flat=True))
    near: set[int] = set()
    if waiting.obj is not None and scope is not Scope.ORGANIZATION:
        tables = tables_of(scope)
        managing = [MANAGING_ACTIONS[scope]]
        rows = tables.user_grants.objects.filter(content_object=waiting.obj)
        near |= set(rows.filter(permission__role__actions__contains=managing).values_list("user", flat=True))
        if tables.group_grants is not None:
            links = tables.group_grants.objects.filter(content_object=waiting.obj)
            links = links.filter(permission__role__actions__contains=managing)
            near |= set(links.exclude(group__user=None).values_list("group__user", flat=True))
    asker = waiting.request.membership.user_id
    people = User.objects.filter(pk__in=(wide | near) - {asker}).filter(pk__in=members)
    return list(people.order_by("name", "pk")), near


@dataclass(frozen=True)
class Place:
    """Somewhere one can ask for access: what the address and the form call it, and its name."""

    value: str
    label: str
    scope: Scope
    obj: Model | None


ELSEWHERE: Final = "profile:other"


def place_of(value: str, asker: Access, organization: Organization) -> Place | None:
    """Return the place that a text names, as far as the asker sees it; None for anything else."""
    kind, _, key = value.partition(":")
    if kind == Scope.ORGANIZATION:
        return Place(kind, str(organization), Scope.ORGANIZATION, organization)
    if value == ELSEWHERE:
        return Place(value, "", Scope.PROFILE, None)
    if kind not in (Scope.TEAM.value, Scope.PROFILE.value) or not key.isdecimal() or len(key) > 18:
        return None
    obj = tables_of(Scope(kind)).model._default_manager.filter(pk=int(key)).first()
    return Place(value, str(obj), Scope(kind), obj) if obj is not None and asker.sees(obj) else None


def value_of(obj: Model | None, scope: Scope) -> str:
    """Return how addresses name an object, for ``place_of``."""
    if scope is Scope.ORGANIZATION:
        return scope.value
    return ELSEWHERE if obj is None else f"{scope.value}:{obj.pk}"


def places_to_ask(
    asker: Access, organization: Organization, action: str = "", *, matching: str = ""
) -> list[Place]:
    """Return where the asker may want more: the organization, the first teams and profiles he sees and that match.

    With an action only the objects of its scope on which he lacks it.
    """
    wanted = matching.casefold()
    places: list[Place] = []
    for scope in [catalogue.get(action).scope] if action else list(Scope):
        shown = 0
        for obj in _candidates_at(scope, organization):
            if shown == PLACES_SHOWN:
                break
            if (
                wanted not in str(obj).casefold()
                or not asker.sees(obj)
                or (action and asker.can(action, obj))
            ):
                continue
            places.append(Place(value_of(obj, scope), str(obj), scope, obj))
            shown += 1
    return places


def _candidates_at(scope: Scope, organization: Organization) -> Iterable[Model]:
    if scope is Scope.ORGANIZATION:
        return [organization]
    if scope is Scope.TEAM:
        return Team.objects.order_by("name", "pk").iterator()
    rows: Any = tables_of(scope).model._default_manager.order_by("network", "handle", "pk")
    found: Iterable[Model] = rows.iterator()
    return found


def can_ask_for(asker: Access, organization: Organization, action: str, obj: Model | None = None) -> bool:
    """Say whether asking would help: a member acts here, lacks it, and a role that he can be given holds it."""
    what = catalogue.get(action)
    role = asker.organization_role
    if not asker.is_member or asker.miss_before_scope() is not None or role is None or not what.is_available:
        return False
    if obj is not None and asker.can(action, obj):
        return False
    if what.scope is not Scope.ORGANIZATION and what.scope in role.implies and what.scope is Scope.PROFILE:
        return False  # A2: what his organization role brings decides before anything given on a profile
    if role.is_owner and what.scope is Scope.ORGANIZATION:
        return False
    return bool(roles_that_would_do(organization, what.scope, action))


def address_to_ask(asker: Access, organization: Organization, action: str, obj: Model | None = None) -> str:
    """Return where to ask for an action, on the object or wherever one chooses; empty where asking would not help."""
    if not can_ask_for(asker, organization, action, obj):
        return ""
    query = {"action": action}
    if obj is not None:
        query = {"on": value_of(obj, catalogue.get(action).scope), **query}
    return reverse("access_ask", args=[organization.slug], query=query)


def profile_named(text: str) -> Model | None:
    """Return the one profile that goes by this handle, name or short name; None when none or several do."""
    wanted = text.strip()
    rows = tables_of(Scope.PROFILE).model._default_manager.filter(
        Q(handle__iexact=wanted)
        | Q(handle__iexact=f"@{wanted.removeprefix('@')}")
        | Q(name__iexact=wanted)
        | Q(slug__iexact=wanted)
    )[:2]
    found = list(rows)
    return found[0] if len(found) == 1 else None
