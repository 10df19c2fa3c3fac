"""Reads of what follows a post that is out."""

from __future__ import annotations

from publishing.models import FollowUp, FollowUpState, Publication
from publishing.tracking import tracked_text, tracking_of


def follow_ups_of(publication: Publication) -> list[FollowUp]:
    """Return everything done with the post since it is out, newest first, each with its attempts."""
    return list(
        FollowUp.objects.filter(publication=publication)
        .select_related("asked_by")
        .prefetch_related("attempts")
        .order_by("-created_at", "-pk")
    )


def text_out(publication: Publication) -> str:
    """Return what the post says at the network: as it went out, or as it was changed since."""
    changed = (
        FollowUp.objects.filter(publication=publication, kind=FollowUp.Kind.EDIT, state=FollowUpState.DONE)
        .order_by("-done_at", "-pk")
        .values_list("text", flat=True)
        .first()
    )
    if changed is not None:
        return changed
    post, network = publication.post, publication.profile.network
    return tracked_text(post.text_for(network), tracking_of(post, network))
