"""Posts that come again: each time a post of its own, made ahead by who set it up, with his rights of then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.services import record_event
from permissions.checker import Access, load_access
from permissions.errors import NotAllowed
from permissions.services import begin_act
from publishing.models import Occurrence, Post, Publication, QueueSlot, Repetition, State
from publishing.notices import tell_repetition_ended
from publishing.rhythms import day_of
from publishing.rights import PUBLISH, SEND, require_change
from publishing.services.duplicating import duplicate_post
from publishing.services.posts import CannotChange
from publishing.services.queues import add_to_queue
from publishing.services.scheduling import CannotSchedule, schedule_post
from publishing.slots import moment_on
from publishing.times import to_local
from tenancy.context import organization_open, unscoped

TIMES_MAX: Final = 100
EVERY_MAX: Final = 365
AHEAD: Final = timedelta(days=14)  # so long before its time a coming-again stands in the calendar


class CannotRepeat(ValueError):
    """The post cannot come again like this. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a person chose."""

    rhythm: Repetition.Rhythm
    every: int
    times_max: int
    ends_on: date | None = None


class Due(NamedTuple):
    organization_id: int
    pk: int


@transaction.atomic
def repeat_post(*, actor: Access, post: Post, plan: Plan, now: datetime) -> Repetition:
    """Let the post come again. Raises NotAllowed where the person may not send it, CannotRepeat."""
    actor = begin_act(actor, now)
    post = Post.objects.select_for_update().get(pk=post.pk)
    publications = list(post.publications.exclude(state=State.CANCELED).select_related("profile"))
    if not publications:
        raise CannotRepeat(_("Choose profiles for the post first."))
    for publication in publications:
        require_change(actor, publication)
        if not actor.can(SEND, publication.profile):
            actor.require(PUBLISH, publication.profile)
    if not (0 < plan.every <= EVERY_MAX and 0 < plan.times_max <= TIMES_MAX):
        raise CannotRepeat(
            ngettext(
                "A post comes again at most %(count)d time.",
                "A post comes again at most %(count)d times.",
                TIMES_MAX,
            )
            % {"count": TIMES_MAX}
        )
    if post.repetitions.filter(ended_at=None).exists():
        raise CannotRepeat(_("It comes again already. End that first."))
    repetition = Repetition(
        post=post,
        rhythm=plan.rhythm,
        every=plan.every,
        times_max=plan.times_max,
        ends_on=plan.ends_on,
        created_by=actor.user,
        created_at=now,
    )
    _count_from(repetition, publications)
    repetition.save()
    record_event(
        actor=actor.user,
        action="post.repeat",
        obj=post,
        at=now,
        after={
            "rhythm": plan.rhythm,
            "every": plan.every,
            "times_max": plan.times_max,
            "ends_on": plan.ends_on,
        },
    )
    return repetition


def _count_from(repetition: Repetition, publications: list[Publication]) -> None:
    """Write down what the rhythm counts from. Raises CannotRepeat where there is nothing to count from."""
    if repetition.rhythm == Repetition.Rhythm.QUEUE:
        for publication in publications:
            if not QueueSlot.objects.filter(profile=publication.profile).exists():
                raise CannotRepeat(
                    _("%(profile)s: its queue has no times yet. Choose them first.")
                    % {"profile": publication.profile}
                )
        return
    dated = [(one.due_at, one.profile) for one in publications if one.due_at is not None]
    if not dated:
        raise CannotRepeat(_("Schedule the post first: its time is what the others follow."))
    due_at, profile = min(dated, key=lambda pair: pair[0])
    local = to_local(due_at, profile.time_zone)
    repetition.first_on, repetition.minute = local.date(), local.hour * 60 + local.minute
    repetition.time_zone = profile.time_zone


@transaction.atomic
def end_repetition(*, actor: Access, repetition: Repetition, now: datetime) -> None:
    """Let it come no more. What is planned already stays, to be canceled like any other post. Raises NotAllowed."""
    actor = begin_act(actor, now)
    for publication in repetition.post.publications.exclude(state=State.CANCELED).select_related(
        "profile", "post"
    ):
        require_change(actor, publication)
    repetition = Repetition.objects.select_for_update().get(pk=repetition.pk)
    if repetition.ended_at is None:
        _end(repetition, "", now)
        record_event(actor=actor.user, action="post.end_repetition", obj=repetition.post, at=now)


def running_repetitions() -> list[Due]:
    # Unscoped: the clock is the same for every organization.
    with unscoped():
        rows = Repetition.objects.filter(ended_at=None).order_by("pk")
        return [Due(*row) for row in rows.values_list("organization_id", "pk")]


def plan_ahead(*, organization_id: int, repetition_id: int, now: datetime) -> int:
    """Make every coming-again whose time is near; return how many. May be repeated."""
    made = 0
    while _plan_next(organization_id, repetition_id, now):
        made += 1
    return made


def _plan_next(organization_id: int, repetition_id: int, now: datetime) -> bool:
    """Make the next one where it is near; say whether there was one. One transaction: it is there whole, or not."""
    with organization_open(organization_id):
        found = Repetition.objects.filter(pk=repetition_id).select_related("created_by").first()
        if found is None:
            return False
        person = found.created_by
        if person is None or not person.is_active:
            actor = None
        else:
            actor = begin_act(load_access(user=person, organization_id=organization_id, at=now), now)
        repetition = (
            Repetition.objects.select_for_update(of=("self",)).select_related("post").get(pk=found.pk)
        )
        if repetition.ended_at is not None:
            return False
        number, due_at = _next(repetition, now)
        if number > repetition.times_max or _is_past_its_end(repetition, due_at):
            _end(repetition, "", now)
            return False
        if due_at > now + AHEAD:
            return False
        if actor is None:
            return _stop(repetition, _("Whoever set it up is no longer here."), now)
        try:
            with transaction.atomic(), translation.override(actor.user.language):
                post, first_at = _make(actor, repetition, due_at, now)
        except (NotAllowed, CannotSchedule, CannotChange) as problem:
            return _stop(repetition, str(problem), now)
        Occurrence.objects.create(repetition=repetition, number=number, post=post, due_at=first_at)
        Repetition.objects.filter(pk=repetition.pk).update(made=number)
        return True


def _next(repetition: Repetition, now: datetime) -> tuple[int, datetime]:
    """Return the number and the (earliest) moment of the next one. What was missed is not caught up with."""
    if repetition.rhythm == Repetition.Rhythm.QUEUE:
        return repetition.made + 1, _latest(repetition, now) + timedelta(days=repetition.every)
    at = time(repetition.minute // 60, repetition.minute % 60)
    number = repetition.made
    while True:
        number += 1
        due_at = moment_on(day_of(repetition, number), at, repetition.time_zone)
        if due_at > now:
            return number, due_at


def _latest(repetition: Repetition, now: datetime) -> datetime:
    """Return when the post went out the last time, or will."""
    times = [one.due_at for one in repetition.occurrences.order_by("-number")[:1]]
    times += [one.due_at for one in repetition.post.publications.all() if one.due_at is not None]
    return max(times, default=now)


def _is_past_its_end(repetition: Repetition, due_at: datetime) -> bool:
    return (
        repetition.ends_on is not None and to_local(due_at, repetition.time_zone).date() > repetition.ends_on
    )


def _make(actor: Access, repetition: Repetition, due_at: datetime, now: datetime) -> tuple[Post, datetime]:
    post = duplicate_post(actor=actor, post=repetition.post, now=now)
    publications = list(post.publications.select_related("profile", "post"))
    if not publications:
        raise CannotSchedule(_("Whoever set it up may no longer write for any of its profiles."))
    if repetition.rhythm == Repetition.Rhythm.QUEUE:
        dated = add_to_queue(actor=actor, post=post, publications=publications, now=now, not_before=due_at)
    else:
        due = {publication.pk: due_at for publication in publications}
        dated = schedule_post(actor=actor, post=post, due=due, now=now)
    return post, min(one.due_at for one in dated if one.due_at is not None)


def _stop(repetition: Repetition, reason: str, now: datetime) -> bool:
    """End it because it cannot go on, and tell who set it up."""
    _end(repetition, reason, now)
    tell_repetition_ended(repetition)
    return False


def _end(repetition: Repetition, reason: str, now: datetime) -> None:
    repetition.ended_at, repetition.ended_because = now, reason[:500]
    repetition.save(update_fields=["ended_at", "ended_because"])
