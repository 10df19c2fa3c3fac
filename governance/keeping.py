"""Keeping the rules: a change that would break one that held is refused, with its name; what time breaks is noted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from governance.evaluating import Break, Evaluation
from governance.kinds import break_sentence, rule_sentence
from governance.models import Assertion, AssertionBreak
from permissions.changes import Touched
from permissions.errors import BreaksAssertion
from social_accounts.models import SocialProfile

TOLD_AT_ONCE = 3


class KeepsAssertions:
    """The check that ``permissions.changes.end_change`` asks at the end of every change of access."""

    def before(self, organization_id: int, now: datetime) -> None:
        """A window may have ended since the last look: what is broken by that, this change did not break."""
        for rule in Assertion.objects.filter(look_again_at__lte=now):
            look_again(rule, now)

    def after(self, organization_id: int, what: Touched, now: datetime) -> None:
        rules = list(Assertion.objects.order_by("name"))
        if not rules:
            return
        evaluation = Evaluation(organization_id, now, what)
        for rule in rules:
            _keep(rule, evaluation)


def _keep(rule: Assertion, evaluation: Evaluation) -> None:
    """Refuse what makes the rule worse; forget the breaks that the change has mended."""
    what, now = evaluation.what, evaluation.now
    evaluation.next_edge = None
    found = {one.key: one for one in evaluation.breaks(rule)}
    known = {row.key: row for row in known_among(rule, what)}
    worse = [one for key, one in found.items() if key not in known or one.amount < known[key].amount]
    if worse:
        raise BreaksAssertion(refusal(rule, worse))
    for key, one in found.items():
        if one.amount != known[key].amount:
            AssertionBreak.objects.filter(pk=known[key].pk).update(amount=one.amount)
    gone = [row.pk for key, row in known.items() if key not in found]
    look_again_at = evaluation.next_edge
    if gone and rule.kind == Assertion.Kind.SECOND_FACTOR and what.profiles is not None:
        look_again_at = now  # kept by person: elsewhere he may go on doing what it is about
    elif gone:
        AssertionBreak.objects.filter(pk__in=gone).delete()
    if look_again_at and (rule.look_again_at is None or look_again_at < rule.look_again_at):
        Assertion.objects.filter(pk=rule.pk).update(look_again_at=look_again_at)


def known_among(rule: Assertion, what: Touched) -> QuerySet[AssertionBreak]:
    """Return the known breaks among what was touched: those that the evaluation would find again."""
    rows = AssertionBreak.objects.filter(assertion=rule)
    if what.people is not None and rule.kind != Assertion.Kind.AT_LEAST:
        rows = rows.filter(Q(user__in=what.people) | Q(user=None))
    if what.profiles is not None:
        rows = rows.filter(Q(profile__in=what.profiles) | Q(profile=None))
    return rows


def refusal(rule: Assertion, breaks: Iterable[Break]) -> str:
    """Return what the person reads: the rule by its name, what it says, and who and where would break it."""
    found = list(breaks)
    told = " ".join(sentences(rule, found[:TOLD_AT_ONCE]))
    more = len(found) - TOLD_AT_ONCE
    if more > 0:
        told += " " + _("And %(count)s more.") % {"count": more}
    return _("This would break the guardrail “%(name)s”: %(rule)s %(where)s") % {
        "name": rule.name,
        "rule": rule_sentence(rule),
        "where": told,
    }


def sentences(rule: Assertion, breaks: Iterable[Break]) -> list[str]:
    """Return a sentence for each break."""
    found = list(breaks)
    people = User.objects.in_bulk([one.user_id for one in found if one.user_id])
    profiles = SocialProfile.objects.in_bulk([one.profile_id for one in found if one.profile_id])
    return [
        break_sentence(
            rule,
            person=people.get(one.user_id) if one.user_id else None,
            profile=profiles.get(one.profile_id) if one.profile_id else None,
            partner=one.partner,
            amount=one.amount,
        )
        for one in found
    ]


def look_again(rule: Assertion, now: datetime) -> list[Break]:
    """Look at the whole rule, keep what is found as known, and return what was not known before."""
    evaluation = Evaluation(rule.organization_id, now)
    found = {one.key: one for one in evaluation.breaks(rule)}
    known = {row.key: row for row in AssertionBreak.objects.filter(assertion=rule)}
    AssertionBreak.objects.filter(pk__in=[row.pk for key, row in known.items() if key not in found]).delete()
    new = [one for key, one in found.items() if key not in known]
    keep(rule, new, now)
    for key, row in known.items():
        if key in found and found[key].amount != row.amount:
            AssertionBreak.objects.filter(pk=row.pk).update(amount=found[key].amount)
    rule.checked_at, rule.look_again_at = now, evaluation.next_edge
    Assertion.objects.filter(pk=rule.pk).update(checked_at=now, look_again_at=evaluation.next_edge)
    return new


def keep(rule: Assertion, breaks: Iterable[Break], now: datetime) -> None:
    AssertionBreak.objects.bulk_create(
        AssertionBreak(
            assertion=rule,
            key=one.key,
            user_id=one.user_id,
            profile_id=one.profile_id,
            partner=one.partner[:80],
            amount=one.amount,
            found_at=now,
        )
        for one in breaks
    )
