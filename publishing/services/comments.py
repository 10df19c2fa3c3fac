"""Saying something about a post, to the team or to people outside as well."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record_event
from permissions.checker import Access
from permissions.services import begin_act
from publishing.models import Comment, Mention, OutsiderLink, Post
from publishing.notices import tell_commented, tell_mentioned
from publishing.rights import COMMENT, VIEW, people_who_may_on_any, sees_post

COMMENT_MAX: Final = 2000
MENTION = re.compile(r"(?<!\w)@")


class CannotComment(Exception):
    """The comment cannot be made or taken back. The message is for the person."""


@transaction.atomic
def write_comment(
    *, actor: Access, post: Post, text: str, thread: str = Comment.Thread.INTERNAL, now: datetime
) -> Comment:
    """Write a comment; who is named in it as ``@Name``, of those who may see the post, is told, and the author.

    Raises NotAllowed, CannotComment.
    """
    actor = begin_act(actor, now)
    require_comment(actor, post)
    comment = Comment.objects.create(
        post=post,
        thread=thread,
        author=actor.user,
        author_name=str(actor.user)[:150],
        text=_checked(text),
        created_at=now,
    )
    called = mentioned_in(comment.text, people_to_mention(actor, post, now))
    Mention.objects.bulk_create([Mention(comment=comment, person=person) for person in called])
    record_event(
        actor=actor.user,
        action="comment.write",
        obj=post,
        at=now,
        after={"thread": thread, "people": [str(person) for person in called]},
    )
    for person in called:
        tell_mentioned(comment, person)
    if post.author is not None and post.author not in (actor.user, *called):
        tell_commented(comment, [post.author])
    return comment


@transaction.atomic
def write_comment_from_outside(*, link: OutsiderLink, post: Post, text: str, now: datetime) -> Comment:
    """Write what somebody without an account says, in the thread with people outside. Raises CannotComment.

    That the link shows this post is for the caller to know. Its organization must be open.
    """
    comment = Comment.objects.create(
        post=post,
        thread=Comment.Thread.EXTERNAL,
        outsider=link.outsider,
        author_name=link.holder_name[:150],
        is_from_outside=True,
        text=_checked(text),
        created_at=now,
    )
    record_event(
        actor=None,
        actor_label=outside_label(link),
        action="comment.write",
        obj=post,
        at=now,
        after={"thread": Comment.Thread.EXTERNAL},
    )
    tell_commented(comment, [post.author] if post.author else [])
    return comment


@transaction.atomic
def take_back_comment(*, actor: Access, comment: Comment, now: datetime) -> None:
    """Take one's own comment back: nobody reads it any more. Raises CannotComment."""
    actor = begin_act(actor, now)
    require_comment(actor, comment.post)
    if comment.author_id != actor.user.pk:
        raise CannotComment(_("Only who wrote a comment takes it back."))
    if Comment.objects.filter(pk=comment.pk, deleted_at=None).update(deleted_at=now):
        record_event(actor=actor.user, action="comment.take_back", obj=comment.post, at=now)


def require_comment(actor: Access, post: Post) -> None:
    """Raise NotAllowed unless the person may comment on one of the profiles the post goes to, or wrote it."""
    profiles = [one.profile for one in post.publications.select_related("profile").order_by("pk")]
    if not profiles and post.author_id == actor.user.pk:
        return
    if not any(actor.can(COMMENT, profile) for profile in profiles):
        if not profiles:
            raise CannotComment(
                _("Give the draft a profile first: then others can read what is said about it.")
            )
        actor.require(COMMENT, profiles[0])


def people_to_mention(actor: Access, post: Post, now: datetime, beginning: str = "") -> QuerySet[User]:
    """Return everybody else who may see the post, by name: only they can be called on.

    ``beginning``: that of a name, or of one of its words.
    """
    able = people_who_may_on_any(VIEW, post, organization_id=actor.organization_id, at=now)
    people = User.objects.filter(pk__in=able - {actor.user.pk}, is_active=True).exclude(name="")
    if beginning:
        people = people.filter(Q(name__istartswith=beginning) | Q(name__icontains=f" {beginning}"))
    return people.order_by("name", "pk")


def mentioned_in(text: str, people: Iterable[User]) -> list[User]:
    """Return those of the people whose name stands behind an ``@``; the longest name that fits is meant.

    Of several who have the same name all are.
    """
    by_length = sorted(people, key=lambda person: -len(person.name))
    found: dict[int, User] = {}
    for at in MENTION.finditer(text):
        rest = text[at.end() :]
        for person in by_length:
            name = person.name
            if (
                name
                and rest[: len(name)].casefold() == name.casefold()
                and not rest[len(name) :][:1].isalnum()
            ):
                called = name.casefold()
                found |= {one.pk: one for one in by_length if one.name.casefold() == called}
                break
    return list(found.values())


def comments_of(actor: Access, post: Post) -> list[Comment]:
    """Return what was said about the post, in both threads, the earliest first. Nothing to whom may not see it."""
    if not sees_post(actor, post):
        return []
    return list(post.comments.standing().select_related("author", "outsider").order_by("created_at", "pk"))


def comments_for_outside(post: Post) -> list[Comment]:
    """Return what people outside may read of it: their own thread, never the team's."""
    return list(post.comments.standing().external().order_by("created_at", "pk"))


def mark_mentions_seen(actor: Access, post: Post, now: datetime) -> None:
    """Strike from the person's list the mentions on a page he has opened."""
    Mention.objects.unseen_by(actor.user).filter(comment__post=post).update(seen_at=now)


def outside_label(link: OutsiderLink) -> str:
    """Return how the audit log names whoever came through a link."""
    return _("%(name)s (by link)") % {"name": link.holder_name}


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise CannotComment(_("Write something first."))
    if len(text) > COMMENT_MAX:
        raise CannotComment(_("That is too long: %(limit)d characters at most.") % {"limit": COMMENT_MAX})
    return text
