"""Where a rule does not hold, by the rights that people really have, read in sets for everybody at once.

The reading is the what-if's (``permissions/what_if_rights.py``), which the reference evaluator holds to the rules. A
change is asked about only where it can have touched something (``permissions.changes.Touched``). Rules that forbid look
at every moment from now on, so that a window that opens later is refused when it is given. Rules that demand look at
now, and are asked again when a window ends. Support staff on a visit are not looked at: security settings let them in
or not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db.models import Q

from governance.candidates import by_organization_role, candidates
from governance.models import Assertion
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.changes import EVERYTHING, Touched
from permissions.scopes import Standing
from permissions.what_if_reading import Ledger, read
from permissions.what_if_rights import Held, Holdings, Meaning
from permissions.what_if_sets import Mask
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, ProfileUserGrant, SocialProfile

FIRST_LOOKED_AT: Final = 200  # of those who may by their organization role: usually they are enough
WITHOUT_END: Final = -1_000_000  # worse than any number of days
NOWHERE: Final[Mask] = 0
THE_ORGANIZATION: Final[Mask] = 1  # the only place of actions of the organization


@dataclass(frozen=True)
class Break:
    """One place where the rule does not hold. ``amount``: how far from holding; the less, the worse."""

    key: str
    user_id: int | None = None
    profile_id: int | None = None
    partner: str = ""
    amount: int = 0


class Rights:
    """What some people may do where, at any moment. Places are sets of bits, which every reading gives anew."""

    def __init__(self, organization_id: int, people: Collection[int] | None) -> None:
        self.ledger = _as_if_affiliated(read(organization_id, people).ledger)
        self._holdings = Holdings(self.ledger)
        self._meaning = Meaning(self.ledger.roles, {})

    def people(self) -> Iterator[tuple[int, Standing]]:
        """Yield members and partners' people, each with his standing."""
        for person in sorted(self.ledger.standings):
            standing = self.ledger.standings[person]
            if standing.visit is None:
                yield person, standing

    def held(self, person: int, at: datetime) -> Held:
        return self._holdings.at(person, at)

    def held_from(self, person: int, now: datetime) -> Iterator[Held]:
        """Yield what he holds now, and at every later moment at which it may be something else."""
        yield self._holdings.at(person, now)
        for moment in sorted({edge for edge in self._holdings.edges(person) if edge > now}):
            yield self._holdings.at(person, moment)

    def next_edge(self, person: int, now: datetime) -> datetime | None:
        return min((edge for edge in self._holdings.edges(person) if edge > now), default=None)

    def where(self, held: Held, action: str) -> Mask:
        """Return the places where what is held allows the action."""
        scope = catalogue.get(action).scope
        found = NOWHERE
        for place, objects in held.items():
            if place.scope is scope and action in self._meaning.of(place):
                found |= objects
        return found

    def ever(self, person: int, action: str, now: datetime) -> Mask:
        found = NOWHERE
        for held in self.held_from(person, now):
            found |= self.where(held, action)
        return found

    def organization_role(self, held: Held) -> object:
        """Return the permission of the organization role among what is held."""
        return next((next(iter(p.tokens)) for p in held if p.scope is Scope.ORGANIZATION), None)


