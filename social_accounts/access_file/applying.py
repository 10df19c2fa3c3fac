"""Making organizations equal to a file: all or nothing, and nothing the second time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import connection, transaction

from accounts.models import User
from orgs.models import Organization
from permissions.changes import end_change, note_state_before
from permissions.errors import BreaksAssertion
from permissions.locks import change_access
from social_accounts.access_file.comparing import changes
from social_accounts.access_file.gathering import state_of
from social_accounts.access_file.organization import OrganizationChange
from social_accounts.access_file.state import FileRefused, OrganizationState, Problem
from tenancy.context import organization_open

AUDIT_ACTION = "organization.load_access_file"


@dataclass(frozen=True)
class Outcome:
    """What loading changed (or, in a dry run, would change) in one organization."""

    slug: str
    changes: tuple[str, ...]


def load(states: Sequence[OrganizationState], *, now: datetime, is_dry_run: bool = False) -> list[Outcome]:
    """Make the organizations equal to the states, in one transaction. Raises FileRefused; then nothing is changed.

    The operator's door: nobody's rights bind it (R9). Safe to repeat: a second time changes nothing and leaves no
    audit event. A dry run does everything and takes it back.
    """
    with transaction.atomic():
        organizations = _locked(states, now)
        people, created = _people(states, now)
        outcomes = []
        for state in states:
            organization, is_new = organizations[state.slug]
            with organization_open(organization.pk):
                note_state_before(organization.pk, now)
                lines = _load_one(organization, state, people, named=organizations, now=now, is_new=is_new)
                joined = sorted(state.people.keys() & created)
                created.difference_update(joined)
                lines = [f"+ account {email}, without a password" for email in joined] + lines
                if lines:
                    _record(organization, state, lines, now)
            outcomes.append(Outcome(state.slug, tuple(lines)))
        check_constraints_now()
        if is_dry_run:
            transaction.set_rollback(True)
    return outcomes


def _record(organization: Organization, state: OrganizationState, lines: list[str], now: datetime) -> None:
    """End the change of one organization. What its own guardrails refuse, the file is refused for."""
    try:
        end_change(actor=None, action=AUDIT_ACTION, obj=organization, at=now, after={"changes": lines})
    except BreaksAssertion as refusal:
        raise FileRefused(Problem(state.line, str(refusal))) from refusal


def _locked(states: Iterable[OrganizationState], now: datetime) -> dict[str, tuple[Organization, bool]]:
    """Return each organization, and whether it is new; from here on nobody acts in one or changes its access.

    Locked in the order of their ids, so that two loads that name the same ones wait instead of dying.
    """
    wanted = {state.slug: state for state in states}
    known = set(Organization.objects.filter(slug__in=wanted).values_list("slug", flat=True))
    for slug, state in wanted.items():
        if slug not in known:
            Organization.objects.create(
                slug=slug,
                name=state.name,
                packs=list(state.packs),
                two_factor=state.two_factor,
                created_at=now,
            )
    named = Organization.objects.filter(slug__in=wanted).order_by("pk")
    for organization_id in list(named.values_list("pk", flat=True)):
        change_access(organization_id)
    # Read only now: while this waited, another may have changed what is compared below.
    return {organization.slug: (organization, organization.slug not in known) for organization in named.all()}


def _people(states: Iterable[OrganizationState], now: datetime) -> tuple[Mapping[str, User], set[str]]:
    """Return everybody the file names by e-mail address, and which of them were created.

    Who is new gets an account without a password and no mail: he chooses one by "forgot password", which proves
    that the address is his. Raises FileRefused for an address by which somebody has an account of another name.
    """
    wanted = {person.email: person for state in states for person in state.people.values()}
    people = {user.email: user for user in User.objects.filter(email__in=wanted)}
    new = sorted(wanted.keys() - people.keys())
    taken = EmailAddress.objects.filter(email__in=new, verified=True).select_related("user")
    if problems := [
        Problem(
            wanted[row.email].line, f"{row.email} is another address of {row.user.email}: name him by that."
        )
        for row in taken
    ]:
        raise FileRefused(*problems)
    accounts = [
        User(email=email, name=wanted[email].name or email.partition("@")[0], date_joined=now)
        for email in new
    ]
    for account in accounts:
        account.set_unusable_password()
    for account in User.objects.bulk_create(accounts):
        people[account.email] = account
    EmailAddress.objects.bulk_create(
        EmailAddress(user=account, email=account.email, verified=False, primary=True) for account in accounts
    )
    return people, set(new)


def _load_one(
    organization: Organization,
    state: OrganizationState,
    people: Mapping[str, User],
    *,
    named: Collection[str],
    now: datetime,
    is_new: bool,
) -> list[str]:
    before = state_of(organization)
    if not is_new and not changes(before, state):
        return []
    OrganizationChange(organization, state, people, now, named).make()
    after = state_of(Organization.objects.get(pk=organization.pk))
    if left := changes(after, state):
        raise RuntimeError(f"{organization.slug} did not become what the file says: {'; '.join(left)}")
    return changes(None if is_new else before, after)


def check_constraints_now() -> None:
    """Let what PostgreSQL would only look at on commit fail here, so that a dry run fails as the real one would."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
