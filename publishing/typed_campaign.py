"""The one place where the composer's tracking meets campaigns: what the campaign in a form says of links."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import QueryDict

from publishing.models import Campaign, Post
from publishing.tracking import campaign_tracking
from ui.addresses import id_in

FIELD = "campaign"  # of the form in publishing/organizing


def tracking_typed(data: QueryDict, post: Post | None) -> Mapping[str, str]:
    """Return the tracking values of the campaign typed, or of the post's own where the form names none."""
    if FIELD not in data:
        return campaign_tracking(post) if post else {}
    pk = id_in(data.get(FIELD, ""))
    if post is not None and pk == post.campaign_id:
        return campaign_tracking(post)
    campaign = Campaign.objects.filter(pk=pk).first() if pk is not None else None
    return campaign.tracking if campaign else {}