class Evaluation:
    """Rules asked of one organization at one moment, about what a change can have touched. The organization is open."""

    def __init__(self, organization_id: int, now: datetime, what: Touched = EVERYTHING) -> None:
        self.organization_id = organization_id
        self.now = now
        self.what = what
        self.next_edge: datetime | None = None  # of whatever was counted: when the answer may be another
        self._read: dict[frozenset[int] | None, Rights] = {}

    def breaks(self, rule: Assertion) -> Iterator[Break]:
        """Yield each place where the rule does not hold, among what was touched."""
        ways: dict[str, Callable[[Assertion], Iterator[Break]]] = {
            Assertion.Kind.NO_PARTNER_MAY: self._no_partner_may,
            Assertion.Kind.AT_LEAST: self._at_least,
            Assertion.Kind.NOT_BOTH: self._not_both,
            Assertion.Kind.ONLY: self._only,
            Assertion.Kind.SECOND_FACTOR: self._second_factor,
            Assertion.Kind.PARTNER_GRANTS_END: self._partner_grants_end,
            Assertion.Kind.GRANTS_AT_MOST: self._grants_at_most,
        }
        return ways[rule.kind](rule)

    # -- the kinds --------------------------------------------------------------------------------------------

    def _no_partner_may(self, rule: Assertion) -> Iterator[Break]:
        handed_on = set(ProfileAssignment.objects.values_list("user", flat=True).distinct())
        rights = self._rights(handed_on if self.what.people is None else handed_on & self.what.people)
        where = self._where(rule, rights)
        for person, standing in rights.people():
            if standing.affiliations:
                partner = ", ".join(sorted({one.partner for one in standing.affiliations}))
                places = rights.ever(person, rule.action, self.now) & where
                yield from self._at_each(rule, rights, person, places, partner)

    def _not_both(self, rule: Assertion) -> Iterator[Break]:
        rights = self._rights_of_touched(rule)
        where = self._where(rule, rights)
        for person, _standing in rights.people():
            both = NOWHERE
            for held in rights.held_from(person, self.now):
                both |= rights.where(held, rule.action) & rights.where(held, rule.other_action)
            yield from self._at_each(rule, rights, person, both & where)

    def _only(self, rule: Assertion) -> Iterator[Break]:
        rights, people, roles = self._rights_of_touched(rule), set(rule.people_ids), set(rule.role_ids)
        where = self._where(rule, rights)
        for person, _standing in rights.people():
            if person in people:
                continue
            beyond = NOWHERE
            for held in rights.held_from(person, self.now):
                if rights.organization_role(held) not in roles:
                    beyond |= rights.where(held, rule.action)
            yield from self._at_each(rule, rights, person, beyond & where)

    def _second_factor(self, rule: Assertion) -> Iterator[Break]:
        rights = self._rights_of_touched(rule)
        where = self._where(rule, rights)
        holders = [
            person
            for person, _standing in rights.people()
            if rights.ever(person, rule.action, self.now) & where
        ]
        strong = with_second_factor(holders)
        yield from (Break(key=f"u{person}", user_id=person) for person in holders if person not in strong)

    def _at_least(self, rule: Assertion) -> Iterator[Break]:
        """Count members only: what another company does with its people is not for this one to be refused for.

        Whoever it was that was touched, the others count as well. Those by their organization role are usually enough;
        everybody is read only where they are not.
        """
        first = by_organization_role(self.organization_id, rule.action)[:FIRST_LOOKED_AT]
        found = self._too_few(rule, self._rights(set(first)))
        if found:
            found = self._too_few(rule, self._rights(None))
        for place, count in sorted(found.items()):
            yield Break(key=f"p{place}", profile_id=place or None, amount=count)

    def _too_few(self, rule: Assertion, rights: Rights) -> dict[int, int]:
        """Return the places where fewer than wanted may, each with how many do; 0 is the organization."""
        where, edges = self._where(rule, rights), []
        reached = [NOWHERE] * (rule.number or 1)  # at position n: the places where more than n may
        for person, standing in rights.people():
            if not where & ~reached[-1]:
                break
            if not standing.is_member:
                continue
            places = rights.where(rights.held(person, self.now), rule.action) & where
            if places and (edge := rights.next_edge(person, self.now)):
                edges.append(edge)
            for position, so_far in enumerate(reached):
                places, reached[position] = places & so_far, places | so_far
        self.next_edge = min(edges, default=None)
        missing = where & ~reached[-1]
        counts = dict.fromkeys(self._ids(rule, rights, missing), 0)
        for position, places in enumerate(reached, start=1):
            counts |= dict.fromkeys(self._ids(rule, rights, places & missing), position)
        return counts

    def _partner_grants_end(self, rule: Assertion) -> Iterator[Break]:
        grants = ProfileGroupGrant.objects.filter(
            partnership__isnull=False, expires_at=None, content_object__in=self.places(rule)
        )
        for grant in grants.select_related("partnership__partner"):
            yield _break_of_partner(grant)

    def _grants_at_most(self, rule: Assertion) -> Iterator[Break]:
        """By person and profile, not by row: giving another role in place of one that is too long is nothing worse."""
        longest = timedelta(days=rule.number or 0)
        live = Q(expires_at=None) | Q(expires_at__gt=self.now)
        where = self.places(rule)
        of_people = ProfileUserGrant.objects.filter(live, content_object__in=where)
        if self.what.people is not None:
            of_people = of_people.filter(user__in=self.what.people)
        worst: dict[str, Break] = {}
        columns = ("user_id", "content_object_id", "starts_at", "expires_at", "granted_at")
        for user_id, profile_id, starts_at, expires_at, granted_at in of_people.values_list(*columns):
            if (days := _days_beyond(starts_at, expires_at, granted_at, longest)) is not None:
                found = _break(user_id, profile_id, amount=days)
                if found.key not in worst or days < worst[found.key].amount:
                    worst[found.key] = found
        yield from worst.values()
        of_partners = ProfileGroupGrant.objects.filter(
            live, partnership__isnull=False, content_object__in=where
        )
        for shared in of_partners.select_related("partnership__partner"):
            days = _days_beyond(shared.starts_at, shared.expires_at, shared.granted_at, longest)
            if days is not None:
                yield _break_of_partner(shared, amount=days)

    # -- who, where -------------------------------------------------------------------------------------------

    @cached_property
    def _workspaces(self) -> dict[int, int]:
        return dict(SocialProfile.objects.values_list("pk", "workspace_id"))

    def places(self, rule: Assertion) -> frozenset[int]:
        """Return the profiles the rule is about, among what was touched."""
        found = set(self._workspaces)
        if rule.where == Assertion.Where.PROFILES:
            found &= set(rule.profile_ids)
        elif rule.where == Assertion.Where.WORKSPACES:
            within = set(rule.workspace_ids)
            found = {pk for pk in found if self._workspaces[pk] in within}
        if self.what.profiles is not None:
            found &= self.what.profiles
        return frozenset(found)

    def _where(self, rule: Assertion, rights: Rights) -> Mask:
        if _is_of_organization(rule):
            return THE_ORGANIZATION
        return rights.ledger.profile_index.mask(self.places(rule))

    def _ids(self, rule: Assertion, rights: Rights, places: Mask) -> list[int]:
        if _is_of_organization(rule):
            return [0] if places else []
        return sorted(rights.ledger.profile_index.of(places))

    def _at_each(
        self, rule: Assertion, rights: Rights, person: int, places: Mask, partner: str = ""
    ) -> Iterator[Break]:
        for place in self._ids(rule, rights, places) if places else ():
            yield _break(person, place, partner)

    def _rights(self, people: Collection[int] | None) -> Rights:
        """Read the rights of these people, or of everybody; once, however many rules ask."""
        key = None if people is None else frozenset(people)
        if key not in self._read:
            self._read[key] = Rights(self.organization_id, key)
        return self._read[key]

    def _rights_of_touched(self, rule: Assertion) -> Rights:
        """Read whose rights a rule about an action needs: no more than the change can have touched."""
        if self.what.people is not None:
            return self._rights(self.what.people)
        if self.what.profiles is not None and not _is_of_organization(rule):
            return self._rights(candidates(self.organization_id, rule.action, self.places(rule)))
        return self._rights(None)


