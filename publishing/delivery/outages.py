"""Delivery's part of the circuit breaker: what each answer says of its server, and whose turn it is to try again.

The rules are those of ``social_accounts.outages``. While a server is left alone its publications stay as they are and
use up no try; which of them is let through goes by turns, so that a post which is itself the trouble cannot keep the
server shut.
"""

from __future__ import annotations

from datetime import datetime

from publishing.models import FollowUp, Publication
from social_accounts.models import ServerOutage, SocialProfile
from social_accounts.networks.base import NetworkError
from social_accounts.outages.noting import (
    forget,
    let_through,
    note_answer,
    note_trouble,
    says_nothing,
    trouble_of,
)
from tenancy.context import unscoped


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
