"""The audit log as people read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import AuditEvent
from orgs.models import Organization
from orgs.selectors.audit_addresses import AddressesOf
from orgs.selectors.audit_areas import area_of
from orgs.selectors.audit_words import (
    EVENTS_OF_CONTENT,
    EVENTS_OF_PARTNERS,
    EVENTS_OF_ROLES,
    FIELDS_OF_CONTENT,
    FIELDS_OF_PARTNERS,
    FIELDS_OF_ROLES,
    worded,
)
from permissions import catalogue
from permissions.packs import UnknownRole, role

ACTION_LABELS = (
    {
        "organization.found": gettext_lazy("Organization founded"),
        "organization.update": gettext_lazy("Organization changed"),
        "organization.two_factor": gettext_lazy("Two-step sign-in rule changed"),
        "workspace.create": gettext_lazy("Workspace created"),
        "workspace.rename": gettext_lazy("Workspace renamed"),
        "workspace.delete": gettext_lazy("Workspace deleted"),
        "invitation.send": gettext_lazy("Invitation sent"),
        "invitation.resend": gettext_lazy("Invitation sent again"),
        "invitation.withdraw": gettext_lazy("Invitation withdrawn"),
        "invitation.accept": gettext_lazy("Invitation accepted"),
        "member.role": gettext_lazy("Organization role changed"),
        "member.workspaces": gettext_lazy("Workspaces of a member changed"),
        "member.suspend": gettext_lazy("Member suspended"),
        "member.reactivate": gettext_lazy("Member reactivated"),
        "member.remove": gettext_lazy("Member removed"),
        "member.leave": gettext_lazy("Member left"),
        "team.create": gettext_lazy("Team created"),
        "team.update": gettext_lazy("Team changed"),
        "team.delete": gettext_lazy("Team deleted"),
        "team.add_member": gettext_lazy("Person added to a team"),
        "team.remove_member": gettext_lazy("Person taken out of a team"),
        "access.grant": gettext_lazy("Role given"),
        "access.end": gettext_lazy("Role ended"),
        "access.link_team": gettext_lazy("Profile put in a team"),
        "access.unlink_team": gettext_lazy("Profile taken out of a team"),
        "request.ask": gettext_lazy("Access asked for"),
        "request.grant": gettext_lazy("Access given on request"),
        "request.decline": gettext_lazy("Request for access declined"),
        "request.withdraw": gettext_lazy("Request for access withdrawn"),
        "view_as.start": gettext_lazy("Began to look as somebody else"),
        "view_as.end": gettext_lazy("Stopped looking as somebody else"),
        "api_key.issue": gettext_lazy("API key issued"),
        "api_key.revoke": gettext_lazy("API key revoked"),
        "access.refused": gettext_lazy("Something not allowed was tried"),
        "ownership.offer": gettext_lazy("Ownership offered"),
        "ownership.accept": gettext_lazy("Ownership handed over"),
        "ownership.decline": gettext_lazy("Ownership declined"),
        "ownership.withdraw": gettext_lazy("Ownership offer withdrawn"),
        "organization.export_audit_log": gettext_lazy("Audit log exported"),
    }
    | EVENTS_OF_CONTENT
    | EVENTS_OF_PARTNERS
    | EVENTS_OF_ROLES
)
FIELD_LABELS = (
    {
        "name": gettext_lazy("Name"),
        "slug": gettext_lazy("Address"),
        "description": gettext_lazy("Description"),
        "packs": gettext_lazy("Role packs"),
        "prefix": gettext_lazy("Begins with"),
        "changes": gettext_lazy("Changes"),
        "time_zone": gettext_lazy("Time zone"),
        "image": gettext_lazy("Picture"),
        "two_factor": gettext_lazy("Second factor"),
        "person": gettext_lazy("Person"),
        "people": gettext_lazy("People"),
        "owner": gettext_lazy("Owner"),
        "former_owner_role": gettext_lazy("Former owner's role"),
        "invited_by": gettext_lazy("Invited by"),
        "role": gettext_lazy("Role"),
        "roles": gettext_lazy("Roles"),
        "team": gettext_lazy("Team"),
        "teams": gettext_lazy("Teams"),
        "profiles": gettext_lazy("Profiles"),
        "workspaces": gettext_lazy("Workspaces"),
        "asked_for": gettext_lazy("Asked for"),
        "on": gettext_lazy("On"),
        "starts_at": gettext_lazy("From"),
        "expires_at": gettext_lazy("Until"),
    }
    | FIELDS_OF_CONTENT
    | FIELDS_OF_PARTNERS
    | FIELDS_OF_ROLES
)
NOT_SHOWN = frozenset({"person_id"})
WORDS_MAX = 10  # of a search: each is compared with every event


@dataclass(frozen=True)
class Change:
    """One field before and after; an empty text where there was or is nothing."""

    field: str
    label: str
    before: str
    after: str
    url: str = ""


@dataclass(frozen=True)
class EventRow:
    event: AuditEvent
    label: str
    changes: list[Change]
    actor_url: str = ""
    object_url: str = ""
    only_object_url: str = ""

    @property
    def is_refusal(self) -> bool:
        return self.event.outcome == AuditEvent.Outcome.REFUSED


@dataclass(frozen=True)
class Filters:
    """What of the log is asked for: the arguments of ``events_found``."""

    text: str = ""
    who: str = ""
    actor: int | None = None
    action: str = ""
    area: str = ""
    outcome: str = ""
    obj: str = ""
    begin: date | None = None
    end: date | None = None

    @property
    def chosen(self) -> dict[str, Any]:
        """Return what is filtered by, as an export tells it: empty when it is the whole log."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in vars(self).items()
            if value not in ("", None)
        }

    def events(self) -> QuerySet[AuditEvent]:
        return events_found(**vars(self))


