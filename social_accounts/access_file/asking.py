"""Questions on the command line: who may do what, where, and why. Everything is named as in the file."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model

from accounts.models import User
from orgs.models import Membership, Organization, Team
from permissions import catalogue
from permissions.catalogue import Scope, UnknownAction
from permissions.checker import Access, ids_of_people_who_may, load_access
from permissions.explanation import Decision
from permissions.snapshot import Snapshot, load_snapshots
from social_accounts.access_file.state import a
from social_accounts.models import ProfileAssignment, SocialProfile
from tenancy.context import organization_open, unscoped

QUESTION_KEYS = frozenset({"person", "action", "object", "at"})


class BadQuestion(ValueError):
    """It names what is not there, or cannot be asked: an error, never a no (R12)."""


@dataclass
class Asker:
    """Answers questions about now, or any moment, by one reading of each person in each organization.

    Make one per run: what changes while it lives, it does not see. ``within``: only about this organization and its
    people, and what lies outside is as if it were not there.
    """

    now: datetime
    within: Organization | None = None
    people: dict[str, User] = field(default_factory=dict)
    objects: dict[str, tuple[Organization, Model]] = field(default_factory=dict)
    snapshots: dict[tuple[int, int], Snapshot] = field(default_factory=dict)

    def decide(self, person: str, action: str, name: str, at: datetime | None = None) -> Decision:
        """Return the answer with its derivation. Raises BadQuestion."""
        user = self.person(person)
        organization, obj = self.object_for(action, name)
        with organization_open(organization.pk):
            return self.access(user, organization, at).decide(action, obj)

    def objects_of(self, person: str, action: str, at: datetime | None = None) -> list[str]:
        """Return the names of all objects, of every organization, on which the person may do the action."""
        user, scope = self.person(person), self.scope_of(action)
        with unscoped():  # a person's own memberships, and what partners hand him, lie across tenants
            own = set(Membership.objects.filter(user=user).values_list("organization", flat=True))
            own |= set(ProfileAssignment.objects.filter(user=user).values_list("organization", flat=True))
        organizations = list(Organization.objects.filter(pk__in=own))
        return sorted(
            self.name_of(organization, scope, obj)
            for organization in organizations
            for obj in self.objects_in(organization, user, action, at)
        )

    def objects_in(
        self, organization: Organization, user: User, action: str, at: datetime | None = None
    ) -> list[Any]:
        """Return all objects of one organization on which the person may do the action."""
        with organization_open(organization.pk):
            access = self.access(user, organization, at)
            scope = self.scope_of(action)
            if scope is Scope.ORGANIZATION:
                return [organization] if access.can(action, organization) else []
            rows: Any = (Team if scope is Scope.TEAM else SocialProfile).objects.all()
            return list(access.filter(rows, action))

    def people_for(self, action: str, name: str, at: datetime | None = None) -> list[str]:
        """Return the e-mail addresses of all who may do the action on the object, partners' people among them."""
        organization, obj = self.object_for(action, name)
        with organization_open(organization.pk):
            may = ids_of_people_who_may(action, obj, organization_id=organization.pk, at=at or self.now)
            return sorted(User.objects.filter(pk__in=may).values_list("email", flat=True))

    def read_ahead(self, emails: Collection[str]) -> None:
        """Read these people of the one organization at once, so that many questions cost no more than one."""
        assert self.within is not None, "people of one organization are read together"
        users = list(User.objects.filter(email__in=[email.strip().lower() for email in emails]))
        self.people |= {user.email: user for user in users}
        for user_id, snapshot in load_snapshots(self.within.pk, [user.pk for user in users]).items():
            self.snapshots[self.within.pk, user_id] = snapshot

    # -- names ------------------------------------------------------------------------------------------------

    @staticmethod
    def name_of(organization: Organization, scope: Scope, obj: Any) -> str:
        inner = "" if scope is Scope.ORGANIZATION else f"/{obj.slug}"
        return f"{scope}:{organization.slug}{inner}"

    def access(self, user: User, organization: Organization, at: datetime | None) -> Access:
        key = (organization.pk, user.pk)
        moment = at or self.now
        if key not in self.snapshots:
            self.snapshots[key] = load_access(user=user, organization_id=organization.pk, at=moment).snapshot
        return Access(user=user, organization_id=organization.pk, snapshot=self.snapshots[key], at=moment)

    def person(self, email: str) -> User:
        if email not in self.people:
            user = User.objects.filter(email__iexact=email.strip()).first()
            if user is None:
                raise BadQuestion(f"Nobody has the e-mail address “{email}”.")
            self.people[email] = user
        user = self.people[email]
        if self.within is not None and self.access(user, self.within, None).snapshot.standing is None:
            raise BadQuestion(f"Nobody has the e-mail address “{email}”.")
        return user

    @staticmethod
    def scope_of(action: str) -> Scope:
        try:
            return catalogue.get(action).scope
        except UnknownAction as error:
            raise BadQuestion(str(error)) from error

    def object_for(self, action: str, name: str) -> tuple[Organization, Model]:
        scope = self.scope_of(action)
        kind = name.partition(":")[0]
        if kind in list(Scope) and kind != scope:
            raise BadQuestion(f"{action} is asked of {a(scope)}, and “{name}” is {a(Scope(kind))}.")
        slug = name.partition(":")[2].partition("/")[0]
        if self.within is not None and slug and slug != self.within.slug:
            raise BadQuestion(f"There is no organization “{slug}”.")
        if name not in self.objects:
            self.objects[name] = _object_named(name)
        return self.objects[name]


