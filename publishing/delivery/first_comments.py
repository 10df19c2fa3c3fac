"""The first comment becomes a row of its own in the moment the post is known to be out."""

from __future__ import annotations

from datetime import datetime

from publishing.models import FollowUp, FollowUpState, Publication
from publishing.network_options import options_for
from publishing.tracking import tracking_of
from social_accounts import connections
from social_accounts.networks.base import FIRST_COMMENT, Comment
from social_accounts.networks.words import _
from social_accounts.sentences import kept


def plan_first_comment(publication: Publication, *, now: datetime) -> None:
    """Note what is to be said below a post that is out, in the transaction that says it is out. Again changes nothing.

    Nothing is said here: whatever the network does with the comment, the post stays published.
    """
    post, profile = publication.post, publication.profile
    network = profile.network
    chosen = options_for(post.network_options.get(network, {}), profile.pk, tracking_of(post, network))
    text = chosen.get(FIRST_COMMENT, "").strip()
    if not text or not isinstance(connections.adapter(network), Comment):
        return
    state, detail = FollowUpState.PENDING, ""
    if not publication.remote_id:
        # A person found the post by eye: where exactly it is, the network never told us.
        state = FollowUpState.FAILED
        detail = kept(
            _("Chorus does not know where the post is; say the first comment at the network yourself.")
        )
    FollowUp.objects.get_or_create(
        publication=publication,
        kind=FollowUp.Kind.COMMENT,
        defaults={
            "text": text,
            "state": state,
            "detail": detail,
            "asked_by": publication.vouched_by,
            "created_at": now,
        },
    )
