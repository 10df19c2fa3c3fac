"""What follows when allauth reports that a second factor came or went: the session must tell the truth at once."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import clear_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


@receiver(authenticator_added)
def count_new_second_factor(
    *, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Setting one up proves it: whoever an organization's policy stopped is let in (R2)."""
    if authenticator.type in SECOND_FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


@receiver(authenticator_removed)
def end_what_second_factor_opened(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Without any second factor left no session may count as opened by one: the others end, this one forgets."""
    if not is_mfa_enabled(user, SECOND_FACTORS):
        clear_authentication_records(request)
        end_other_sessions(request, user)
