"""The kinds of things people are told, and how one may choose to be told. Each floor registers its own.

``register_kinds`` and ``register_sight`` are called in ``AppConfig.ready``, as scopes are (``permissions/scopes.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.models import ByMail
from permissions.checker import Access

Together = Callable[[int, str], str]
"""Says in one sentence that there are several of a kind: their number, and what they have in common."""

Sight = Callable[[Access, Collection[int]], Collection[int]]
"""Returns those of the objects, by id, that the person may still see. Their organization is open."""


class Group(models.TextChoices):
    """How the kinds stand together where one chooses, in this order."""

    APPROVALS = "approvals", _("Approvals that wait for you")
    ANSWERS = "answers", _("Answers to your requests")
    COMMENTS = "comments", _("Comments and mentions")
    POSTS = "posts", _("Your posts")
    CONNECTIONS = "connections", _("Connections")
    ACCESS = "access", _("Members and access")
    REVIEWS = "reviews", _("Reviews and guardrails")
    IMPORTS = "imports", _("Imports")


@dataclass(frozen=True)
class NotificationKind:
    """One kind, with what holds for whoever has chosen nothing.

    ``is_fixed``: always told in both ways, for it is about the organization's own safety. ``waits``: how long a mail
    waits for others of its kind, to be one with them. ``together``: how several are told in one line.
    """

    name: str
    group: Group
    label: Promise | str
    icon: str
    tone: str = ""  # "bad" or "warn" for what went wrong
    is_listed: bool = True
    mail: ByMail = ByMail.NOW
    is_fixed: bool = False
    waits: timedelta = timedelta(0)
    together: Together | None = None


_kinds: dict[str, NotificationKind] = {}
_sights: dict[str, Sight] = {}


def register_kinds(*kinds: NotificationKind) -> None:
    _kinds.update((kind.name, kind) for kind in kinds)


def register_sight(model: type[Model], sight: Sight) -> None:
    """Say who may see what a notification is about. Without it, whoever may enter the organization."""
    _sights[model._meta.label_lower] = sight


def kind_named(name: str) -> NotificationKind | None:
    """Return the kind; None for one that a newer or older Chorus knows."""
    return _kinds.get(name)


def kinds_by_group() -> list[tuple[Group, list[NotificationKind]]]:
    """Return what can be chosen, in the order of the page."""
    chosen = [kind for kind in _kinds.values() if not kind.is_fixed]
    return [(group, found) for group in Group if (found := [kind for kind in chosen if kind.group is group])]


def sight_of(about_type: str) -> Sight | None:
    return _sights.get(about_type)


def about_of(obj: Any) -> tuple[str, int | None]:
    return (obj._meta.label_lower, obj.pk) if obj is not None else ("", None)
