"""When a publication goes out, and who vouches for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record_event
from permissions.checker import Access
from permissions.services import begin_act
from publishing.content import problems_of
from publishing.models import Approval, Post, Publication, State
from publishing.rights import PUBLISH, SEND, require_change
from publishing.services.campaign_tracking import release_tracking
from publishing.services.completeness import missing_fields
from publishing.services.requests import open_request, void_open_request
from publishing.states import move
from publishing.taken_workflows import publishes_alone

GRACE: Final = timedelta(minutes=2)  # a form filled in slowly is no time in the past
SCHEDULABLE = frozenset(
    {State.DRAFT, State.WAITING, State.SCHEDULED, State.HELD, State.DECLINED, State.REJECTED}
)


class CannotSchedule(ValueError):
    """Nothing was scheduled. The message says why and is for the person."""


@transaction.atomic
def schedule_post(
    *,
    actor: Access,
    post: Post,
    due: Mapping[int, datetime],
    now: datetime,
    asks_approval: bool = False,
    note: str = "",
) -> list[Publication]:
    """Send out each publication at its time (``due`` by publication id), or ask for approval first.

    Where the person may publish and no workflow binds him, he vouches; where he may only ask, or wants to, the
    publication waits for somebody else. All or nothing. Raises NotAllowed, CannotSchedule.
    """
    actor = begin_act(actor, now)
    release_tracking(post, besides=list(due))
    publications = list(
        Publication.objects.select_for_update(of=("self",))
        .filter(post=post, pk__in=due)
        .select_related("profile", "post")
        .order_by("pk")
    )
    if not publications:
        raise CannotSchedule(_("Choose at least one profile."))
    _refuse_unpublishable(publications)
    if missing := missing_fields(actor, post):
        raise CannotSchedule(missing)
    for publication in publications:
        due_at = due[publication.pk]
        require_change(actor, publication)
        if publication.state not in SCHEDULABLE:
            raise CannotSchedule(
                _("%(profile)s: it is out or on its way already.") % {"profile": publication.profile}
            )
        if due_at < now - GRACE:
            raise CannotSchedule(_("That time is past. Choose a later one, or publish now."))
        if not asks_approval and publishes_alone(actor, publication):
            _vouch(actor, publication, due_at, now)
        elif asks_approval and not publication.profile.has_approval:  # H10
            raise CannotSchedule(
                _("%(profile)s: this network knows no approval. Who may publish there publishes directly.")
                % {"profile": publication.profile}
            )
        else:
            _require_ask(actor, publication)
            _ask(actor, publication, due_at, now, note)
    return publications


def ask_again(
    *, actor: Access, publication: Publication, now: datetime, note: str, asked_by: User | None = None
) -> None:
    """Send what was scheduled, or waits, for approval once more, at the time it has (A5)."""
    _ask(actor, publication, publication.due_at or now, now, note, asked_by)


@transaction.atomic
def reschedule(*, actor: Access, publication: Publication, due_at: datetime, now: datetime) -> Publication:
    """Move a publication to another time. The approval is sealed to the time as well: moving voids it (H9, A5)."""
    actor = begin_act(actor, now)
    publication = _locked(publication)
    require_change(actor, publication)
    if publication.state not in SCHEDULABLE:
        raise CannotSchedule(_("It is out or on its way, so it can no longer be moved."))
    if due_at < now - GRACE:
        raise CannotSchedule(_("That time is past. Choose a later one, or publish now."))
    before = {"due_at": publication.due_at, "state": publication.state}
    if publication.state == State.DRAFT:
        Publication.objects.filter(pk=publication.pk).update(due_at=due_at)
    elif publication.state == State.WAITING:  # moving is no approval, whoever moves it
        asked = publication.approvals.filter(answer="").select_related("requested_by").first()
        asked_by, note = (asked.requested_by, asked.note) if asked else (actor.user, "")
        _ask(actor, publication, due_at, now, note, asked_by)
    elif missed := _missed_request(publication):  # nobody approved it yet, and a new time does not either
        _ask(actor, publication, due_at, now, missed.note, missed.requested_by)
    elif publishes_alone(actor, publication):
        _vouch(actor, publication, due_at, now)
    else:
        _require_ask(actor, publication)
        _ask(actor, publication, due_at, now, "")
    publication.refresh_from_db()
    record_event(
        actor=actor.user,
        action="publication.move",
        obj=publication,
        at=now,
        before=before,
        after={"due_at": due_at, "state": publication.state},
    )
    return publication


@transaction.atomic
def reschedule_together(
    *, actor: Access, due: Sequence[tuple[Publication, datetime]], now: datetime
) -> list[Publication]:
    """Move several publications, each to its time: all of them or none. Raises as ``reschedule`` does."""
    actor = begin_act(actor, now)
    in_order = sorted(due, key=lambda pair: pair[0].pk)
    # All rows before the first audit event: whoever delivers one of them locks it, and then the log.
    wanted = [publication.pk for publication, _due_at in in_order]
    list(Publication.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk"))
    return [
        reschedule(actor=actor, publication=publication, due_at=due_at, now=now)
        for publication, due_at in in_order
    ]


@transaction.atomic
def cancel(*, actor: Access, publication: Publication, now: datetime) -> None:
    """Take a publication out of the schedule, for good."""
    actor = begin_act(actor, now)
    publication = _locked(publication)
    require_change(actor, publication)
    if publication.state not in SCHEDULABLE:
        raise CannotSchedule(_("It is out or on its way, so it can no longer be canceled."))
    before = {"state": publication.state, "due_at": publication.due_at}
    void_open_approval(publication, actor, now)
    move(publication, State.CANCELED, vouched_by=None, sealed_digest="", hold_reason="", detail="")
    record_event(actor=actor.user, action="publication.cancel", obj=publication, at=now, before=before)


def void_open_approval(publication: Publication, actor: Access, now: datetime) -> None:
    void_open_request(publication, actor.user, now)


def _vouch(actor: Access, publication: Publication, due_at: datetime, now: datetime) -> None:
    void_open_approval(publication, actor, now)
    digest = publication.post.content_digest(publication.profile.network)
    if publication.state == State.DECLINED:  # taken up again as a draft first
        move(publication, State.DRAFT)
    move(
        publication,
        State.SCHEDULED,
        due_at=due_at,
        time_zone=publication.profile.time_zone,
        not_before=None,
        sealed_digest=digest,
        vouched_by=actor.user,
        hold_reason="",
        detail="",
    )
    record_event(
        actor=actor.user,
        action="publication.schedule",
        obj=publication,
        at=now,
        after={"due_at": due_at, "profile": str(publication.profile)},
    )


def _ask(
    actor: Access,
    publication: Publication,
    due_at: datetime,
    now: datetime,
    note: str,
    asked_by: User | None = None,
) -> None:
    void_open_approval(publication, actor, now)
    digest = publication.post.content_digest(publication.profile.network)
    move(
        publication,
        State.WAITING,
        due_at=due_at,
        time_zone=publication.profile.time_zone,
        not_before=None,
        sealed_digest=digest,
        vouched_by=None,
        hold_reason="",
        detail="",
    )
    open_request(publication=publication, asked_by=asked_by or actor.user, due_at=due_at, now=now, note=note)
    record_event(
        actor=actor.user,
        action="publication.ask_approval",
        obj=publication,
        at=now,
        after={"due_at": due_at, "profile": str(publication.profile)},
    )


def _require_ask(actor: Access, publication: Publication) -> None:
    """Who may publish may ask as well: a workflow may bind him."""
    if not actor.can(PUBLISH, publication.profile):
        actor.require(SEND, publication.profile)


def _missed_request(publication: Publication) -> Approval | None:
    """Return the request whose time passed unanswered, where that is why the publication is held."""
    if publication.state != State.HELD:
        return None
    latest = publication.approvals.select_related("requested_by").order_by("-requested_at", "-pk").first()
    return latest if latest is not None and latest.answer == Approval.Answer.MISSED else None


def _refuse_unpublishable(publications: Sequence[Publication]) -> None:
    problems = [
        f"{publication.profile}: {problem}"
        for publication in publications
        for problem in problems_of(publication)
    ]
    if problems:
        raise CannotSchedule("\n".join(problems))


def _locked(publication: Publication) -> Publication:
    return (
        Publication.objects.select_for_update(of=("self",))
        .select_related("profile", "post")
        .get(pk=publication.pk)
    )
