"""A copy of a post: the same content for the same profiles, a draft of the person who copied it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from permissions.checker import Access
from permissions.services import begin_act
from publishing.label_rights import SEE_FIELDS, WRITE_LABELS
from publishing.models import Label, Post, State
from publishing.rights import VIEW, may_compose
from publishing.services.media import copy_media
from publishing.services.organizing import Organizing
from publishing.services.posts import Draft, create_post


@transaction.atomic
def duplicate_post(*, actor: Access, post: Post, now: datetime) -> Post:
    """Return a new draft that says what the post says, on those of its profiles the person may write for.

    Approvals, times and what became of it do not come along. Raises NotAllowed to who sees the post nowhere.
    """
    actor = begin_act(actor, now)
    publications = list(post.publications.exclude(state=State.CANCELED).select_related("profile"))
    seen = [one.profile for one in publications if actor.can(VIEW, one.profile)]
    if publications and not seen:
        actor.require(VIEW, publications[0].profile)
    return create_post(
        actor=actor,
        workspace=post.workspace,
        profiles=[profile for profile in seen if may_compose(actor, profile)],
        draft=Draft(
            text=post.text,
            network_texts=post.network_texts,
            network_options=post.network_options,
            link_card=post.link_card,
            language=post.language,
            internal_note=post.internal_note,
            tracking=post.tracking,
            media=copy_media(post, actor),
            organizing=_organizing(actor, post),
        ),
        now=now,
    )


def _organizing(actor: Access, post: Post) -> Organizing:
    may_label = actor.can(WRITE_LABELS, post.organization)
    sees_fields = actor.can(SEE_FIELDS, post.organization)
    return Organizing(
        campaign=post.campaign,
        category=post.draft_category,
        labels=list(Label.objects.filter(post_labels__post=post)) if may_label else None,
        values=dict(post.custom_values.values_list("field_id", "value")) if sees_fields else {},
    )
