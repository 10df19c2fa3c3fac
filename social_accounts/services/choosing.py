"""One consent, several accounts: what it opened waits here until the person has ticked what to connect."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from permissions.checker import Access
from social_accounts import vault
from social_accounts.models import ConnectionChoice, SocialProfile
from social_accounts.networks.base import Account, AppRegistration, Connectable
from social_accounts.sealing import sealed, unsealed
from social_accounts.sentences import kept
from social_accounts.services.attempts import LIFETIME, Destination, session_digest
from social_accounts.services.connecting import keep_or_give_back
from social_accounts.services.errors import AttemptExpired, ConnectRefused, ForeignAttempt, UnknownAttempt
from social_accounts.services.revoking import revoke
from tenancy.context import organization_open


@dataclass(frozen=True)
class Choice:
    """What may be ticked. ``connected``: the remote ids that are profiles of this organization already."""

    row: ConnectionChoice
    registration: AppRegistration
    found: tuple[Connectable, ...]
    connected: frozenset[str]

    @property
    def destination(self) -> Destination:
        row = self.row
        return Destination(network=row.network, typed_server=row.server, workspace_id=row.workspace_id)


def keep_choice(
    *,
    user: AbstractBaseUser,
    session_key: str,
    destination: Destination,
    registration: AppRegistration,
    found: Sequence[Connectable],
    now: datetime,
) -> ConnectionChoice:
    """Remember what a consent opened, encrypted, for a quarter of an hour. The organization must be open."""
    assert destination.workspace_id is not None, "to reconnect a profile there is nothing to tick"
    choice = ConnectionChoice(
        user_id=user.pk,
        session_digest=session_digest(session_key),
        network=destination.network,
        server=registration.server,
        workspace_id=destination.workspace_id,
        found_at=now,
    )
    value = {
        "registration": {
            "server": registration.server,
            "client_id": registration.client_id,
            "client_secret": registration.client_secret,
            "extra": dict(registration.extra),
        },
        "found": [
            {
                "account": asdict(one.account),
                "credentials": vault.as_json(one.credentials),
                "kind": kept(one.kind),
                "problem": kept(one.problem),
                "notes": [kept(note) for note in one.notes],
            }
            for one in found
        ],
    }
    choice.kept = sealed(value, purpose=_purpose(choice))
    choice.save(force_insert=True)
    return choice


def choice_of(*, user: AbstractBaseUser, session_key: str, choice_id: UUID, now: datetime) -> Choice:
    """Return what this person may tick in this browser. The organization must be open. Raises ConnectRefused."""
    row = ConnectionChoice.objects.select_related("workspace").filter(pk=choice_id).first()
    if row is None:
        raise UnknownAttempt
    is_own = constant_time_compare(row.session_digest, session_digest(session_key))
    if row.user_id != user.pk or not is_own:
        raise ForeignAttempt
    if row.found_at + LIFETIME <= now:
        raise AttemptExpired
    value: dict[str, Any] = unsealed(row.kept, purpose=_purpose(row))
    found = tuple(
        Connectable(
            account=Account(**one["account"]),
            credentials=vault.as_credentials(one["credentials"]),
            kind=one["kind"],
            problem=one.get("problem", ""),
            notes=tuple(one.get("notes", ())),
        )
        for one in value["found"]
    )
    known = SocialProfile.objects.filter(
        network=row.network,
        server=row.server,
        remote_id__in=[one.account.remote_id for one in found],
        status=SocialProfile.Status.CONNECTED,
    )
    connected = frozenset(known.values_list("remote_id", flat=True))
    return Choice(row, AppRegistration(**value["registration"]), found, connected)


def connect_chosen(
    *, actor: Access, choice: Choice, remote_ids: Collection[str], now: datetime
) -> tuple[list[SocialProfile], list[str]]:
    """Connect what was ticked; return the profiles, and a sentence for each that was refused. Outside a transaction.

    Raises ConnectRefused when nothing that was found was ticked.
    """
    ticked = [one for one in choice.found if one.account.remote_id in set(remote_ids) and not one.problem]
    if not ticked:
        raise ConnectRefused(_("Tick at least one account."))
    profiles, refused = [], []
    for one in ticked:
        try:
            profiles.append(
                keep_or_give_back(
                    actor=actor,
                    destination=choice.destination,
                    account=one.account,
                    credentials=one.credentials,
                    registration=choice.registration,
                    now=now,
                )
            )
        except ConnectRefused as error:
            refused.append(str(error))
    with organization_open(actor.organization_id):
        ConnectionChoice.objects.filter(pk=choice.row.pk).delete()
    return profiles, refused


def give_back(*, actor: Access, choice: Choice) -> None:
    """Connect nothing, and make the network forget the consent. Outside a transaction; repeating is harmless."""
    with organization_open(actor.organization_id):
        ConnectionChoice.objects.filter(pk=choice.row.pk).delete()
    one = choice.found[0]
    revoke(account=one.account, registration=choice.registration, credentials=one.credentials)


def _purpose(choice: ConnectionChoice) -> str:
    return f"choice {choice.pk}"
