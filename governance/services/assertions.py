"""Making, changing and deleting the rules an organization states about itself."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record_event
from governance.evaluating import Break, Evaluation
from governance.keeping import keep
from governance.kinds import rule_sentence
from governance.models import Assertion, AssertionBreak
from orgs.models import Organization
from permissions.checker import Access
from permissions.errors import Refused
from permissions.services import begin_change

MANAGE: Final = "organization.manage_assertions"
BREAKS_KEPT: Final = 5000


class BrokenNow(Refused):
    """The rule does not hold as things are, and whoever makes it has not said that he knows."""

    def __init__(self, breaks: list[Break]) -> None:
        super().__init__(_("This guardrail does not hold today. Look at what breaks it, then decide."))
        self.breaks = breaks


class TooManyBreaks(Refused):
    """So much breaks the rule that it says nothing. The message is for the person."""


class NameTaken(Refused):
    """Another rule has the name. The message is for the person."""


def try_rule(rule: Assertion, now: datetime) -> list[Break]:
    """Return what breaks the rule as things are. Reads only; the rule may be one that was never saved."""
    return _first(Evaluation(rule.organization_id, now), rule)


def _first(evaluation: Evaluation, rule: Assertion) -> list[Break]:
    """Return as many breaks as are ever kept, and one more: what everybody breaks need not be told to its end."""
    return list(islice(evaluation.breaks(rule), BREAKS_KEPT + 1))


@transaction.atomic
def state_assertion(
    *, actor: Access, organization: Organization, rule: Assertion, now: datetime, knows_breaks: bool = False
) -> Assertion:
    """Make a rule, or change one that is there; from now on no change of access may break it.

    ``knows_breaks``: he has seen where it does not hold; these places are kept as known, and nothing may get worse.
    Raises NotAllowed, NameTaken, BrokenNow and TooManyBreaks.
    """
    actor = begin_change(actor, now)
    actor.require(MANAGE, organization)
    before = _described(Assertion.objects.get(pk=rule.pk)) if rule.pk else None
    evaluation = Evaluation(organization.pk, now)
    breaks = _first(evaluation, rule)
    if len(breaks) > BREAKS_KEPT:
        raise TooManyBreaks(
            _(
                "More than %(count)s places break this guardrail. Make it narrower, or mend some of them first."
            )
            % {"count": BREAKS_KEPT}
        )
    if breaks and not knows_breaks:
        raise BrokenNow(breaks)
    if rule.pk is None:
        rule.made_by_id, rule.made_at = actor.user.pk, now
    rule.checked_at, rule.look_again_at = now, evaluation.next_edge
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise NameTaken(_("Another guardrail is called “%(name)s”.") % {"name": rule.name}) from error
    AssertionBreak.objects.filter(assertion=rule).delete()
    keep(rule, breaks, now)
    record_event(
        actor=actor.user,
        action="assertion.update" if before else "assertion.create",
        obj=rule,
        at=now,
        before=before,
        after=_described(rule) | ({"broken_in": len(breaks)} if breaks else {}),
    )
    return rule


@transaction.atomic
def delete_assertion(
    *, actor: Access, organization: Organization, rule: Assertion, now: datetime, reason: str = ""
) -> None:
    actor = begin_change(actor, now)
    actor.require(MANAGE, organization)
    before = _described(rule)
    Assertion.objects.filter(pk=rule.pk).delete()
    record_event(actor=actor.user, action="assertion.delete", obj=rule, at=now, before=before, reason=reason)


def _described(rule: Assertion) -> dict[str, Any]:
    return {"name": rule.name, "rule": rule_sentence(rule)}


def owner_of(organization: Organization) -> User | None:
    """Return who owns the organization: whom the product writes to when time has broken a rule."""
    grant = organization.user_grants.filter(is_owner=True).select_related("user").first()
    return grant.user if grant else None
