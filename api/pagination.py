"""Pages by cursor: a stable order, no page twice, no row missed when rows come and go between two pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core import signing
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from api.problems import Problem

PAGE: Final = 50
PAGE_MAX: Final = 200
_SALT: Final = "api.cursor"


class PageQuery(serializers.Serializer[Any]):
    """The two parameters of every list."""

    cursor = serializers.CharField(
        required=False, max_length=500, help_text="`next` of the page before; left out: the first page."
    )
    limit = serializers.IntegerField(
        required=False, default=PAGE, min_value=1, max_value=PAGE_MAX, help_text="How many on a page."
    )


@dataclass(frozen=True)
class Page:
    """Some rows of a list; ``next`` is None on the last page."""

    items: Sequence[Any]
    next: str | None = None


def page_of(
    rows: QuerySet[Any],
    *,
    of: str,
    by: str,
    cursor: str,
    limit: int,
    shown: Callable[[Sequence[Any]], Sequence[Any]],
) -> Page:
    """Return one page, ordered by the unique column ``by`` (``-column``: downwards).

    ``of`` names the list, so that a cursor of another list is refused. Raises Problem for a cursor we did not give.
    """
    column, is_downwards = by.removeprefix("-"), by.startswith("-")
    found = rows.order_by(by)
    if cursor:
        found = found.filter(**{f"{column}__{'lt' if is_downwards else 'gt'}": _position(cursor, of)})
    taken = list(found[: limit + 1])
    kept = taken[:limit]
    last = getattr(kept[-1], column) if len(taken) > limit else None
    return Page(shown(kept), None if last is None else signing.dumps([of, last], salt=_SALT))


def _position(cursor: str, of: str) -> int:
    try:
        listed, position = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        listed, position = None, None
    if listed != of:
        raise Problem(400, _("This cursor does not belong to this list."), name="bad-cursor")
    return int(position)
