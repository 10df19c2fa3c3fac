"""What people are told about guardrails and access reviews."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from governance.models import Assertion, Review
from notifications.kinds import Group, NotificationKind, register_kinds, register_sight
from notifications.telling import notify
from notifications.words import Lines, said
from orgs.models import Organization
from permissions.checker import Access

GUARDRAIL_BROKEN = NotificationKind(
    "guardrail_broken", Group.REVIEWS, _("Time has broken a guardrail"), "shield-x", tone="bad"
)
REVIEW_OPENED = NotificationKind(
    "review_opened", Group.REVIEWS, _("You are to review who has access"), "clipboard-check"
)


def register() -> None:
    register_kinds(REVIEW_OPENED, GUARDRAIL_BROKEN)
    register_sight(Assertion, _sees_guardrails)
    register_sight(Review, _sees_reviews)


def tell_broken(
    owner: User,
    rule: Assertion,
    organization: Organization,
    *,
    sentence: str,
    breaks: Sequence[str],
    more: int,
) -> None:
    """Tell the owner what no longer holds. Sentence and breaks are in his language already."""
    about = {"rule": rule, "organization": organization}
    lines = [said("- %(line)s", line=line) for line in breaks]
    if more > 0:
        lines.append(said(_("and %(more)s more"), more=more))
    notify(
        [owner],
        GUARDRAIL_BROKEN,
        subject=said(_("A guardrail of %(organization)s no longer holds: %(rule)s"), **about),
        told=[
            said(
                _(
                    "Time has passed, and the guardrail “%(rule)s” of %(organization)s no longer holds. Nobody "
                    "changed anything: something ended."
                ),
                **about,
            ),
            sentence,
            Lines(*lines),
            _("Look at it here:"),
        ],
        link=reverse("assertion_detail", args=[organization.slug, rule.pk]),
        about=rule,
    )


def tell_reviewers(review: Review, reviewers: Iterable[User], organization: Organization) -> None:
    """Tell the people who are to look through the access to something. Who opened the review knows."""
    about = {"subject": review.subject, "person": review.opened_by, "date": review.due_on}
    notify(
        [person for person in reviewers if person.pk != review.opened_by_id],
        REVIEW_OPENED,
        subject=said(_("Please review the access to %(subject)s"), **about),
        told=[
            said(
                _("%(person)s asks you to look through who has access to %(subject)s, until %(date)s."),
                **about,
            )
        ],
        link=reverse("review_detail", args=[organization.slug, review.pk]),
        about=review,
    )


def _sees_guardrails(access: Access, ids: Collection[int]) -> Collection[int]:
    return ids if access.can("organization.manage_assertions", _organization(access)) else ()


def _sees_reviews(access: Access, ids: Collection[int]) -> Collection[int]:
    return ids if access.can("organization.run_access_reviews", _organization(access)) else ()


def _organization(access: Access) -> Organization:
    return Organization(pk=access.organization_id)
