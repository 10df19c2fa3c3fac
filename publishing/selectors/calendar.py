"""The calendar: a month of days, and a week of hours."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from permissions.checker import Access
from publishing.hours import HOURS_IN_DAY, Hour, hours_of, midnight, rows_of
from publishing.lanes import in_lanes
from publishing.models import PostLabel, Publication, State
from publishing.rights import VIEW, may_change
from publishing.selectors.publications import Wanted
from publishing.times import Fold
from social_accounts.models import SocialProfile

DAYS_IN_WEEK: Final = 7
CARDS_IN_DAY: Final = 8  # of a month; the rest is one press away, in the week
# Where a new day is only a new day. What is held or refused is decided on its own page, not by dragging.
DRAGGABLE: Final = frozenset({State.DRAFT, State.WAITING, State.SCHEDULED})
# The bar at a card's left: what a reader tells apart at a glance; the words are in the card.
TONES: Final = {
    State.DRAFT: "draft",
    State.DECLINED: "draft",
    State.CANCELED: "draft",
    State.WAITING: "pending",
    State.HELD: "pending",
    State.UNCONFIRMED: "pending",
    State.SCHEDULED: "scheduled",
    State.PUBLISHING: "scheduled",
    State.PROCESSING: "scheduled",
    State.PUBLISHED: "published",
    State.REJECTED: "failed",
}
# What a card shows: a month of thousands carries nothing else.
SHOWN: Final = (
    "organization_id",
    "state",
    "due_at",
    "published_at",
    "profile_id",
    "post__organization_id",
    "post__text",
    "post__author_id",
)


class Tag(NamedTuple):
    """A label as a card shows it."""

    name: str
    color: int


@dataclass(frozen=True)
class Card:
    """A post on the calendar: its publications of one time and state. ``at`` is in the zone of who looks."""

    publications: list[Publication]
    at: datetime
    tone: str
    may_move: bool
    labels: Sequence[Tag] = ()

    @property
    def publication(self) -> Publication:
        return self.publications[0]


@dataclass
class Day:
    date: date
    is_outside: bool = False
    is_today: bool = False
    cards: list[Card] = field(default_factory=list)

    @property
    def shown(self) -> list[Card]:
        """Return what a month shows of the day; one card more is shown rather than counted."""
        return self.cards if len(self.cards) <= CARDS_IN_DAY + 1 else self.cards[:CARDS_IN_DAY]

    @property
    def more(self) -> int:
        return len(self.cards) - len(self.shown)


@dataclass(frozen=True)
class Placed:
    """A card in a column of hours. ``lane`` of ``lanes`` stand side by side where cards would overlap."""

    card: Card
    lane: int
    lanes: int


@dataclass
class Slot:
    """An hour of a day, or the gap where the day has none of this name."""

    start: datetime  # naive, on the clock of who looks
    hour: Hour
    exists: bool
    cards: list[Placed] = field(default_factory=list)
    more: list[Card] = field(default_factory=list)  # what found no lane
    minute_now: int | None = None

    @property
    def is_again(self) -> bool:
        return self.hour.fold is Fold.SECOND


@dataclass(frozen=True)
class Column:
    day: Day
    slots: list[Slot]

    @property
    def hours(self) -> int:
        return sum(slot.exists for slot in self.slots)

    @property
    def is_changed(self) -> bool:
        """Say whether the clock is put forward or back on this day."""
        return self.hours != HOURS_IN_DAY


@dataclass(frozen=True)
class Week:
    """Seven days side by side, in rows of one hour that every one of them is drawn in."""

    rows: list[Hour]
    columns: list[Column]


def month_of(access: Access, *, first: date, wanted: Wanted, zone: ZoneInfo, today: date) -> list[Day]:
    """Return the month's days from Monday to Sunday, whole weeks, each with its publications by time."""
    dates = [day for week in calendar.Calendar().monthdatescalendar(first.year, first.month) for day in week]
    days = [Day(day, day.month != first.month, day == today) for day in dates]
    return _filled(access, days, wanted, zone)