def events_found(
    *,
    text: str = "",
    who: str = "",
    actor: int | None = None,
    action: str = "",
    area: str = "",
    outcome: str = "",
    obj: str = "",
    begin: date | None = None,
    end: date | None = None,
) -> QuerySet[AuditEvent]:
    """Return the matching events, newest first; ``end`` is the last day counted, ``obj`` is ``app.model:id``."""
    found = AuditEvent.objects.order_by("-sequence")
    for word in text.split()[:WORDS_MAX]:
        found = found.filter(
            Q(object_label__icontains=word) | Q(actor_label__icontains=word) | Q(reason__icontains=word)
        )
    for word in who.split()[:WORDS_MAX]:
        # By the name he has today as well as by the one he had.
        found = found.filter(Q(actor_label__icontains=word) | Q(actor__name__icontains=word))
    if actor is not None:
        found = found.filter(actor=actor)
    if action:
        found = found.filter(action=action)
    if area:
        found = found.filter(action__in=[name for name in recorded_actions() if area_of(name).slug == area])
    if outcome:
        found = found.filter(outcome=outcome)
    if obj:
        kind, _separator, pk = obj.partition(":")
        found = found.filter(object_type=kind, object_id=pk)
    if begin is not None:
        found = found.filter(at__gte=_midnight(begin))
    if end is not None:
        found = found.filter(at__lt=_midnight(end + timedelta(days=1)))
    return found


def recorded_actions() -> list[str]:
    """Return every action the log has an event of."""
    return list(AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct())


def events_of_person(user_id: int, membership_id: int) -> QuerySet[AuditEvent]:
    """Return what the person did and what was done about him, newest first."""
    return AuditEvent.objects.filter(
        Q(actor=user_id)
        | Q(object_type="orgs.membership", object_id=str(membership_id))
        | Q(before__person_id=user_id)
        | Q(after__person_id=user_id)
    ).order_by("-sequence")


def event_rows(events: Iterable[AuditEvent]) -> list[EventRow]:
    return [EventRow(event, action_label(event.action), changes_of(event)) for event in events]


def linked_rows(events: Iterable[AuditEvent], organization: Organization) -> list[EventRow]:
    """Return the events, each leading to its person and its object where they still exist."""
    found = list(events)
    urls = AddressesOf(found, organization)
    return [
        EventRow(
            event,
            action_label(event.action),
            [
                replace(change, url=urls.person(_person_of(event))) if change.field == "person" else change
                for change in changes_of(event)
            ],
            actor_url=urls.person(event.actor_id),
            object_url=urls.object(event),
            only_object_url=urls.log_of(event),
        )
        for event in found
    ]


def _person_of(event: AuditEvent) -> int | None:
    values = {**(event.before or {}), **(event.after or {})}
    person = values.get("person_id")
    return person if isinstance(person, int) else None


def action_label(action: str) -> str:
    if action in ACTION_LABELS:
        return str(ACTION_LABELS[action])
    if action in catalogue.ACTIONS:
        return str(catalogue.ACTIONS[action].label)
    return action.replace(".", ": ").replace("_", " ").capitalize()


def changes_of(event: AuditEvent) -> list[Change]:
    """Return the fields that differ, in words."""
    before: Mapping[str, Any] = event.before or {}
    after: Mapping[str, Any] = event.after or {}
    keys = [key for key in (*before, *(k for k in after if k not in before)) if key not in NOT_SHOWN]
    rows = []
    for key in keys:
        old, new = readable(worded(key, before.get(key))), readable(worded(key, after.get(key)))
        if old or new:
            label = str(FIELD_LABELS.get(key, key.replace("_", " ").capitalize()))
            rows.append(Change(key, label, old, new))
    return rows


def readable(value: Any) -> str:
    """Return a stored value as a person reads it: role names, dates, yes and no."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(readable(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {readable(one)}" for key, one in value.items())
    text = str(value)
    if len(text) >= len("2026-11-21T10:00") and text[:4].isdigit() and (moment := _moment(text)):
        return moment
    prefix, separator, last = text.rpartition(" ")
    try:
        return prefix + separator + str(role(last).label)
    except UnknownRole:
        return text


def _moment(text: str) -> str:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return ""
    if moment is None or timezone.is_naive(moment):
        return ""
    # Translators: a date with its year, as in "28 Nov 2027, 18:00".
    return date_format(timezone.localtime(moment), _("j M Y, H:i"))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
