"""What stands around a time while somebody writes: the week it lies in, and when the queues are free."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone

from permissions.guard import GuardedView, OrganizationRequest
from publishing.forms import LocalTimeField
from publishing.rights import may_compose
from publishing.selectors import week_of
from publishing.selectors.queues import next_free_times
from publishing.times import LOCAL_TIME, to_local
from publishing.views.common import zone_of
from social_accounts.selectors import visible_profiles
from ui.addresses import id_in

FREE_SHOWN: Final = 4


@dataclass
class FreeTime:
    """A wall-clock time at which the queues of these networks have room, on the clocks of their profiles."""

    at: datetime
    networks: list[str] = field(default_factory=list)

    @property
    def value(self) -> str:
        return self.at.strftime(LOCAL_TIME)


class TimesAround(GuardedView):
    """The week around a time and the next free times of some profiles, as the composer shows them."""

    members_only = True

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        chosen = {pk for value in request.GET.getlist("profile") if (pk := id_in(value)) is not None}
        context = around_context(request, time_typed(request.GET.get("when")), chosen)
        return JsonResponse(
            {
                "week": render_to_string("publishing/composer/_week.html", context, request),
                "free": render_to_string("publishing/composer/_free.html", context, request),
            }
        )


def around_context(
    request: OrganizationRequest, when: datetime | None, chosen: Collection[int]
) -> dict[str, Any]:
    """Return the week a time lies in (this one without a time), and when the chosen profiles' queues are free."""
    zone, now = zone_of(request), timezone.now()
    local_now = now.astimezone(zone)
    return {
        "when": when,
        "week": week_of(request.access, around=(when or local_now).date(), zone=zone, today=local_now.date()),
        "free": _free_times(request, chosen, now) if chosen else [],
    }


def time_typed(value: Any) -> datetime | None:
    """Return a wall-clock time that was typed or set; None for none and for what is no time."""
    if isinstance(value, datetime):
        return value
    try:
        found: datetime | None = LocalTimeField(required=False).clean(value)
    except ValidationError:
        return None
    return found


def _free_times(request: OrganizationRequest, chosen: Collection[int], now: datetime) -> list[FreeTime]:
    profiles = [
        profile
        for profile in visible_profiles(request.access, request.organization).filter(pk__in=chosen)
        if may_compose(request.access, profile)
    ]
    free = next_free_times(profiles, now)
    found: dict[datetime, FreeTime] = {}
    for profile in profiles:
        if profile.pk in free:
            at = to_local(free[profile.pk], profile.time_zone)
            found.setdefault(at, FreeTime(at)).networks.append(profile.network)
    return [found[at] for at in sorted(found)[:FREE_SHOWN]]
