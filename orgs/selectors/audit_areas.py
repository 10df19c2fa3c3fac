"""To which heading of the role matrix an event belongs: who could is asked there, who did is answered in the log."""

from __future__ import annotations

from collections.abc import Iterable

from permissions import catalogue
from permissions.catalogue.action import (
    AREAS,
    MEMBERS,
    PARTNERS,
    PLANNING,
    POSTS,
    PROFILES,
    SECURITY,
    SETTINGS,
    TEAMS,
    WORKSPACES,
    Area,
)

# The first word of events that are no actions of the catalogue.
AREA_OF_EVENTS: dict[str, Area] = {
    "access": MEMBERS,
    "access_request": MEMBERS,
    "api_key": SECURITY,
    "assertion": SECURITY,
    "calendar_feed": PLANNING,
    "comment": POSTS,
    "content_campaign": PLANNING,
    "custom_field": PLANNING,
    "draft_category": POSTS,
    "grant": MEMBERS,
    "hashtag_list": PLANNING,
    "invitation": MEMBERS,
    "label": PLANNING,
    "member": MEMBERS,
    "organization": SETTINGS,
    "outsider": POSTS,
    "ownership": MEMBERS,
    "pack": MEMBERS,
    "partner": PARTNERS,
    "partnership": PARTNERS,
    "post": POSTS,
    "profile": PROFILES,
    "publication": POSTS,
    "publishing": POSTS,
    "review": SECURITY,
    "role": MEMBERS,
    "shared_calendar": PLANNING,
    "support": SECURITY,
    "team": TEAMS,
    "view_as": MEMBERS,
    "workflow": POSTS,
    "workspace": WORKSPACES,
}


def area_of(action: str) -> Area:
    """Return the area of a recorded action; what belongs nowhere else is a matter of settings."""
    if action in catalogue.ACTIONS:
        return catalogue.ACTIONS[action].area
    return AREA_OF_EVENTS.get(action.partition(".")[0], SETTINGS)


def areas_of(actions: Iterable[str]) -> list[Area]:
    """Return the areas of these actions, in the order of the matrix."""
    used = {area_of(action).slug for action in actions}
    return [area for area in AREAS if area.slug in used]
