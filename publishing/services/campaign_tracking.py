"""What is scheduled or waits keeps the tracking values it was approved with, whatever its campaign says later.

Values that change under a seal would hold every post of the campaign at its time. So whoever changes or deletes a
campaign first writes its values into those posts; drafts, and posts scheduled anew, take the values of today.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from publishing.models import Campaign, Post, Publication, State

UNSEALED: Final = frozenset({State.DRAFT, State.DECLINED, State.CANCELED})
STILL_TO_COME: Final = frozenset({State.WAITING, State.SCHEDULED, State.HELD})


def keep_tracking(campaign: Campaign) -> int:
    """Keep the campaign's values as they are in every post of it that is sealed; return how many those are.

    Under ``change_access``: nobody schedules meanwhile with the values that end.
    """
    posts = _sealed(campaign).filter(campaign_tracking__isnull=True)
    return posts.update(campaign_tracking=campaign.tracking)


def release_tracking(post: Post, besides: Collection[int] = ()) -> None:
    """Let the post take its campaign's values of today, once none of its publications is sealed to the older ones.

    ``besides``: the ids of publications that are about to be sealed anew.
    """
    sealed = Publication.objects.filter(post=OuterRef("pk")).exclude(state__in=UNSEALED)
    kept = Post.objects.filter(~Exists(sealed.exclude(pk__in=besides)), pk=post.pk)
    if kept.filter(campaign_tracking__isnull=False).update(campaign_tracking=None):
        post.campaign_tracking = None


def count_keeping(campaign: Campaign) -> int:
    """Return how many posts that are still to go out would keep today's values of the campaign."""
    to_come = Publication.objects.filter(post=OuterRef("pk"), state__in=STILL_TO_COME)
    return _sealed(campaign).filter(Exists(to_come)).count()


def _sealed(campaign: Campaign) -> QuerySet[Post]:
    sealed = Publication.objects.filter(post=OuterRef("pk")).exclude(state__in=UNSEALED)
    found: QuerySet[Post] = Post.objects.filter(Exists(sealed), campaign=campaign)
    return found
