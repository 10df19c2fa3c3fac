"""The OAuth pieces every network shares: PKCE, the consent address, the callback. Built from Authlib's
primitives.

Authlib's ready-made clients keep a token and refresh it on their own; here the caller owns tokens and
refreshes them under a row lock, so only the primitives are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from .base import Rejected, RejectionReason
from .words import _

VERIFIER_CHARACTERS = 64
STATE_CHARACTERS = 43


def new_verifier() -> str:
    return cast(str, generate_token(VERIFIER_CHARACTERS))


def new_state() -> str:
    return cast(str, generate_token(STATE_CHARACTERS))


def challenge_of(verifier: str) -> str:
    return cast(str, create_s256_code_challenge(verifier))


def consent_url(
    endpoint: str, *, client_id: str, redirect_uri: str, scope: str, state: str, verifier: str
) -> str:
    """Return the address of the network's own consent page (authorization code, PKCE S256)."""
    return cast(
        str,
        prepare_grant_uri(
            endpoint,
            client_id=client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=scope,
            state=state,
            code_challenge=challenge_of(verifier),
            code_challenge_method="S256",
        ),
    )


def code_of(callback: Mapping[str, str]) -> str:
    """Return the code of a callback.

    Raises Rejected(OTHER) when the person declined or the network refused.
    """
    error = callback.get("error", "")
    if error == "access_denied":
        raise Rejected(RejectionReason.OTHER, _("The connection was declined on the network's page."))
    code = callback.get("code", "")
    if error or not code:
        raise Rejected(
            RejectionReason.OTHER, _("The network did not complete the connection. Please try again.")
        )
    return code


def kept(keep: Mapping[str, object], name: str) -> str:
    """Return one value kept at the start. Raises Rejected(OTHER) when the session lost it."""
    value = keep.get(name)
    if not isinstance(value, str) or not value:
        raise Rejected(RejectionReason.OTHER, _("This connection was started elsewhere. Please start again."))
    return value
