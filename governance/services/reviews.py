"""Opening a review, deciding its lines, and keeping up with what changes meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record_event
from governance.models import Decision, Review, Reviewer, ReviewLine
from governance.notices import tell_reviewers
from governance.selectors.gathering import gather
from governance.selectors.now import Now, as_they_are
from orgs.models import Organization, Partnership, Team
from permissions.checker import Access
from permissions.errors import Refused, WouldEscalate
from permissions.roles import RoleFacts, roles_by_permission
from permissions.services import begin_act
from social_accounts.models import SocialProfile

RUN: Final = "organization.run_access_reviews"


class ReviewError(Refused):
    """A review cannot be opened, decided or signed. The message is for the person."""


class ChangedMeanwhile(ReviewError):
    """The line is no longer what whoever decided has seen."""


class AboutOneself(WouldEscalate):
    """R9: nobody decides about his own access."""


@transaction.atomic
def open_review(
    *,
    actor: Access,
    organization: Organization,
    kind: str,
    reviewers: Collection[User],
    due_on: date,
    now: datetime,
    profile: SocialProfile | None = None,
    team: Team | None = None,
    partnership: Partnership | None = None,
) -> Review:
    """Open a review of what there is now. Raises NotAllowed, and ReviewError when there is nothing to look through."""
    actor = begin_act(actor, now)
    actor.require(RUN, organization)
    subject = {
        Review.Kind.PROFILE: profile,
        Review.Kind.TEAM: team,
        Review.Kind.PARTNER: partnership.partner if partnership else None,
        Review.Kind.ORGANIZATION: organization,
    }[Review.Kind(kind)]
    assert subject is not None, "the form names what is reviewed"
    review = Review.objects.create(
        kind=kind,
        profile=profile if kind == Review.Kind.PROFILE else None,
        team=team if kind == Review.Kind.TEAM else None,
        partnership=partnership if kind == Review.Kind.PARTNER else None,
        subject=str(subject)[:160],
        opened_by=actor.user,
        opened_at=now,
        due_on=due_on,
    )
    lines = gather(review, now)
    if not lines:
        raise ReviewError(_("Nobody has anything there: there is nothing to review."))
    for line in lines:
        line.review = review
    ReviewLine.objects.bulk_create(lines)
    Reviewer.objects.bulk_create(Reviewer(review=review, user=user) for user in reviewers)
    record_event(
        actor=actor.user,
        action="review.open",
        obj=review,
        at=now,
        after={
            "due_on": due_on.isoformat(),
            "reviewers": [str(user) for user in reviewers],
            "lines": len(lines),
        },
    )
    tell_reviewers(review, reviewers, organization)
    return review


@transaction.atomic
def delete_review(*, actor: Access, organization: Organization, review: Review, now: datetime) -> None:
    """Give up a review that is not signed off. What was signed stays for good. Raises NotAllowed and ReviewError."""
    actor = begin_act(actor, now)
    actor.require(RUN, organization)
    review = locked(review)
    require_open(review)
    Review.objects.filter(pk=review.pk).delete()
    record_event(actor=actor.user, action="review.cancel", obj=review, at=now)


def decide_line(
    *,
    actor: Access,
    organization: Organization,
    line: ReviewLine,
    decision: str,
    version: int,
    now: datetime,
    role: RoleFacts | None = None,
    note: str = "",
) -> None:
    """Decide about one line; nothing happens before the review is signed off.

    ``version`` is that of the line as whoever decides saw it. Raises NotAllowed, AboutOneself, ReviewError, and
    ChangedMeanwhile when somebody else decided or the grant behind it changed; then the line tells what it is now.
    """
    changed = refresh_lines(organization=organization, lines=ReviewLine.objects.filter(pk=line.pk), now=now)
    if changed:
        raise ChangedMeanwhile(_("This line changed since you looked at it. See what it is now."))
    with transaction.atomic():
        actor = begin_act(actor, now)
        actor.require(RUN, organization)
        require_reviewer(actor, locked(line.review))
        _refuse_decision(actor, line, decision, role)
        is_reduced = decision == Decision.REDUCE and role is not None
        written = ReviewLine.objects.filter(pk=line.pk, version=version, is_gone=False).update(
            decision=decision,
            new_permission_id=role.permission_id if is_reduced and role else None,
            new_role=role.label[:120] if is_reduced and role else "",
            note=note,
            problem="",
            decided_by=actor.user,
            decided_at=now,
            version=F("version") + 1,
        )
    if not written:
        line.refresh_from_db()
        raise ChangedMeanwhile(
            _("%(person)s decided this line meanwhile. See what was decided.")
            % {"person": line.decided_by or _("Somebody else")}
        )


@transaction.atomic
def keep_lines(
    *, actor: Access, organization: Organization, review: Review, lines: Collection[int], now: datetime
) -> int:
    """Keep several undecided lines as they are, but none about oneself and none that changed. Return how many."""
    actor = begin_act(actor, now)
    actor.require(RUN, organization)
    require_reviewer(actor, locked(review))
    rows = ReviewLine.objects.filter(review=review, pk__in=lines, decision="", is_gone=False)
    rows = rows.exclude(user=actor.user)
    present = as_they_are(rows, now)
    same = [line.pk for line in rows if (found := present[line.pk]) is not None and found.is_as(line)]
    return rows.filter(pk__in=same).update(
        decision=Decision.KEEP, decided_by=actor.user, decided_at=now, problem="", version=F("version") + 1
    )


@transaction.atomic
def refresh_lines(
    *, organization: Organization, lines: QuerySet[ReviewLine], now: datetime
) -> Sequence[ReviewLine]:
    """Bring lines up to what their grants are now, and return those that changed: they are to be decided anew."""
    found = list(lines.select_for_update().filter(is_gone=False))
    present = as_they_are(found, now)
    changed = [line for line in found if (is_now := present[line.pk]) is None or not is_now.is_as(line)]
    for line in changed:
        _become(line, present[line.pk], now)
        line.save()
    return changed


def _become(line: ReviewLine, is_now: Now | None, now: datetime) -> None:
    line.version += 1
    line.changed_at = now
    line.decision, line.new_permission_id, line.new_role, line.problem = "", None, "", ""
    line.decided_by, line.decided_at = None, None
    if is_now is None:
        line.is_gone = True
        return
    role = roles_by_permission([is_now.permission_id])[is_now.permission_id]
    line.permission_id_of_grant, line.role = is_now.permission_id, role.label[:120]
    line.starts_at, line.expires_at = is_now.starts_at, is_now.expires_at
    line.granted_by, line.granted_at = str(is_now.grant.granted_by or "")[:160], is_now.grant.granted_at
    line.is_unused = False


def _refuse_decision(actor: Access, line: ReviewLine, decision: str, role: RoleFacts | None) -> None:
    if line.user_id == actor.user.pk:
        raise AboutOneself(_("You cannot decide about your own access. Another reviewer does."))
    if decision not in Decision.values:
        raise ReviewError(_("Choose what to do with it."))
    if decision == Decision.REMOVE and not line.may_remove:
        raise ReviewError(_("This comes with the role in the organization, and is changed there."))
    if decision == Decision.REDUCE:
        if not line.may_reduce:
            raise ReviewError(_("This cannot be reduced here; it can be kept or removed."))
        if role is None:
            raise ReviewError(_("Choose the role it shall be reduced to."))
        held = roles_by_permission([line.permission_id_of_grant])[line.permission_id_of_grant]
        if role.scope is not held.scope or not role.actions < held.actions or role.is_none:
            raise ReviewError(_("Reducing means a role with less in it. Choose another one."))


def require_reviewer(actor: Access, review: Review) -> None:
    require_open(review)
    if not Reviewer.objects.filter(review=review, user=actor.user).exists():
        raise ReviewError(_("You are not among the reviewers of this review."))


def require_open(review: Review) -> None:
    if not review.is_open:
        raise ReviewError(_("This review was signed off already."))


def locked(review: Review) -> Review:
    return Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