def with_second_factor(people: Iterable[int]) -> set[int]:
    """Return those of the people who have set up a second factor."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    rows = Authenticator.objects.filter(user__in=list(people), type__in=kinds)
    return set(rows.values_list("user_id", flat=True))


def _is_of_organization(rule: Assertion) -> bool:
    return bool(rule.action) and catalogue.get(rule.action).scope is Scope.ORGANIZATION


def _as_if_affiliated(ledger: Ledger) -> Ledger:
    """Look at partners' people as if their companies let them work: when they do, nobody here is asked."""
    lasting = {
        person: replace(
            standing,
            affiliations=tuple(
                replace(one, is_active=True, starts_at=None, expires_at=None) for one in standing.affiliations
            ),
        )
        for person, standing in ledger.standings.items()
        if standing.affiliations
    }
    return replace(ledger, standings={**ledger.standings, **lasting}) if lasting else ledger


def _break(user_id: int, place: int, partner: str = "", amount: int = 0) -> Break:
    return Break(
        key=f"u{user_id}:p{place}",
        user_id=user_id,
        profile_id=place or None,
        partner=partner,
        amount=amount,
    )


def _break_of_partner(grant: Any, amount: int = 0) -> Break:
    partnership, profile_id = grant.partnership, grant.content_object_id
    return Break(
        key=f"o{partnership.partner_id}:p{profile_id}",
        profile_id=profile_id,
        partner=str(partnership.partner),
        amount=amount,
    )


def _days_beyond(
    starts_at: datetime | None, expires_at: datetime | None, granted_at: datetime, longest: timedelta
) -> int | None:
    """Return by how many days a grant is too long, as a negative number; None for one that is short enough."""
    if expires_at is None:
        return WITHOUT_END
    beyond = expires_at - max(starts_at or granted_at, granted_at) - longest
    return -(beyond.days + 1) if beyond > timedelta(0) else None
