"""Delivery's part of the circuit breaker: what each answer says of its server, and whose turn it is to try again.

The rules are those of ``social_accounts.outages``. While a server is left alone its publications stay as they are and
use up no try; which of them is let through goes by turns, so that a post which is itself the trouble cannot keep the
server shut.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from orgs.models import Organization
from publishing.delivery.notifying import tell_of_outage
from publishing.models import FollowUp, Publication, State
from social_accounts.models import OutageNotice, ServerOutage, SocialProfile
from social_accounts.networks.base import NetworkError
from social_accounts.outages.noting import (
    forget,
    let_through,
    note_answer,
    note_trouble,
    says_nothing,
    trouble_of,
)
from social_accounts.outages.showing import shown
from tenancy.context import organization_open, unscoped

TELL_AFTER: Final = timedelta(minutes=5)


def note_publication(publication: Publication, outcome: object, *, server_fails: bool, now: datetime) -> bool:
    """Count what a call about a publication says of its server; return whether that is left alone now."""
    is_probe = server_fails and _is_probe(probe_publication=publication.pk)
    return _note(publication.profile, outcome, server_fails=server_fails, is_probe=is_probe, now=now)


def note_follow_up(row: FollowUp, outcome: object, *, server_fails: bool, now: datetime) -> bool:
    """Count what a call about a post that is out says of its server, as ``note_publication`` does."""
    is_probe = server_fails and _is_probe(probe_follow_up=row.pk)
    return _note(row.publication.profile, outcome, server_fails=server_fails, is_probe=is_probe, now=now)


def _note(
    profile: SocialProfile, outcome: object, *, server_fails: bool, is_probe: bool, now: datetime
) -> bool:
    """``server_fails`` is what was known before the call: an answer costs a query only where it is news."""
    if isinstance(outcome, NetworkError) and trouble_of(outcome) is not None:
        return note_trouble(
            network=profile.network,
            server=profile.server,
            profile_id=profile.pk,
            error=outcome,
            is_probe=is_probe,
            now=now,
        )
    if server_fails and not says_nothing(outcome):
        note_answer(network=profile.network, server=profile.server, now=now)
    elif is_probe:
        ServerOutage.objects.filter(network=profile.network, server=profile.server).end_probe()
    return False


def _is_probe(**probe: int) -> bool:
    return ServerOutage.objects.filter(**probe).exists()


def end_probe(publication_id: int) -> None:
    """Let another call go through where this publication's was not made after all."""
    ServerOutage.objects.filter(probe_publication=publication_id).end_probe()


def let_one_through(*, now: datetime) -> None:
    """Name, for each server that was left alone long enough, the one call that finds out whether it answers again.

    Beat calls it before it looks for what is due; workers that look at the same time skip the server.
    """
    # Unscoped: the posts of every organization wait for the same server.
    with unscoped():
        for outage in ServerOutage.objects.to_try(now).select_for_update(skip_locked=True):
            _let_one_through(outage, now)


def tell_of_outages(*, now: datetime) -> None:
    """Tell the administrators of every organization whose posts wait for a server, once for each outage.

    Not at once: most outages are over before anybody could read of them.
    """
    # Unscoped: an outage concerns every organization with a profile at that server.
    with unscoped():
        lasting = ServerOutage.objects.open().filter(opened_at__lte=now - TELL_AFTER)
        affected = [(outage, organization) for outage in lasting for organization in _affected(outage, now)]
    for outage, organization_id in affected:
        with organization_open(organization_id):
            _tell_once(outage, organization_id, now)


def _affected(outage: ServerOutage, now: datetime) -> set[int]:
    waiting = Publication.objects.filter(
        Q(state=State.SCHEDULED, due_at__lte=now) | Q(state__in=[State.PROCESSING, State.UNCONFIRMED]),
        profile__network=outage.network,
        profile__server=outage.server,
    )
    assert outage.told_as is not None, "set when it opened"
    told = OutageNotice.objects.filter(outage=outage, told_as=outage.told_as)
    return set(waiting.values_list("organization_id", flat=True)) - set(
        told.values_list("organization_id", flat=True)
    )


def _tell_once(outage: ServerOutage, organization_id: int, now: datetime) -> None:
    assert outage.told_as is not None, "set when it opened"
    _notice, is_new = OutageNotice.objects.get_or_create(
        organization_id=organization_id, outage=outage, told_as=outage.told_as
    )
    if is_new:
        tell_of_outage(shown(outage), Organization.objects.get(pk=organization_id), now)


def _let_one_through(outage: ServerOutage, now: datetime) -> None:
    """Take whoever was tried least: a post before a look, a look before what follows a post."""
    posts = Publication.objects.filter(profile__network=outage.network, profile__server=outage.server)
    for waiting in (
        posts.due(now).may_go_but_for_server(now),
        posts.to_poll(now).may_go_but_for_server(now),
        posts.to_read_back(now),
    ):
        found = waiting.order_by("attempt_count", "due_at", "pk").values_list("pk", flat=True).first()
        if found is not None:
            let_through(outage, now=now, publication=found)
            return
    follow_ups = FollowUp.objects.filter(
        publication__profile__network=outage.network, publication__profile__server=outage.server
    )
    for rows in (follow_ups.due(now).may_go_but_for_server(now), follow_ups.to_look_for(now)):
        found = rows.order_by("attempt_count", "created_at").values_list("pk", flat=True).first()
        if found is not None:
            let_through(outage, now=now, follow_up=found)
            return
    forget(outage, now=now)
