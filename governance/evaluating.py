"""Where a rule does not hold, by the rights that people really have: the checker's own answers, for everybody.

A change is asked about only where it can have touched something (``permissions.changes.Touched``). Rules that forbid
look at every moment from now on, so that a window that opens later is refused when it is given. Rules that demand look
at now, and are asked again when a window ends. Support staff on a visit are not looked at: security settings let them
in or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db.models import Q

from accounts.models import User
from governance.candidates import candidates
from governance.models import Assertion
from orgs.models import Organization
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.changes import EVERYTHING, Touched
from permissions.checker import Access, load_accesses
from permissions.giving import edges
from permissions.scopes import Standing, tables_of
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant, SocialProfile

THE_ORGANIZATION: Final = 0  # the place of actions of the organization; profiles are named by their ids
PEOPLE_AT_ONCE: Final = 200
WITHOUT_END: Final = -1_000_000  # worse than any number of days
Places = frozenset[int]
NOWHERE: Places = frozenset()


@dataclass(frozen=True)
class Break:
    """One place where the rule does not hold. ``amount``: how far from holding; the less, the worse."""

    key: str
    user_id: int | None = None
    profile_id: int | None = None
    partner: str = ""
    amount: int = 0


class Evaluation:
    """Rules asked of one organization at one moment, about what a change can have touched. The organization is open."""

    def __init__(self, organization_id: int, now: datetime, what: Touched = EVERYTHING) -> None:
        self.organization_id = organization_id
        self.now = now
        self.what = what
        self._accesses: dict[int, Access] = {}
        self.next_edge: datetime | None = None  # of whatever was looked at: when the answer may be another

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
        where = self.places(rule)
        for access in self._holders(rule.action, where):
            affiliations = access.snapshot.standing.affiliations if access.snapshot.standing else ()
            if affiliations:
                partner = ", ".join(sorted({one.partner for one in affiliations}))
                for place in sorted(self._ever(access, rule.action, where)):
                    yield _break(access.user.pk, place, partner=partner)

    def _not_both(self, rule: Assertion) -> Iterator[Break]:
        where = self.places(rule)
        for access in self._holders(rule.action, where):
            both = frozenset().union(
                *(
                    self._at(then, rule.action, where) & self._at(then, rule.other_action, where)
                    for then in self._moments(access)
                )
            )
            for place in sorted(both):
                yield _break(access.user.pk, place)

    def _only(self, rule: Assertion) -> Iterator[Break]:
        where, people, roles = self.places(rule), set(rule.people_ids), set(rule.role_ids)
        for access in self._holders(rule.action, where):
            if access.user.pk in people:
                continue
            beyond = frozenset().union(
                *(
                    self._at(then, rule.action, where)
                    for then in self._moments(access)
                    if then.organization_role is None or then.organization_role.permission_id not in roles
                )
            )
            for place in sorted(beyond):
                yield _break(access.user.pk, place)

    def _second_factor(self, rule: Assertion) -> Iterator[Break]:
        where = self.places(rule)
        holders = [
            access.user
            for access in self._holders(rule.action, where)
            if self._ever(access, rule.action, where)
        ]
        strong = with_second_factor(holders)
        for user in holders:
            if user.pk not in strong:
                yield Break(key=f"u{user.pk}", user_id=user.pk)

    def _at_least(self, rule: Assertion) -> Iterator[Break]:
        """Count members only: what another company does with its people is not for this one to be refused for."""
        wanted, where = rule.number or 0, self.places(rule)
        counts = dict.fromkeys(where, 0)
        missing = set(where)
        # Whoever it was, the others count as well: everybody is looked at until all have enough.
        for access in self._holders(rule.action, where, of_touched=False):
            if not missing:
                return
            if not access.is_member:
                continue
            self._note_edges(access)
            for place in self._at(access, rule.action, frozenset(missing)):
                counts[place] += 1
                if counts[place] >= wanted:
                    missing.discard(place)
        for place in sorted(missing):
            yield Break(key=f"p{place}", profile_id=place or None, amount=counts[place])

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
        for grant in of_people:
            if (days := _days_beyond(grant, longest)) is not None:
                found = _break(grant.user_id, grant.content_object_id, amount=days)
                if found.key not in worst or days < worst[found.key].amount:
                    worst[found.key] = found
        yield from worst.values()
        of_partners = ProfileGroupGrant.objects.filter(
            live, partnership__isnull=False, content_object__in=where
        )
        for shared in of_partners.select_related("partnership__partner"):
            if (days := _days_beyond(shared, longest)) is not None:
                yield _break_of_partner(shared, amount=days)

    # -- who, where -------------------------------------------------------------------------------------------

    @cached_property
    def _profiles(self) -> dict[int, tuple[int, bool]]:
        """Return each profile's workspace, and whether its network knows approval (R6)."""
        with_approval = tables_of(Scope.PROFILE).with_approval
        knowing = set(SocialProfile.objects.filter(with_approval or Q()).values_list("pk", flat=True))
        rows = SocialProfile.objects.values_list("pk", "workspace_id")
        return {pk: (workspace, pk in knowing) for pk, workspace in rows}

    @cached_property
    def _with_approval(self) -> Places:
        return frozenset(pk for pk, (_workspace, knows) in self._profiles.items() if knows)

    @cached_property
    def _organization(self) -> Organization:
        return Organization.objects.get(pk=self.organization_id)

    def places(self, rule: Assertion) -> Places:
        """Return where the rule counts, among what was touched."""
        if rule.action and catalogue.get(rule.action).scope is Scope.ORGANIZATION:
            return frozenset({THE_ORGANIZATION})
        found = set(self._profiles)
        if rule.where == Assertion.Where.PROFILES:
            found &= set(rule.profile_ids)
        elif rule.where == Assertion.Where.WORKSPACES:
            within = set(rule.workspace_ids)
            found = {pk for pk in found if self._profiles[pk][0] in within}
        if self.what.profiles is not None:
            found &= self.what.profiles
        return frozenset(found)

    def _holders(self, action: str, where: Places, *, of_touched: bool = True) -> Iterator[Access]:
        """Yield the access of everybody who may possibly hold the action there, read some hundred at once."""
        if not where:
            return
        is_narrow = len(where) < len(self._profiles)
        people = candidates(
            self.organization_id,
            action,
            people=self.what.people if of_touched else None,
            profiles=where if is_narrow and THE_ORGANIZATION not in where else None,
        )
        remaining: Iterator[User] = iter(people)
        while some := list(islice(remaining, PEOPLE_AT_ONCE)):
            yield from self._read(some)

    def _read(self, people: Sequence[User]) -> Iterator[Access]:
        new = [user for user in people if user.pk not in self._accesses]
        if new:
            found = load_accesses(users=new, organization_id=self.organization_id, at=self.now)
            self._accesses |= {pk: _as_if_affiliated(access) for pk, access in found.items()}
        for user in people:
            access = self._accesses[user.pk]
            standing = access.snapshot.standing
            if standing is not None and standing.visit is None:
                yield access

    def _moments(self, access: Access) -> Iterator[Access]:
        """Yield the access as it is now and at every later moment at which it may be another."""
        yield access
        for moment in edges(self.now, access):
            if moment > self.now:
                yield access.at_moment(moment)

    def _note_edges(self, access: Access) -> None:
        later = [moment for moment in edges(self.now, access) if moment > self.now]
        if later:
            self.next_edge = min(later[0], self.next_edge or later[0])

    def _ever(self, access: Access, action: str, where: Places) -> Places:
        return frozenset().union(*(self._at(then, action, where) for then in self._moments(access)))

    def _at(self, access: Access, action: str, where: Places) -> Places:
        """Return where the person may do the action at the access's moment."""
        if catalogue.get(action).scope is Scope.ORGANIZATION:
            return where if access.can(action, self._organization) else NOWHERE
        reach = access.reach(action)
        if reach.is_everywhere:
            found = where & self._with_approval if reach.needs_approval_everywhere else where
        else:
            found = where & (reach.ids | (reach.ids_with_approval & self._with_approval))
        workspaces = access.workspace_ids
        if workspaces is None:
            return found
        return frozenset(pk for pk in found if self._profiles[pk][0] in workspaces)


def with_second_factor(people: Iterable[User]) -> set[int]:
    """Return the ids of those who have set up a second factor."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    rows = Authenticator.objects.filter(user__in=[user.pk for user in people], type__in=kinds)
    return set(rows.values_list("user_id", flat=True))


def _as_if_affiliated(access: Access) -> Access:
    """Look at a partner's person as if the partner let him work: when it does, nobody here is asked."""
    standing = access.snapshot.standing
    if standing is None or not standing.affiliations:
        return access
    lasting: Standing = replace(
        standing,
        affiliations=tuple(
            replace(one, is_active=True, starts_at=None, expires_at=None) for one in standing.affiliations
        ),
    )
    return Access(
        user=access.user,
        organization_id=access.organization_id,
        snapshot=replace(access.snapshot, standing=lasting),
        at=access.at,
    )


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


def _days_beyond(grant: Any, longest: timedelta) -> int | None:
    """Return by how many days a grant is too long, as a negative number; None for one that is short enough."""
    if grant.expires_at is None:
        return WITHOUT_END
    begins = max(grant.starts_at or grant.granted_at, grant.granted_at)
    beyond = grant.expires_at - begins - longest
    return -(beyond.days + 1) if beyond > timedelta(0) else None
