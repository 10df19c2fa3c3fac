"""Sharing a selection of posts with people outside (AO13-AO15): made, changed and ended, each link by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record_event
from orgs.models import Organization
from permissions.checker import Access
from permissions.services import begin_act
from publishing.models import (
    SHARED_STATES,
    CalendarLink,
    Label,
    SharedCalendar,
    SharedLabel,
    SharedProfile,
    State,
)
from publishing.rights import VIEW
from publishing.services.outsiders import new_token, outsider_of, revoke
from social_accounts.models import SocialProfile

CREATE_SHARED: Final = "organization.create_shared_calendars"
EDIT_SHARED: Final = "organization.edit_or_delete_shared_calendars"
VIEW_SHARED: Final = "organization.view_shared_calendars"
LONGEST_LINK: Final = timedelta(days=366)


class CannotShare(Exception):
    """Nothing was shared or changed. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What a shared calendar shows: posts on these profiles, in these states, with one of these labels if any."""

    name: str
    profiles: Sequence[SocialProfile]
    states: Sequence[str]
    labels: Sequence[Label] = ()
    start_date: date | None = None
    end_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A link somebody wants: for whom, until when, and what it may do beyond being looked at."""

    name: str
    expires_at: datetime
    email: str = ""
    may_comment: bool = False
    may_approve: bool = False
    language: str = "en"


@transaction.atomic
def create_shared_calendar(
    *, actor: Access, organization: Organization, selection: Selection, now: datetime
) -> SharedCalendar:
    """Put a selection under a name. Nobody outside sees it before a link is made. Raises NotAllowed, CannotShare."""
    actor = begin_act(actor, now)
    actor.require(CREATE_SHARED, organization)
    _refuse(actor, selection)
    calendar = SharedCalendar.objects.create(created_by=actor.user, created_at=now, **_fields(selection))
    _write_profiles(calendar, {profile.pk for profile in selection.profiles})
    _write_labels(calendar, selection.labels)
    record_event(
        actor=actor.user, action="shared_calendar.create", obj=calendar, at=now, after=_summary(calendar)
    )
    return calendar


@transaction.atomic
def update_shared_calendar(
    *, actor: Access, calendar: SharedCalendar, selection: Selection, now: datetime
) -> SharedCalendar:
    """Change what a shared calendar shows, behind every link at once. Profiles the person does not see stay in it."""
    actor = begin_act(actor, now)
    calendar = _standing(actor, calendar)
    _refuse(actor, selection)
    before = _summary(calendar)
    kept = hidden_profiles(actor, calendar)
    SharedCalendar.objects.filter(pk=calendar.pk).update(edited_at=now, **_fields(selection))
    _write_profiles(calendar, {profile.pk for profile in (*selection.profiles, *kept)})
    _write_labels(calendar, selection.labels)
    calendar.refresh_from_db()
    record_event(
        actor=actor.user,
        action="shared_calendar.update",
        obj=calendar,
        at=now,
        before=before,
        after=_summary(calendar),
    )
    return calendar


@transaction.atomic
def end_shared_calendar(*, actor: Access, calendar: SharedCalendar, now: datetime) -> int:
    """Stop sharing for good: every link shuts at once. Return how many were open."""
    actor = begin_act(actor, now)
    calendar = _standing(actor, calendar)
    shut = sum(revoke(link, now) for link in calendar.links.live(now))
    SharedCalendar.objects.filter(pk=calendar.pk).update(ended_at=now)
    record_event(
        actor=actor.user, action="shared_calendar.end", obj=calendar, at=now, before=_summary(calendar)
    )
    return shut


