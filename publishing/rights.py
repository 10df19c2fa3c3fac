"""Who may do what with a post, asked of its profiles (a permission is asked of a scope, never of a leaf)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from permissions.checker import Access, ids_of_people_who_may
from permissions.errors import NotAllowed
from publishing.models import Post, Publication
from social_accounts.models import SocialProfile

DRAFT: Final = "profile.manage_drafts"
SEND: Final = "profile.send_for_approval"
PUBLISH: Final = "profile.publish_posts"
MANAGE: Final = "profile.manage_posts"
REVIEW: Final = "profile.review_posts"
FORCE: Final = "profile.force_approve_or_reject"
VIEW: Final = "profile.view_posts"
IMPORT: Final = "profile.bulk_import_csv"
COMMENT: Final = "profile.comment_and_mention_team"
TAKE_OVER: Final = "profile.take_over_held_posts"


def may_compose(actor: Access, profile: SocialProfile) -> bool:
    """Say whether the person may write for this profile at all."""
    return any(actor.can(action, profile) for action in (DRAFT, SEND, PUBLISH))


def require_compose(actor: Access, profile: SocialProfile) -> None:
    if not may_compose(actor, profile):
        raise NotAllowed(actor.decide(DRAFT, profile), profile)


def may_change(actor: Access, publication: Publication) -> bool:
    """Say whether the person may edit, move or cancel this publication (A5: others' only with manage_posts)."""
    if actor.can(MANAGE, publication.profile):
        return True
    return publication.post.author_id == actor.user.pk and may_compose(actor, publication.profile)


def require_change(actor: Access, publication: Publication) -> None:
    if not may_change(actor, publication):
        raise NotAllowed(actor.decide(MANAGE, publication.profile), publication.profile)


def may_change_post(actor: Access, post: Post) -> bool:
    """Say whether the person may edit the content: on every profile it goes to."""
    publications = list(post.publications.select_related("profile"))
    if not publications:
        return bool(post.author_id == actor.user.pk)
    return all(may_change(actor, publication) for publication in publications)


def require_change_post(actor: Access, post: Post) -> None:
    """Raise NotAllowed unless the person may edit the content on every profile it goes to."""
    for publication in post.publications.select_related("profile"):
        publication.post = post
        require_change(actor, publication)


def sees_post(actor: Access, post: Post) -> bool:
    """Say whether the person may read the post: his own, or on a profile whose posts he may view."""
    if post.author_id == actor.user.pk:
        return True
    return any(actor.can(VIEW, one.profile) for one in post.publications.select_related("profile"))


def people_who_may_on_any(action: str, post: Post, *, organization_id: int, at: datetime) -> set[int]:
    """Return the ids of everybody who may do the action on one of the post's profiles."""
    able: set[int] = set()
    for publication in post.publications.select_related("profile"):
        able |= ids_of_people_who_may(action, publication.profile, organization_id=organization_id, at=at)
    return able
