"""What is shared with people outside: read for the team, and behind a link for whoever holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from permissions.checker import load_access, load_accesses
from publishing.hours import midnight
from publishing.models import (
    ApprovalLink,
    ApprovalStep,
    CalendarLink,
    PostLabel,
    PostMedia,
    Publication,
    SharedCalendar,
    State,
)
from publishing.rights import VIEW
from publishing.selectors.calendar import on_calendar
from publishing.services.sharing import CREATE_SHARED

FAR = timedelta(days=36500)


def shared_calendars(now: datetime) -> QuerySet[SharedCalendar]:
    """Return the calendars that are shared, by name, each with the number of its open links."""
    is_open = Q(links__revoked_at=None) & (Q(links__expires_at=None) | Q(links__expires_at__gt=now))
    rows: QuerySet[SharedCalendar] = SharedCalendar.objects.standing().select_related("created_by")
    return rows.annotate(open_links=Count("links", filter=is_open)).order_by("name", "pk")


@dataclass(frozen=True)
class LinkRow:
    """A link as the team's page tells it."""

    link: CalendarLink
    is_live: bool
    # False: whoever made it may no longer share, or is gone. It shows what he still may see, perhaps nothing.
    maker_may: bool


def links_of(calendar: SharedCalendar, now: datetime) -> list[LinkRow]:
    """Return a calendar's links, the latest first."""
    rows: Any = calendar.links  # their manager is that of every kind of link
    links: list[CalendarLink] = list(
        rows.select_related("outsider", "created_by").order_by("-created_at", "-pk")
    )
    makers = {link.created_by for link in links if link.created_by}
    accesses = load_accesses(users=makers, organization_id=calendar.organization_id, at=now)
    able = {pk for pk, access in accesses.items() if access.can(CREATE_SHARED, calendar.organization)}
    return [LinkRow(link, link.is_live(now), link.created_by_id in able) for link in links]


def publications_behind(link: CalendarLink, now: datetime) -> QuerySet[Publication]:
    """Return what the link shows: of the calendar's selection, what the link's maker himself may see now."""
    calendar, maker = link.calendar, link.created_by
    rows: QuerySet[Publication] = Publication.objects.select_related("post", "profile")
    if maker is None or not maker.is_active:
        return on_calendar(rows.none(), begin=now, end=now)
    access = load_access(user=maker, organization_id=link.organization_id, at=now)
    zone = ZoneInfo(link.organization.time_zone)
    begin = midnight(calendar.start_date, zone) if calendar.start_date else now - FAR
    end = midnight(calendar.end_date + timedelta(days=1), zone) if calendar.end_date else now + FAR
    shown = access.filter(rows, VIEW, path="profile").filter(
        profile__in=calendar.profile_links.values("profile"), state__in=calendar.shown_states
    )
    labels = [label.label_id for label in calendar.label_links.all()]
    if labels:
        shown = shown.filter(Exists(PostLabel.objects.filter(post=OuterRef("post"), label__in=labels)))
    return on_calendar(shown, begin=begin, end=end)


def asked_of(link: CalendarLink, publications: QuerySet[Publication]) -> QuerySet[Publication]:
    """Return those of the publications that wait for the answer of the very person the link is for.

    Whom a post waits for is its workflow's word: a link alone lets nobody decide.
    """
    if not link.may_approve or link.outsider_id is None:
        return publications.none()
    steps = (
        ApprovalStep.objects.open()
        .filter(approval__publication=OuterRef("pk"), reviewers__outsider=link.outsider_id)
        .exclude(answers__outsider=link.outsider_id)
    )
    return publications.filter(Exists(steps), state=State.WAITING)


def approval_link_of(link: CalendarLink, publication: Publication, now: datetime) -> ApprovalLink | None:
    """Return the link by which the workflow has asked this person about the publication, while it is open."""
    if not link.may_approve or link.outsider_id is None:
        return None
    rows: Any = ApprovalLink.objects
    found: ApprovalLink | None = (
        rows.live(now)
        .filter(
            outsider=link.outsider_id,
            step__in=ApprovalStep.objects.open().filter(approval__publication=publication),
        )
        .select_related("step__approval", "outsider")
        .order_by("-pk")
        .first()
    )
    return found


def is_shown_behind(link: CalendarLink, media: PostMedia, now: datetime) -> bool:
    return publications_behind(link, now).filter(post=media.post_id).exists()