@transaction.atomic
def make_calendar_link(
    *, actor: Access, calendar: SharedCalendar, wish: Wish, now: datetime
) -> tuple[CalendarLink, str]:
    """Return a new link and its token, which is shown once. Raises NotAllowed, CannotShare.

    Who is to answer needs an address: a workflow asks a person, so it must be known whose answer it is.
    """
    actor = begin_act(actor, now)
    actor.require(CREATE_SHARED, calendar.organization)
    calendar = _locked(calendar)
    if not now < wish.expires_at <= now + LONGEST_LINK:
        raise CannotShare(_("A link ends within a year. Choose a day in that time."))
    if wish.may_approve and not wish.email:
        raise CannotShare(
            _("Write the e-mail address of whoever is to approve: workflows ask a known person.")
        )
    outsider = None
    if wish.email:
        outsider = outsider_of(
            name=wish.name, email=wish.email, language=wish.language, by=actor.user, now=now
        )
    token, digest = new_token()
    link = CalendarLink.objects.create(
        calendar=calendar,
        token_digest=digest,
        outsider=outsider,
        name=wish.name,
        may_comment=wish.may_comment,
        may_approve=wish.may_approve,
        created_by=actor.user,
        created_at=now,
        expires_at=wish.expires_at,
    )
    record_event(
        actor=actor.user, action="shared_calendar.link", obj=calendar, at=now, after=_link_summary(link)
    )
    return link, token


@transaction.atomic
def revoke_calendar_link(*, actor: Access, link: CalendarLink, now: datetime) -> bool:
    """Shut one link at once; return whether it was open. Its maker may, and who edits shared calendars."""
    actor = begin_act(actor, now)
    if link.created_by_id != actor.user.pk or not actor.can(CREATE_SHARED, link.organization):
        actor.require(EDIT_SHARED, link.organization)
    is_shut = revoke(link, now)
    if is_shut:
        record_event(
            actor=actor.user,
            action="shared_calendar.revoke",
            obj=link.calendar,
            at=now,
            before=_link_summary(link),
        )
    return is_shut


def hidden_profiles(actor: Access, calendar: SharedCalendar) -> list[SocialProfile]:
    """Return the calendar's profiles whose posts this person does not see."""
    profiles = [
        link.profile for link in calendar.profile_links.select_related("profile").order_by("profile__name")
    ]
    return [profile for profile in profiles if not actor.can(VIEW, profile)]


def _standing(actor: Access, calendar: SharedCalendar) -> SharedCalendar:
    actor.require(EDIT_SHARED, calendar.organization)
    return _locked(calendar)


def _locked(calendar: SharedCalendar) -> SharedCalendar:
    locked: SharedCalendar = SharedCalendar.objects.select_for_update().get(pk=calendar.pk)
    if locked.ended_at is not None:
        raise CannotShare(_("This calendar is no longer shared. Make a new one."))
    return locked


def _refuse(actor: Access, selection: Selection) -> None:
    if not selection.profiles:
        raise CannotShare(_("Choose at least one profile."))
    for profile in selection.profiles:
        actor.require(VIEW, profile)
    if not selection.states or any(state not in SHARED_STATES for state in selection.states):
        raise CannotShare(_("Choose which posts are shown."))
    if selection.start_date and selection.end_date and selection.end_date < selection.start_date:
        raise CannotShare(_("The last day lies before the first one."))


def _fields(selection: Selection) -> dict[str, Any]:
    return {
        "name": selection.name,
        "states": [state for state in SHARED_STATES if state in selection.states],
        "start_date": selection.start_date,
        "end_date": selection.end_date,
    }


def _write_profiles(calendar: SharedCalendar, wanted: set[int]) -> None:
    calendar.profile_links.exclude(profile__in=wanted).delete()
    known = set(calendar.profile_links.values_list("profile", flat=True))
    SharedProfile.objects.bulk_create(
        SharedProfile(calendar=calendar, profile_id=pk) for pk in sorted(wanted - known)
    )


def _write_labels(calendar: SharedCalendar, labels: Iterable[Label]) -> None:
    calendar.label_links.all().delete()
    SharedLabel.objects.bulk_create(SharedLabel(calendar=calendar, label=label) for label in labels)


def _summary(calendar: SharedCalendar) -> dict[str, Any]:
    profiles = calendar.profile_links.select_related("profile").order_by("profile__name")
    labels = calendar.label_links.select_related("label").order_by("label__name")
    return {
        "name": calendar.name,
        "profiles": [str(link.profile) for link in profiles],
        "labels": [str(link.label) for link in labels],
        "states": [str(State(state).label) for state in calendar.states],
        "start_date": calendar.start_date,
        "end_date": calendar.end_date,
    }


def _link_summary(link: CalendarLink) -> dict[str, Any]:
    return {
        "outsider": link.holder_name,
        "may_comment": link.may_comment,
        "may_approve": link.may_approve,
        "expires_at": link.expires_at,
    }