def _object_named(name: str) -> tuple[Organization, Model]:
    kind, _colon, path = name.partition(":")
    slug, _slash, inner = path.partition("/")
    is_whole = kind == Scope.ORGANIZATION and not _slash
    if not is_whole and not (kind in (Scope.TEAM, Scope.PROFILE) and inner):
        raise BadQuestion(
            f"“{name}” names no object: write organization:acme, team:acme/brand or profile:acme/acme-x."
        )
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        raise BadQuestion(f"There is no organization “{slug}”.")
    if is_whole:
        return organization, organization
    table: Any = Team if kind == Scope.TEAM else SocialProfile
    with organization_open(organization.pk):
        obj: Model | None = table.objects.filter(slug=inner).first()
    if obj is None:
        raise BadQuestion(f"There is no {kind} “{inner}” in {slug}.")
    return organization, obj


# -- questions in lines -------------------------------------------------------------------------------------------


def answers(lines: Iterable[str], asker: Asker) -> Iterator[dict[str, Any]]:
    """Yield one answer per question: the question with ``allowed`` and ``why``, or with ``error``."""
    for line in lines:
        if line.strip():
            yield _answer(line, asker)


def _answer(line: str, asker: Asker) -> dict[str, Any]:
    try:
        question = json.loads(line)
    except ValueError as error:
        return {"question": line.strip(), "error": f"This is not JSON: {error}."}
    if not isinstance(question, dict):
        return {"question": question, "error": "A question is a JSON object."}
    try:
        decision = _decide(question, asker)
    except BadQuestion as error:
        return {**question, "error": str(error)}
    return {**question, "allowed": decision.allowed, "why": decision.text}


def _decide(question: Mapping[str, Any], asker: Asker) -> Decision:
    if strange := sorted(question.keys() - QUESTION_KEYS):
        raise BadQuestion(f"A question has no “{strange[0]}”.")
    for key in ("person", "action", "object"):
        if not isinstance(question.get(key), str):
            raise BadQuestion(f"A question needs “{key}”, a text.")
    at = question.get("at")
    moment = None if at is None else moment_of(at)
    return asker.decide(question["person"], question["action"], question["object"], moment)


def moment_of(text: object) -> datetime:
    """Return the moment an ISO 8601 text with a zone names. Raises BadQuestion."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise BadQuestion(f"“{text}” is not a time: write it as 2026-11-21T12:00:00Z.") from None
    if moment.tzinfo is None:
        raise BadQuestion(f"“{text}” needs its zone: write it as 2026-11-21T12:00:00Z.")
    return moment
