"""Reads for this app's screens: lists, the calendar, approvals."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from orgs.models import Organization
from permissions.checker import Access
from publishing.models import Approval, Post, PostMedia, Publication, PublishingPause, State
from publishing.rights import REVIEW, VIEW, may_change
from social_accounts.models import SocialProfile

DAYS_IN_WEEK: Final = 7
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


def visible_publications(access: Access) -> QuerySet[Publication]:
    """Return the publications on profiles whose posts the person may view, ready to be shown."""
    publications: QuerySet[Publication] = Publication.objects.select_related(
        "post", "profile", "post__author"
    )
    return access.filter(publications, VIEW, path="profile")


def visible_posts(access: Access) -> QuerySet[Post]:
    """Return the person's own posts and those with a visible publication."""
    on_profiles = access.filter(Publication.objects.all(), VIEW, path="profile").values("post")
    return Post.objects.filter(Q(author=access.user) | Q(pk__in=on_profiles), deleted_at=None)


def visible_media(access: Access) -> QuerySet[PostMedia]:
    """Return the pictures of visible posts, and those the person brought in for no post yet."""
    own = Q(post=None, uploaded_by=access.user)
    return PostMedia.objects.filter(own | Q(post__in=visible_posts(access)))


def drafts_without_profile(access: Access) -> QuerySet[Post]:
    return Post.objects.filter(author=access.user, publications=None, deleted_at=None).order_by("-updated_at")


def profiles_with_visible_posts(access: Access) -> QuerySet[SocialProfile]:
    return access.filter(SocialProfile.objects.order_by("name", "pk"), VIEW)


def pause_of(organization: Organization) -> PublishingPause | None:
    return PublishingPause.objects.filter(organization=organization).select_related("paused_by").first()


@dataclass(frozen=True)
class Wanted:
    """What a list or calendar is narrowed to. An empty field narrows nothing."""

    state: str = ""
    profile_id: int | None = None

    @property
    def is_filtered(self) -> bool:
        return bool(self.state or self.profile_id)

    def of(self, publications: QuerySet[Publication]) -> QuerySet[Publication]:
        if self.state:
            publications = publications.filter(state=self.state)
        if self.profile_id:
            publications = publications.filter(profile=self.profile_id)
        return publications


def listed_publications(access: Access, wanted: Wanted) -> QuerySet[Publication]:
    """Return publications for the list: what is to come or undecided first, then the past, latest first."""
    at = Coalesce("published_at", "due_at", "created_at")
    return wanted.of(visible_publications(access)).order_by(at.desc(), "-pk")


@dataclass(frozen=True)
class Card:
    """A post on the calendar: its publications of one time and state. ``at`` is in the zone of who looks."""

    publications: list[Publication]
    at: datetime
    tone: str
    may_move: bool

    @property
    def publication(self) -> Publication:
        return self.publications[0]


@dataclass
class Day:
    date: date
    is_outside: bool = False
    is_today: bool = False
    cards: list[Card] = field(default_factory=list)


def month_of(access: Access, *, first: date, wanted: Wanted, zone: ZoneInfo, today: date) -> list[Day]:
    """Return the month's days from Monday to Sunday, whole weeks, each with its publications by time."""
    dates = [day for week in calendar.Calendar().monthdatescalendar(first.year, first.month) for day in week]
    days = [Day(day, day.month != first.month, day == today) for day in dates]
    return _filled(access, days, wanted, zone)


def week_of(access: Access, *, around: date, zone: ZoneInfo, today: date) -> list[Day]:
    """Return the seven days, Monday first, that the day lies in."""
    monday = around - timedelta(days=around.weekday())
    dates = [monday + timedelta(days=number) for number in range(DAYS_IN_WEEK)]
    return _filled(access, [Day(day, is_today=day == today) for day in dates], Wanted(), zone)


def _filled(access: Access, days: list[Day], wanted: Wanted, zone: ZoneInfo) -> list[Day]:
    by_date = {day.date: day for day in days}
    begin = _midnight(days[0].date, zone)
    end = _midnight(days[-1].date + timedelta(days=1), zone)
    at = Coalesce("published_at", "due_at")
    found = (
        wanted.of(visible_publications(access))
        .exclude(state=State.CANCELED)
        .annotate(shown_at=at)
        .filter(shown_at__gte=begin, shown_at__lt=end)
        .order_by("shown_at", "pk")
    )
    groups: dict[tuple[int, datetime, str], list[Publication]] = {}
    for publication in found:
        key = (publication.post_id, publication.shown_at, publication.state)
        groups.setdefault(key, []).append(publication)
    for (_post, shown_at, state), together in groups.items():
        local = shown_at.astimezone(zone)
        may_move = state in DRAGGABLE and all(may_change(access, one) for one in together)
        by_date[local.date()].cards.append(Card(together, local, TONES[State(state)], may_move))
    return days


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def approvals_waiting_for(access: Access) -> QuerySet[Approval]:
    """Return the open requests this person may answer, the earliest publication first."""
    open_ones = _shown(Approval.objects.filter(answer="", publication__state=State.WAITING))
    reviewable = access.filter(open_ones, REVIEW, path="publication__profile")
    return reviewable.exclude(requested_by=access.user).order_by("due_at", "pk")


def approvals_asked_by(access: Access) -> QuerySet[Approval]:
    return _shown(Approval.objects.filter(requested_by=access.user)).order_by("-requested_at", "-pk")


def _shown(approvals: QuerySet[Approval]) -> QuerySet[Approval]:
    return approvals.select_related(
        "publication__post", "publication__profile", "requested_by", "answered_by"
    )


def moving_with(access: Access, publication: Publication, wanted: Wanted) -> list[Publication]:
    """Return the publications on the publication's card, itself among them, on a calendar narrowed like this."""
    together = visible_publications(access).filter(
        post=publication.post_id, due_at=publication.due_at, state=publication.state
    )
    return list(wanted.of(together).order_by("pk"))


def siblings_of(access: Access, post: Post, publication: Publication) -> list[Publication]:
    """Return the post's other publications that the person may see."""
    found = visible_publications(access).filter(post=post).exclude(pk=publication.pk)
    return list(found.order_by("profile__name", "pk"))
