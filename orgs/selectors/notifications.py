"""What a person was told, as his page lists it: by day, with several of a kind on one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils import timezone

from accounts.models import User
from notifications.composing import subject_of, together
from notifications.kinds import NotificationKind, kind_named
from notifications.models import Notification
from notifications.seeing import still_seen
from notifications.words import shown
from orgs.models import Organization
from permissions.checker import load_access
from tenancy.context import organization_open, unscoped

LINES_PER_PAGE = 50


@dataclass(frozen=True)
class Line:
    """One notification. ``kind`` None: what it is about may not be seen any more, and nothing of it is told."""

    row: Notification
    organization: Organization
    kind: NotificationKind | None

    @property
    def is_unread(self) -> bool:
        return self.row.read_at is None

    @property
    def subject(self) -> str:
        return subject_of(self.row) if self.kind else ""

    @property
    def gist(self) -> str:
        """Return what tells it from others of its kind."""
        return shown(self.row.words["gist"]) if self.kind else ""

    @property
    def more(self) -> str:
        """Return what stands below the subject."""
        told = self.row.words["told"] if self.kind else []
        return self.gist or (shown(told[0]) if told else "")


@dataclass(frozen=True)
class Item:
    """A line of the list, or several of a kind about the same thing that are told as one."""

    lines: Sequence[Line]

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def is_several(self) -> bool:
        return len(self.lines) > 1

    @property
    def subject(self) -> str:
        kind = self.first.kind
        if kind is None or not self.is_several:
            return self.first.subject
        return together(kind, [line.row for line in self.lines])

    @property
    def ids(self) -> list[int]:
        return [line.row.pk for line in self.lines]


@dataclass(frozen=True)
class Day:
    date: date
    items: Sequence[Item]


@dataclass(frozen=True)
class Listed:
    """One page of the list. ``closed``: organizations that ask for a second factor before they tell anything."""

    days: Sequence[Day]
    page: Page[Notification]
    closed: Sequence[Organization]


def listed(
    person: User,
    places: Iterable[Organization],
    *,
    now: datetime,
    has_second_factor: bool,
    only_unread: bool = False,
    page: Any = 1,
) -> Listed:
    """Return what the person was told in these organizations, newest first."""
    found = {organization.pk: organization for organization in places}
    with unscoped():  # a person's notifications lie in every organization he may enter
        rows = Notification.objects.listed_for(person.pk).filter(organization__in=found)
        if only_unread:
            rows = rows.filter(read_at=None)
        shown_page = Paginator(rows.order_by("-created_at", "-pk"), LINES_PER_PAGE).get_page(page)
        on_page = list(shown_page)
    by_place: dict[int, list[Notification]] = defaultdict(list)
    for row in on_page:
        by_place[row.organization_id].append(row)
    seen: set[int] = set()
    closed = []
    for organization_id, told in by_place.items():
        with organization_open(organization_id):
            access = load_access(
                user=person, organization_id=organization_id, at=now, has_second_factor=has_second_factor
            )
            if access.must_set_up_second_factor:
                closed.append(found[organization_id])
            seen |= {row.pk for row in still_seen(access, told)}
    lines = [
        Line(row, found[row.organization_id], kind_named(row.kind) if row.pk in seen else None)
        for row in on_page
    ]
    days = [Day(day, _items(of_day)) for day, of_day in groupby(lines, key=_day_of)]
    return Listed(days, shown_page, closed)


def _items(lines: Iterable[Line]) -> list[Item]:
    return [Item(list(several)) for _alike, several in groupby(lines, key=_alike)]


def _alike(line: Line) -> tuple[Any, ...]:
    """Return what those have in common that are told as one; a line that stands alone is like no other."""
    row = line.row
    if line.kind is None:
        return (None, row.organization_id, line.is_unread)
    if line.kind.together is None or not row.topic:
        return (row.pk,)
    return (row.kind, row.organization_id, row.topic, line.is_unread)


def _day_of(line: Line) -> date:
    return timezone.localtime(line.row.created_at).date()
