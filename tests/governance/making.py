"""One of everything that the addresses of guardrails and reviews name, for the tests of every page."""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.models import Assertion, AssertionBreak, Review, Reviewer, ReviewLine
from governance.report import canonical, digest_of
from governance.selectors.gathering import gather
from tests.cast import Acme


def make_governed(acme: Acme, now: datetime) -> tuple[Assertion, Review, ReviewLine]:
    """Make a broken guardrail, and a review of News that Olga has signed off. Acme is open.

    The guardrail is about a profile that is gone, so that it refuses nothing of what the tests do.
    """
    rule = Assertion.objects.create(
        name="Two who manage",
        kind=Assertion.Kind.AT_LEAST,
        action="profile.manage_profile_access",
        number=9,
        where=Assertion.Where.PROFILES,
        profile_ids=[0],
        made_by=acme.olga,
        made_at=now,
        checked_at=now,
    )
    AssertionBreak.objects.create(
        assertion=rule, key=f"p{acme.news.pk}", profile=acme.news, amount=2, found_at=now
    )
    review = Review.objects.create(
        kind=Review.Kind.PROFILE,
        profile=acme.news,
        subject=str(acme.news),
        opened_by=acme.olga,
        opened_at=now - timedelta(days=8),
        due_on=(now - timedelta(days=1)).date(),
    )
    lines = gather(review, now)
    for line in lines:
        line.review, line.decision, line.decided_by, line.decided_at = review, "keep", acme.olga, now
    ReviewLine.objects.bulk_create(lines)
    Reviewer.objects.create(review=review, user=acme.olga)
    review.signed_by, review.signed_at = acme.olga, now
    review.report = canonical(review, acme.organization, lines)
    review.report_digest = digest_of(review.report)
    review.event_sequence, review.event_digest = 1, "0" * 64
    review.save()
    return rule, review, lines[0]
