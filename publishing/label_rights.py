"""Who may put labels on which post: while writing it (AO26), once it is scheduled (AP21), once it is out (AP22)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from permissions.checker import Access
from permissions.errors import NotAllowed
from publishing.models import Post, State

WRITE_LABELS: Final = "organization.add_publishing_labels"
LABEL_SCHEDULED: Final = "profile.label_scheduled_posts"
LABEL_PUBLISHED: Final = "profile.label_published_posts"
SEE_LABELS: Final = "organization.view_labels"
SEE_FIELDS: Final = "organization.view_custom_fields"
SET_STATUS: Final = "organization.toggle_draft_status"

BEING_WRITTEN: Final = frozenset({State.DRAFT, State.CANCELED})
OUT: Final = frozenset({State.PUBLISHING, State.PROCESSING, State.UNCONFIRMED, State.PUBLISHED})


def _misses(actor: Access, post: Post) -> Iterator[tuple[str, Any]]:
    """Yield the (action, object) the person lacks to change the post's labels."""
    publications = list(post.publications.select_related("profile"))
    organization = post.organization
    if not publications and not actor.can(WRITE_LABELS, organization):
        yield WRITE_LABELS, organization
    for publication in publications:
        action = LABEL_PUBLISHED if publication.state in OUT else LABEL_SCHEDULED
        is_written = publication.state in BEING_WRITTEN and actor.can(WRITE_LABELS, organization)
        if not is_written and not actor.can(action, publication.profile):
            yield action, publication.profile


def may_label(actor: Access, post: Post) -> bool:
    return next(_misses(actor, post), None) is None


def require_label(actor: Access, post: Post) -> None:
    """Raise NotAllowed unless the person may change the post's labels, on every profile it goes to."""
    for action, obj in _misses(actor, post):
        raise NotAllowed(actor.decide(action, obj), obj)
