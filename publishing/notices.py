"""Mails about approvals and comments, in the language of who gets them, sent once the change is safe."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import User
from orgs.mail import absolute, send_on_commit
from publishing.models import Comment, Post, Publication


def tell_mentioned(comment: Comment, person: User) -> None:
    """Tell somebody that a comment calls on him."""
    post = comment.post
    _tell(
        person,
        "comment_mention",
        post=post,
        comment=comment,
        link=_address_of(post),
    )


def _tell(person: User, name: str, **context: Any) -> None:
    if person.is_active:
        send_on_commit(
            name=name, to=person.email, language=person.language, context={"person": person, **context}
        )


def _address_of(post: Post) -> str:
    """Return the page of the post's first publication, or of the draft that has none."""
    first = post.publications.order_by("pk").first()
    if first is not None:
        return page_of(first)
    return absolute(reverse("post_edit", args=[post.organization.slug, post.pk]))


def page_of(publication: Publication) -> str:
    return absolute(reverse("publication_detail", args=[publication.organization.slug, publication.pk]))
