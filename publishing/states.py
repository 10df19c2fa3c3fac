"""The one door through which a publication changes its state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from publishing.models import TRANSITIONS, Publication, State
from social_accounts import connections

# From here the network may have the post: back to the queue only with the word that it certainly has not.
MAYBE_SENT: Final = frozenset({State.PUBLISHING, State.PROCESSING, State.UNCONFIRMED})


class StateError(Exception):
    """A publication could not change its state. The message is for the person."""


class TransitionNotAllowed(StateError):
    """``TRANSITIONS`` knows no such way."""

    def __init__(self, publication: Publication, to: State) -> None:
        super().__init__(
            _("This post is “%(before)s” and cannot become “%(after)s”.")
            % {"before": State(publication.state).label, "after": to.label}
        )


class StateChanged(StateError):
    """Somebody else was faster: the row is no longer as it was read. Nothing was changed."""

    def __init__(self, publication: Publication) -> None:
        super().__init__(_("This post has changed in the meantime. Look at it again."))
        self.publication_id = publication.pk


def move(
    publication: Publication,
    to: State,
    *,
    certainly_not_sent: bool = False,
    expecting: Mapping[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Bring the publication from the state it was read in to another, together with other fields.

    One conditional UPDATE: raises StateChanged when the row is no longer in that state (or no longer has what
    ``expecting`` names), TransitionNotAllowed when there is no such way. ``certainly_not_sent`` must be claimed
    to go from PUBLISHING or UNCONFIRMED back to SCHEDULED: it is the promise that the network does not have the
    post. The claim ends with PUBLISHING, the hold reason with HELD. The object has the new values afterwards.
    """
    before = State(publication.state)
    values = _values(publication, to, certainly_not_sent=certainly_not_sent, changes=changes)
    rows = Publication.objects.filter(pk=publication.pk, state=before, **(expecting or {}))
    if rows.update(**values) != 1:
        raise StateChanged(publication)
    for name, value in values.items():
        setattr(publication, name, value)


def claim_all(publications: Sequence[Publication], *, now: datetime) -> None:
    """Bring scheduled publications, locked by the caller, to PUBLISHING in one statement: all of them or none."""
    if not publications:
        return
    values = _values(publications[0], State.PUBLISHING, changes={"claimed_at": now})
    rows = Publication.objects.filter(pk__in=[one.pk for one in publications], state=State.SCHEDULED)
    if rows.update(**values) != len(publications):
        raise StateChanged(publications[0])


def _values(
    publication: Publication, to: State, *, certainly_not_sent: bool = False, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is written on the way to a state. Raises TransitionNotAllowed."""
    before = State(publication.state)
    if to not in TRANSITIONS[before]:
        raise TransitionNotAllowed(publication, to)
    if before in MAYBE_SENT and to is State.SCHEDULED and not certainly_not_sent:
        raise TransitionNotAllowed(publication, to)
    if to is State.HELD and not changes.get("hold_reason"):
        raise ValueError("a publication is held for a reason")
    values: dict[str, Any] = {"state": to}
    if to is not State.PUBLISHING:
        values["claimed_at"] = None
    if before is State.HELD:
        values |= {"hold_reason": "", "held_at": None}
    elif to is State.HELD:
        values["held_at"] = connections.clock()
    return {**values, **changes}
