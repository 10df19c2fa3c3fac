"""Who is who: a handle leads to a DID, a DID to its document, the document to the server - checked both ways.

Source: atproto.com/specs/handle, atproto.com/specs/did.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

import httpx

from ..answers import Json, as_object, list_of, text_of, texts_of
from ..base import NetworkError, NotSent, Rejected, RejectionReason, Trouble
from ..http import Effect, exchange, origin_of
from ..words import _
from .config import Realm

HANDLE = re.compile(
    r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", re.IGNORECASE
)
DID = re.compile(r"^did:(plc:[a-z2-7]{24}|web:[a-zA-Z0-9.-]+(%3A\d+)?)$")
DID_CHARACTERS_MAX = 2048


@dataclass(frozen=True, kw_only=True)
class Identity:
    """``handle`` is empty when the account's claim to it does not hold."""

    did: str
    handle: str
    server: str


class Directory:
    """Asks the realm's directories; ``is_trusted`` tells which origins may be plain http."""

    def __init__(self, *, http: httpx.Client, realm: Realm, is_trusted: Callable[[str], bool]) -> None:
        self._http = http
        self._realm = realm
        self._is_trusted = is_trusted

    def identity(self, identifier: str) -> Identity:
        """Return the identity of a handle or DID. Raises Rejected(NOT_FOUND) when there is none."""
        text = identifier.strip().lstrip("@")
        if text.startswith("did:"):
            return self.identity_of_did(text)
        did = self.did_of_handle(text)
        found = self.identity_of_did(did)
        if found.handle != text.lower():
            raise Rejected(
                RejectionReason.NOT_FOUND,
                _("The account behind %(handle)s does not claim this handle.", handle=text),
            )
        return found

    def identity_of_did(self, did: str) -> Identity:
        """Return the identity of a DID; its handle only when the handle leads back to it."""
        document = self._document(did)
        handle = _claimed_handle(document)
        if handle:
            try:
                handle = handle if self.did_of_handle(handle) == did else ""
            except NetworkError:
                handle = ""
        return Identity(did=did, handle=handle, server=self._server(document, did))

    def did_of_handle(self, handle: str) -> str:
        """Ask the realm's resolver, then the handle's own domain. Raises Rejected(NOT_FOUND)."""
        if not HANDLE.match(handle):
            raise _no_account(handle)
        answer = exchange(
            self._http,
            "GET",
            f"{self._realm.resolver_url}/xrpc/com.atproto.identity.resolveHandle",
            effect=Effect.READ,
            params={"handle": handle.lower()},
        )
        did = text_of(as_object(answer), "did") if answer.is_success else ""
        if not did and answer.status_code >= 500:
            did = self._did_at_domain(handle)
        if not DID.match(did):
            if answer.status_code == 429:
                raise NotSent(_("The directory of handles is busy."))
            raise _no_account(handle)
        return did

    def _did_at_domain(self, handle: str) -> str:
        try:
            answer = exchange(
                self._http, "GET", f"https://{handle.lower()}/.well-known/atproto-did", effect=Effect.READ
            )
        except NetworkError:
            return ""
        return answer.text.strip() if answer.is_success else ""

    def _document(self, did: str) -> Json:
        if not DID.match(did) or len(did) > DID_CHARACTERS_MAX:
            raise _no_account(did)
        if did.startswith("did:plc:"):
            url = f"{self._realm.plc_url}/{did}"
        else:
            host = unquote(did.removeprefix("did:web:"))
            scheme = "http" if self._is_trusted(f"http://{host}") else "https"
            url = f"{scheme}://{host}/.well-known/did.json"
        answer = exchange(self._http, "GET", url, effect=Effect.READ)
        if answer.status_code >= 500 or answer.status_code == 429:
            raise NotSent(
                _("The directory %(host)s has a fault.", host=answer.url.host), trouble=Trouble.FAULT
            )
        document = as_object(answer) if answer.is_success else None
        if document is None or text_of(document, "id") != did:
            raise _no_account(did)
        return document

    def _server(self, document: Json, did: str) -> str:
        for service in list_of(document, "service"):
            if not isinstance(service, dict) or text_of(service, "type") != "AtprotoPersonalDataServer":
                continue
            if text_of(service, "id") not in ("#atproto_pds", f"{did}#atproto_pds"):
                continue
            endpoint = text_of(service, "serviceEndpoint")
            try:
                origin = origin_of(endpoint)
            except (httpx.InvalidURL, UnicodeError):
                break
            if origin == endpoint.rstrip("/") and (origin.startswith("https://") or self._is_trusted(origin)):
                return origin
        raise Rejected(RejectionReason.OTHER, _("The account does not say where it lives."))


def _claimed_handle(document: Json) -> str:
    for name in texts_of(document, "alsoKnownAs"):
        if name.startswith("at://"):
            handle = name.removeprefix("at://").lower()
            return handle if HANDLE.match(handle) else ""
    return ""


def _no_account(name: str) -> Rejected:
    return Rejected(
        RejectionReason.NOT_FOUND, _("There is no Bluesky account called %(name)s.", name=name[:80])
    )
