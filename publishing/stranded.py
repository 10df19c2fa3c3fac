"""What a loss of rights would leave in the queue: posts nobody may send any more, approvals nobody may answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from permissions.stranding import Losses, Stranded
from publishing.delivery.checks import has_voucher
from publishing.models import Approval, Publication, State
from publishing.rights import PUBLISH, REVIEW


def find_stranded_publications(losses: Losses, at: datetime) -> Iterator[Stranded]:
    """Yield what would be held at its time, and what would wait for ever; asked inside the change it is about."""
    yield from _queued(losses, at)
    yield from _waiting(losses, at)


def _queued(losses: Losses, at: datetime) -> Iterator[Stranded]:
    """Yield the publications whose voucher may stand for them no more when they go out."""
    losing = losses.pairs(PUBLISH) | losses.pairs(REVIEW)
    rows = (
        Publication.objects.filter(
            state=State.SCHEDULED, profile__in={profile for _person, profile in losing}
        )
        .filter(vouched_by__in={person for person, _profile in losing})
        .select_related("profile", "post", "vouched_by")
        .order_by("due_at", "pk")
    )
    for publication in rows:
        pair = (publication.vouched_by_id, publication.profile_id)
        goes_out = max(publication.due_at or at, at)
        if pair not in losses.pairs(PUBLISH, goes_out) | losses.pairs(REVIEW, goes_out):
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
        Approval.objects.filter(answer="", publication__profile__in=losses.objects(REVIEW))
        .filter(publication__state=State.WAITING)
        .select_related("publication__profile", "publication__post", "requested_by")
        .order_by("due_at", "pk")
    )
    if not rows:
        return
    left = losses.holders(REVIEW, {row.publication.profile_id for row in rows}, at)
    losing = losses.pairs(REVIEW, at)
    for approval in rows:
        publication = approval.publication
        could = {person for person, profile in losing if profile == publication.profile_id}
        asked = {approval.requested_by_id}
        if could - asked and not set(left[publication.profile_id]) - asked:
            yield Stranded(
                kind="approval",
                key=approval.pk,
                title=publication.post.title or _("Post without text"),
                why=_("It waits for approval, and nobody could answer any more."),
                profile=publication.profile,
                person=approval.requested_by,
                due_at=publication.due_at,
            )
