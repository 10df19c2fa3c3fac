"""What time breaks is found here, and told to the owner: nobody made a change that could have been refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from accounts.models import User
from audit.services import record_event
from governance.evaluating import Break
from governance.keeping import look_again, sentences
from governance.kinds import rule_sentence
from governance.models import Assertion
from governance.notices import tell_broken
from governance.services.assertions import owner_of
from orgs.models import Membership, Organization
from permissions.locks import hold_access
from tenancy.context import organization_open, unscoped

AT_LEAST_EVERY: Final = timedelta(hours=6)  # whatever the edges say: a net below the net
TOLD_IN_MAIL: Final = 10


def due(now: datetime) -> QuerySet[Assertion]:
    return Assertion.objects.filter(Q(look_again_at__lte=now) | Q(checked_at__lte=now - AT_LEAST_EVERY))


def organizations_due(now: datetime) -> list[int]:
    """Return the organizations whose rules are to be looked at again."""
    with unscoped():  # periodic work looks for rows of every tenant, and opens each one by itself
        return list(due(now).order_by().values_list("organization_id", flat=True).distinct())


def look_again_at_due(*, organization: Organization, now: datetime) -> int:
    """Look at every due rule of the open organization; tell the owner what time has broken. Return how many."""
    hold_access(organization.pk)
    broken = 0
    for rule in due(now).order_by("name"):
        if new := look_again(rule, now):
            broken += 1
            record_event(
                actor=None, action="assertion.broken", obj=rule, at=now, after={"broken_in": len(new)}
            )
            _tell_owner(organization, rule, new)
    return broken


def look_again_at_second_factors(*, user: User, **_signal: Any) -> None:
    """Note, when somebody set up a second factor or took one away, that rules about them are to be asked again."""
    with unscoped():  # a person's memberships lie across tenants
        rules = Assertion.objects.filter(kind=Assertion.Kind.SECOND_FACTOR)
        rules.filter(organization__in=Membership.objects.filter(user=user).values("organization")).update(
            look_again_at=timezone.now()
        )


def _tell_owner(organization: Organization, rule: Assertion, new: list[Break]) -> None:
    owner = owner_of(organization)
    if owner is None:
        return
    with organization_open(organization.pk), translation.override(owner.language):
        # A rule is told in many pieces; its owner reads the language he speaks now.
        told = sentences(rule, new[:TOLD_IN_MAIL])
        sentence = rule_sentence(rule)
        tell_broken(owner, rule, organization, sentence=sentence, breaks=told, more=len(new) - len(told))
