"""The last look before a post goes out: what was true when it was scheduled may be true no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from permissions.checker import load_access
from publishing.delivery.standing_question import server_fails_where_it_goes_on
from publishing.models import (
    Approval,
    DeliverySettings,
    HoldReason,
    Publication,
)
from publishing.rights import FORCE, PUBLISH, REVIEW

SHORTEST_LIMIT: Final = timedelta(
    minutes=min(minutes for minutes, _label in DeliverySettings.CHOICES if minutes)
)


def is_waiting(publication: Publication, now: datetime) -> bool:
    """Say whether something outside of it holds it back for now: a pause, a rate limit, a server that does not answer.

    Notes on the way whether the server's last answer failed to come, for whoever calls it next.
    """
    fails = server_fails_where_it_goes_on(publication.pk, now)
    publication.server_fails = bool(fails)
    return fails is None


def reason_to_hold(publication: Publication, now: datetime) -> HoldReason | None:
    """Return why it must not go out as it is; None when it may.

    Call it under ``hold_access``: the answer is good until that transaction ends.
    """
    if not has_voucher(publication, now):
        return HoldReason.RIGHT_LOST
    if publication.sealed_digest != publication.post.content_digest(publication.profile.network):
        return HoldReason.CHANGED
    if not publication.profile.is_connected:
        return HoldReason.RECONNECT
    return None


def is_too_late(publication: Publication, now: datetime) -> bool:
    """Say whether it missed its time by more than the organization lets pass, whatever it had to wait for."""
    late = now - publication.due_at if publication.due_at else timedelta(0)
    if late < SHORTEST_LIMIT:
        return False  # no organization holds it: nearly every post, and no question asked
    limit = late_limit()
    return limit is not None and late > limit


def late_limit() -> timedelta | None:
    """Return how late a post of the open organization may go out; None however late."""
    chosen = DeliverySettings.objects.values_list("hold_after_minutes", flat=True)
    minutes = next(iter(chosen), DeliverySettings.HOLD_AFTER_MINUTES)
    return None if minutes is None else timedelta(minutes=minutes)


def has_voucher(publication: Publication, now: datetime) -> bool:
    """Say whether somebody stands for it who may: who scheduled it may publish, or who approved it may review."""
    person = publication.vouched_by
    if person is None or not person.is_active:
        return False
    access = load_access(user=person, organization_id=publication.organization_id, at=now)
    profile = publication.profile
    if access.can(PUBLISH, profile):
        return True
    approved = publication.approvals.filter(
        Q(seal="") | Q(due_at=publication.due_at),  # an approval is for its time as well
        answer=Approval.Answer.APPROVED,
        answered_by=person,
        content_digest=publication.sealed_digest,
    )
    return any(access.can(FORCE if is_forced else REVIEW, profile) for is_forced in _ways(approved))


def _ways(approved: QuerySet[Approval]) -> set[bool]:
    """Return how it was approved: in turn (False), or by force (True)."""
    return set(approved.values_list("is_forced", flat=True))
