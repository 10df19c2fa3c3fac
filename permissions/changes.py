"""The end of every change of access: the audit event, and the organization's own rules asked whether they still hold.

Whoever keeps such rules registers a ``Check`` in ``AppConfig.ready``: the floors above know more than this one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import models

from accounts.models import User
from audit.models import AuditEvent
from audit.services import record_event
from tenancy.context import open_organization_id


@dataclass(frozen=True)
class Touched:
    """Whose rights a change can have touched, and on which profiles. None: everybody's, every profile."""

    people: frozenset[int] | None = None
    profiles: frozenset[int] | None = None


EVERYTHING = Touched()


def touched(*, people: Collection[int] | None = None, profiles: Collection[int] | None = None) -> Touched:
    """Return what a change of these people's rights, or of rights on these profiles, can have touched."""
    return Touched(
        people=None if people is None else frozenset(people),
        profiles=None if profiles is None else frozenset(profiles),
    )


class Check(Protocol):
    """Something that must hold after every change of access. Asked under the access lock, in the open organization."""

    def before(self, organization_id: int, now: datetime) -> None:
        """Note what does not hold as it is: it is not this change that broke it."""

    def after(self, organization_id: int, what: Touched, now: datetime) -> None:
        """Raise BreaksAssertion if the change broke what held."""


_checks: list[Check] = []


def register_check(check: Check) -> None:
    _checks.append(check)


def note_state_before(organization_id: int, now: datetime) -> None:
    """Let the checks look before anything is changed. Called with the access lock, by ``begin_change``."""
    for check in _checks:
        check.before(organization_id, now)


def end_change(
    *,
    actor: User | None,
    action: str,
    obj: models.Model | None,
    at: datetime,
    what: Touched = EVERYTHING,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    actor_label: str = "",
) -> AuditEvent:
    """Ask every check, and record the event: last line of a change of access, after everything is written.

    Raises BreaksAssertion; then the transaction of the change is undone. ``what`` keeps the checks short.
    """
    organization_id = open_organization_id()
    assert organization_id is not None, "a change of access happens in an open organization"
    for check in _checks:
        check.after(organization_id, what, at)
    return record_event(
        actor=actor,
        action=action,
        obj=obj,
        at=at,
        before=before,
        after=after,
        reason=reason,
        actor_label=actor_label,
    )
