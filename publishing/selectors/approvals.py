"""Requests for approval a person may answer, or has asked for."""

from __future__ import annotations

from django.db.models import QuerySet

from permissions.checker import Access
from publishing.models import Approval, State
from publishing.rights import REVIEW


def approvals_waiting_for(access: Access) -> QuerySet[Approval]:
    """Return the open requests this person may answer, the earliest publication first."""
    open_ones = _shown(Approval.objects.filter(answer="", publication__state=State.WAITING))
    reviewable = access.filter(open_ones, REVIEW, path="publication__profile")
    return reviewable.exclude(requested_by=access.user).order_by("due_at", "pk")


def approvals_asked_by(access: Access) -> QuerySet[Approval]:
    return _shown(Approval.objects.filter(requested_by=access.user)).order_by("-requested_at", "-pk")


def _shown(approvals: QuerySet[Approval]) -> QuerySet[Approval]:
    return approvals.select_related(
        "publication__post", "publication__profile", "requested_by", "answered_by"
    )