def week_of(
    access: Access, *, around: date, zone: ZoneInfo, today: date, wanted: Wanted | None = None
) -> list[Day]:
    """Return the seven days, Monday first, that the day lies in."""
    monday = around - timedelta(days=around.weekday())
    dates = [monday + timedelta(days=number) for number in range(DAYS_IN_WEEK)]
    return _filled(access, [Day(day, is_today=day == today) for day in dates], wanted or Wanted(), zone)


def hours_of_week(days: Sequence[Day], zone: ZoneInfo, now: datetime) -> Week:
    """Return the days as columns of hours: as many as each day has on this clock, every post at its minute."""
    hours = {day.date: hours_of(day.date, zone) for day in days}
    rows = rows_of(hours.values())
    columns = [Column(day, _slots(day, rows, hours[day.date])) for day in days]
    local_now = now.astimezone(zone)
    for column in columns:
        if column.day.date == local_now.date():
            column.slots[rows.index(Hour.at(local_now))].minute_now = local_now.minute
    return Week(rows, columns)


def _slots(day: Day, rows: list[Hour], hours: list[Hour]) -> list[Slot]:
    begin = datetime.combine(day.date, datetime.min.time())
    slots = [Slot(begin.replace(hour=hour.hour), hour, hour in hours) for hour in rows]
    places = [rows.index(Hour.at(card.at)) for card in day.cards]
    minutes = [place * 60 + card.at.minute for place, card in zip(places, day.cards, strict=True)]
    for place, card, (lane, lanes) in zip(places, day.cards, in_lanes(minutes), strict=True):
        if lane is None:
            slots[place].more.append(card)
        else:
            slots[place].cards.append(Placed(card, lane, lanes))
    return slots


def on_calendar(
    publications: QuerySet[Publication], *, begin: datetime, end: datetime
) -> QuerySet[Publication]:
    """Return what lies between two moments, each with ``shown_at``: when it went out, else when it is to."""
    found: QuerySet[Publication] = (
        publications.exclude(state=State.CANCELED)
        .filter(post__deleted_at=None)
        .annotate(shown_at=Coalesce("published_at", "due_at"))
        .filter(shown_at__gte=begin, shown_at__lt=end)
        .order_by("shown_at", "pk")
    )
    return found


def grouped(publications: Iterable[Publication]) -> list[list[Publication]]:
    """Return publications of ``on_calendar``, those of one post, time and state together.

    What went out counts by the time it was due: networks answer seconds apart, and it is one post still.
    """
    groups: dict[tuple[int, datetime, str], list[Publication]] = {}
    for publication in publications:
        time = publication.due_at or publication.shown_at  # type: ignore[attr-defined]
        groups.setdefault((publication.post_id, time, publication.state), []).append(publication)
    return list(groups.values())


def _filled(access: Access, days: list[Day], wanted: Wanted, zone: ZoneInfo) -> list[Day]:
    by_date = {day.date: day for day in days}
    rows: QuerySet[Publication] = Publication.objects.select_related("post").only(*SHOWN)
    found = on_calendar(
        wanted.of(access.filter(rows, VIEW, path="profile")),
        begin=midnight(days[0].date, zone),
        end=midnight(days[-1].date + timedelta(days=1), zone),
    )
    publications = list(found)
    profiles = SocialProfile.objects.in_bulk({one.profile_id for one in publications})
    for one in publications:  # thousands of posts are on a handful of profiles
        one.profile = profiles[one.profile_id]
    labels = _labels({one.post_id for one in publications})
    for together in grouped(publications):
        first = together[0]
        local = first.shown_at.astimezone(zone)  # type: ignore[attr-defined]
        may_move = first.state in DRAGGABLE and all(may_change(access, one) for one in together)
        card = Card(together, local, TONES[State(first.state)], may_move, labels.get(first.post_id, ()))
        by_date[local.date()].cards.append(card)
    return days


def _labels(posts: Collection[int]) -> dict[int, list[Tag]]:
    found: dict[int, list[Tag]] = {}
    rows = PostLabel.objects.filter(post__in=posts).order_by("label__name")
    for post, name, color in rows.values_list("post", "label__name", "label__color"):
        found.setdefault(post, []).append(Tag(name, color))
    return found
