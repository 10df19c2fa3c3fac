"""What a loss of rights would leave in the queue: posts nobody may send any more, approvals nobody may answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from permissions.stranding import Losses, Stranded
from publishing.delivery.checks import has_voucher
from publishing.models import Approval, Publication, State, StepRule
from publishing.reviewers import is_own, named_among, open_step_of
from publishing.rights import PUBLISH, REVIEW


def find_stranded_publications(losses: Losses, at: datetime) -> Iterator[Stranded]:
    """Yield what would be held at its time, and what would wait for ever; asked inside the change it is about."""
    yield from _queued(losses, at)
    yield from _waiting(losses, at)


def _queued(losses: Losses, at: datetime) -> Iterator[Stranded]:
    """Yield the publications whose voucher may stand for them no more when they go out."""
    rows = (
        Publication.objects.filter(state=State.SCHEDULED, vouched_by__isnull=False)
        .select_related("profile", "post", "vouched_by")
        .order_by("due_at", "pk")
    )
    for publication in rows.iterator():
        goes_out = max(publication.due_at or at, at)
        person, profile = publication.vouched_by_id, publication.profile_id
        if not any(losses.loses(person, action, profile, goes_out) for action in (PUBLISH, REVIEW)):
            continue
        if not has_voucher(publication, goes_out):
            why = _("%(person)s vouches for it and could not publish here any more: it would be held.")
            yield Stranded(
                kind="post",
                key=publication.pk,
                title=publication.post.title or _("Post without text"),
                why=why % {"person": publication.vouched_by},
                profile=publication.profile,
                person=publication.vouched_by,
                due_at=publication.due_at,
            )


def _waiting(losses: Losses, at: datetime) -> Iterator[Stranded]:
    """Yield the open approvals that lose the last one who could answer. Nobody answers his own."""
    rows = list(
        Approval.objects.filter(answer="", publication__state=State.WAITING)
        .select_related("publication__profile", "publication__post", "requested_by")
        .order_by("due_at", "pk")
    )
    profiles = {row.publication.profile_id for row in rows}
    losing = {pk: people for pk in profiles if (people := losses.losing(REVIEW, pk, at))}
    left = losses.holders(REVIEW, losing, at) if losing else {}
    for approval in rows:
        publication = approval.publication
        could = _not_own(approval, losing.get(publication.profile_id, ()))
        if could and not _can_end(approval, could, _not_own(approval, left[publication.profile_id]), at):
            yield Stranded(
                kind="approval",
                key=approval.pk,
                title=publication.post.title or _("Post without text"),
                why=_("It waits for approval, and nobody could answer any more."),
                profile=publication.profile,
                person=approval.requested_by,
                due_at=publication.due_at,
            )


def _not_own(approval: Approval, people: Iterable[int]) -> set[int]:
    return {pk for pk in people if not is_own(approval, pk)}


def _can_end(approval: Approval, losing: set[int], left: set[int], at: datetime) -> bool:
    """Say whether those who are left can still answer the open step, or the request where it has none.

    Whom a team or role asked before the change is not looked at: whoever loses the right counts as asked. Where all of
    them are to approve, each who is named himself must be left, or have answered.
    """
    step = open_step_of(approval)
    if step is None:
        return bool(left)
    profile = approval.publication.profile
    reviewers = list(step.reviewers.all())
    if not named_among(left, reviewers, profile, approval.organization_id, at):
        return False
    if step.rule == StepRule.ANY or any(one.is_escalation and one.person_id in left for one in reviewers):
        return True
    answered = set(step.answers.values_list("person_id", flat=True))
    return not {one.person_id for one in reviewers if one.person_id in losing} - answered
