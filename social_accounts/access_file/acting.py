"""Loading a file as the administrator who sends it: over the API and in the browser, where R9 holds.

He needs the right to load, and for each kind of change the right he would need on its page. Nobody gains what he does
not hold himself, nothing of his own changes, and who does not exist yet gets an invitation instead of an account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from orgs.models import Invitation, Organization, Workspace
from orgs.services.invitations import InvitationError, Offer, invite_members
from permissions.catalogue import Scope
from permissions.changes import end_change
from permissions.checker import Access
from permissions.errors import WouldEscalate
from permissions.services import begin_change
from permissions.what_if_comparing import compare
from permissions.what_if_reading import read as read_ledger
from social_accounts.access_file.applying import AUDIT_ACTION, check_constraints_now
from social_accounts.access_file.comparing import changes
from social_accounts.access_file.escalation import refuse_beyond, refuse_gains_of, role_named
from social_accounts.access_file.gathering import state_of
from social_accounts.access_file.organization import OrganizationChange
from social_accounts.access_file.reading import read
from social_accounts.access_file.rights import require_rights
from social_accounts.access_file.state import FileRefused, OrganizationState, PersonState, Problem

LOAD = "organization.load_access_file"


@dataclass(frozen=True)
class Loaded:
    """What loading changed. ``invited`` got an invitation; ``waiting`` have one and have not accepted."""

    changes: tuple[str, ...]
    invited: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def state_in(text: str, organization: Organization) -> OrganizationState:
    """Return what the file asks of the organization. Raises FileRefused, also where it names another one."""
    states = read(text)
    for state in states:
        if state.slug != organization.slug:
            reason = _("this is the access file of %(here)s; “%(there)s” is loaded in its own organization.")
            raise FileRefused(Problem(state.line, reason % {"here": organization.slug, "there": state.slug}))
    return states[0]


@transaction.atomic
def load_as(*, actor: Access, organization: Organization, state: OrganizationState, now: datetime) -> Loaded:
    """Make the organization equal to the state, as far as the actor may: all of it or nothing.

    Raises FileRefused with a line for whatever the file must not do, and NotAllowed for a right that is missing.
    """
    actor = begin_change(actor, now)
    actor.require(LOAD, organization)
    before = state_of(organization)
    wanted, strangers = _members_only(before, state)
    require_rights(actor, organization, before, wanted, are_new=bool(strangers))
    refuse_own_changes(actor, before, wanted)
    ledger = read_ledger(organization.pk)
    if changes(before, wanted):
        users = {user.email: user for user in User.objects.filter(email__in=list(wanted.people))}
        change = OrganizationChange(organization, wanted, users, now, {state.slug}, giver=actor.user)
        change.make()
        refuse_beyond(actor, before, change)
        deltas = compare(ledger.ledger, read_ledger(organization.pk, earlier=ledger).ledger, now)
        refuse_gains_of(actor, deltas, wanted)
    invited, waiting = _invite(actor, organization, strangers, now)
    after = state_of(Organization.objects.get(pk=organization.pk))
    if left := changes(after, wanted):
        raise RuntimeError(f"{organization.slug} did not become what the file says: {'; '.join(left)}")
    lines = changes(before, after) + [f"+ invitation {email}" for email in invited]
    check_constraints_now()
    if lines:
        end_change(actor=actor.user, action=AUDIT_ACTION, obj=organization, at=now, after={"changes": lines})
    return Loaded(tuple(lines), tuple(invited), tuple(waiting))


def _members_only(
    before: OrganizationState, state: OrganizationState
) -> tuple[OrganizationState, list[PersonState]]:
    """Return the state without those who are no members yet, and them: what the file gives them waits for their yes."""
    strangers = [person for email, person in state.people.items() if email not in before.people]
    if not strangers:
        return state, []
    absent = {person.email for person in strangers}
    wanted = replace(
        state,
        people={email: person for email, person in state.people.items() if email not in absent},
        teams={
            slug: replace(
                team, members={email: held for email, held in team.members.items() if email not in absent}
            )
            for slug, team in state.teams.items()
        },
        grants={key: grant for key, grant in state.grants.items() if grant.person not in absent},
    )
    return wanted, strangers


def refuse_own_changes(actor: Access, before: OrganizationState, wanted: OrganizationState) -> None:
    """Raise FileRefused if the file says anything else of the actor himself than what is so."""
    me = actor.user.email
    if own_lines(before, me) != own_lines(wanted, me):
        person = wanted.people.get(me)
        raise FileRefused(
            Problem(
                person.line if person else wanted.line,
                _("You cannot change your own access. Ask somebody else who manages it."),
            )
        )


def own_lines(state: OrganizationState, email: str) -> tuple[object, ...]:
    """Return everything a state says of one person."""
    return (
        state.people.get(email),
        {slug: team.members[email] for slug, team in state.teams.items() if email in team.members},
        {key: grant.held for key, grant in state.grants.items() if grant.person == email},
    )


def _invite(
    actor: Access, organization: Organization, strangers: Iterable[PersonState], now: datetime
) -> tuple[list[str], list[str]]:
    workspaces: Mapping[str, Workspace] = {row.slug: row for row in Workspace.objects.all()}
    already = set(Invitation.objects.open(now).values_list("email", flat=True))
    invited, waiting = [], []
    for person in strangers:
        if person.email in already:
            waiting.append(person.email)
            continue
        _invite_one(actor, organization, person, workspaces, now)
        invited.append(person.email)
    return invited, waiting


def _invite_one(
    actor: Access,
    organization: Organization,
    person: PersonState,
    workspaces: Mapping[str, Workspace],
    now: datetime,
) -> None:
    assert person.held is not None, "a person without a role is refused when the file is read"
    listed: Collection[str] = person.workspaces or ()
    offer = Offer(
        role=role_named(person.held.role, Scope.ORGANIZATION, organization),
        reaches_all_workspaces=person.workspaces is None,
        workspaces=[workspaces[slug] for slug in listed],
    )
    try:
        invite_members(
            actor=actor,
            organization=organization,
            emails=[person.email],
            offer=offer,
            language=actor.user.language,
            message="",
            now=now,
        )
    except (InvitationError, WouldEscalate) as refusal:
        raise FileRefused(Problem(person.line, str(refusal))) from refusal
