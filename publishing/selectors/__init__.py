"""Reads for this app's screens: lists, the calendar, approvals."""

from __future__ import annotations

from publishing.selectors.approvals import approvals_asked_by, approvals_waiting_for
from publishing.selectors.calendar import Card, Day, hours_of_week, month_of, week_of
from publishing.selectors.publications import (
    Wanted,
    authors_of_visible_posts,
    campaigns_of_visible_posts,
    drafts_without_profile,
    labels_of_visible_posts,
    listed_publications,
    moving_with,
    pause_of,
    profiles_with_visible_posts,
    siblings_of,
    visible_media,
    visible_posts,
    visible_publications,
)

__all__ = [
    "Card",
    "Day",
    "Wanted",
    "approvals_asked_by",
    "approvals_waiting_for",
    "authors_of_visible_posts",
    "campaigns_of_visible_posts",
    "drafts_without_profile",
    "hours_of_week",
    "labels_of_visible_posts",
    "listed_publications",
    "month_of",
    "moving_with",
    "pause_of",
    "profiles_with_visible_posts",
    "siblings_of",
    "visible_media",
    "visible_posts",
    "visible_publications",
    "week_of",
]
