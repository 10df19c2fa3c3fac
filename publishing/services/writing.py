"""What people have open in the composer: kept while they type, told to one another, gone once it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from accounts.models import User
from permissions.checker import Access
from publishing.models import OpenComposer, Post

KEY_LENGTH: Final = 32
BYTES_MAX: Final = 200_000  # of one form; far above what its fields take
HERE_FOR: Final = timedelta(seconds=50)  # a page says every twenty seconds that it is still open
KEPT_FOR: Final = timedelta(days=30)
# What is no content: it would make equal forms differ, or belongs to the request alone.
NOT_KEPT: Final = frozenset({"csrfmiddlewaretoken", "act", "remove", "pictures"})

Fields = Mapping[str, Sequence[str]]


def keep_typed(
    *,
    actor: Access,
    key: str,
    post: Post | None,
    version: int,
    fields: Fields,
    has_typed: bool,
    now: datetime,
) -> OpenComposer:
    """Keep what was typed so far, under the key of its form. Repeating it is harmless; it makes no post.

    With ``has_typed`` false only the presence is noted, and what was kept before stays.
    """
    OpenComposer.objects.filter(person=actor.user, seen_at__lt=now - KEPT_FOR).delete()
    kept = {name: list(values) for name, values in fields.items() if name not in NOT_KEPT}
    told = {"post": post, "version": version, "seen_at": now}
    typed = {"fields": kept, "typed_at": now} if has_typed else {}
    row, _is_new = OpenComposer.objects.update_or_create(
        person=actor.user, key=key[:KEY_LENGTH], defaults=told | typed, create_defaults=told | typed
    )
    return row


def forget_typed(*, actor: Access, key: str) -> None:
    """Forget what was kept of a form: it is saved, or its writer does not want it."""
    OpenComposer.objects.filter(person=actor.user, key=key).delete()


def hold_form(*, actor: Access, key: str, now: datetime) -> None:
    """Make two presses on one form come one after the other, until the transaction ends."""
    OpenComposer.objects.get_or_create(person=actor.user, key=key, defaults={"seen_at": now})
    # Gone when the press before this one saved it, which this line waited for.
    OpenComposer.objects.select_for_update().filter(person=actor.user, key=key).first()


def unsaved(actor: Access, post: Post | None, now: datetime) -> QuerySet[OpenComposer]:
    """Return what the person typed about this post (None: about new ones) and left without saving, latest first."""
    rows = OpenComposer.objects.filter(person=actor.user, post=post, seen_at__lt=now - HERE_FOR)
    return rows.exclude(typed_at=None).order_by("-typed_at")


def others_at(actor: Access, post: Post, now: datetime) -> list[User]:
    """Return who else has the post open, by name."""
    here = OpenComposer.objects.filter(post=post, seen_at__gte=now - HERE_FOR).values("person")
    return list(User.objects.filter(pk__in=here).exclude(pk=actor.user.pk).order_by("name", "pk"))
