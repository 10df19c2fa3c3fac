"""Facebook Login, which opens pages and the Instagram accounts behind them: codes, tokens, who consented to what.

Source: developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri

from ..answers import Json, as_object, list_of, object_of, text_of, texts_of
from ..base import AppRegistration, AuthorizationStart, CredentialsExpired, Rejected, RejectionReason
from ..http import Effect, exchange
from ..oauth import new_state
from ..words import _
from .graph import Call, raise_unreadable, send

PAGES_PER_ANSWER = "100"
ANSWERS_MAX = 20
CAN_PUBLISH = "CREATE_CONTENT"
BUSINESSES = "business_management"  # opens the pages a person reaches through a business portfolio alone
UNKNOWN_APPLICATION = 101


def start_consent(
    authorize: str, app: AppRegistration, *, redirect_uri: str, scopes: Iterable[str]
) -> AuthorizationStart:
    """Meta's web flow knows no PKCE: the state and the app's secret guard it. Declined permissions are asked again."""
    state = new_state()
    url = prepare_grant_uri(
        authorize,
        client_id=app.client_id,
        response_type="code",
        redirect_uri=redirect_uri,
        scope=",".join(scopes),
        state=state,
        auth_type="rerequest",
    )
    return AuthorizationStart(url=str(url), state=state, keep={})


def fetch_user_token(call: Call, app: AppRegistration, *, code: str, redirect_uri: str) -> str:
    """Exchange a code for a token of an hour or two. Raises Rejected(NOT_FOUND) when our application is unknown."""
    return _token(call, app, {"redirect_uri": redirect_uri, "code": code})


def fetch_long_token(call: Call, app: AppRegistration, token: str) -> str:
    """Exchange a short token for one of about sixty days: the page tokens made from it have no end."""
    return _token(call, app, {"grant_type": "fb_exchange_token", "fb_exchange_token": token})


def _token(call: Call, app: AppRegistration, form: dict[str, str]) -> str:
    params = {"client_id": app.client_id, "client_secret": app.client_secret, **form}
    url = call.api + "/oauth/access_token"
    answer = exchange(call.http, "GET", url, effect=Effect.PREPARE, params=params)
    found = as_object(answer)
    error = object_of(found, "error")
    if error.get("code") == UNKNOWN_APPLICATION or "client secret" in text_of(error, "message").lower():
        raise Rejected(
            RejectionReason.NOT_FOUND,
            _("Facebook does not know the application this Chorus was set up with."),
        )
    if answer.status_code in (400, 401, 403):
        raise Rejected(
            RejectionReason.OTHER, _("The approval came too late or was used before. Please connect again.")
        )
    token = text_of(found, "access_token")
    if not answer.is_success or not token:
        raise_unreadable(call, Effect.PREPARE)
    return token


@dataclass(frozen=True, kw_only=True)
class Granted:
    """What a person allowed on Meta's page. ``targets``: of a permission given for some things only, their ids."""

    scopes: tuple[str, ...]
    targets: Mapping[str, frozenset[str]]

    def on(self, *target_ids: str) -> tuple[str, ...]:
        """Return the permissions that hold for a page, or for an account named by one of these ids."""
        return tuple(
            scope
            for scope in self.scopes
            if scope not in self.targets or self.targets[scope] & set(target_ids)
        )


def as_application(call: Call, app: AppRegistration) -> Call:
    """Return a call in the name of our application itself."""
    return replace(call, token=f"{app.client_id}|{app.client_secret}", secret=app.client_secret)


def inspect(call: Call, app: AppRegistration, token: str) -> Granted:
    """Return what a token may do: on Meta's page a person may decline permissions, and tick pages one by one.

    https://developers.facebook.com/docs/graph-api/reference/debug_token
    """
    params = {"input_token": token}
    found = send(as_application(call, app), "GET", "/debug_token", effect=Effect.READ, params=params)
    data = object_of(found, "data")
    if "scopes" not in data:
        raise_unreadable(call, Effect.READ)
    granular = [item for item in list_of(data, "granular_scopes") if isinstance(item, dict)]
    targets = {text_of(item, "scope"): frozenset(texts_of(item, "target_ids")) for item in granular}
    return Granted(
        scopes=texts_of(data, "scopes"),
        targets={scope: ids for scope, ids in targets.items() if ids},  # without ids: it is for all of them
    )


def require(granted: Granted, needed: Collection[str]) -> None:
    """Raise Rejected when the person declined what nothing works without."""
    declined = [scope for scope in needed if scope not in granted.scopes]
    if declined:
        raise Rejected(
            RejectionReason.OTHER,
            _(
                "On Facebook's page this was declined: %(permissions)s. Chorus cannot publish without it."
                " Please connect again and allow it.",
                permissions=", ".join(declined),
            ),
        )


def forget(call: Call, app: AppRegistration, person: str, permission: str = "") -> None:
    """Make Meta forget a person's consent, or one permission of it: with our application's own token, for a page's
    may not, and the person's ends by itself.

    https://developers.facebook.com/docs/facebook-login/guides/permissions/request-revoke
    """
    path = f"/{person}/permissions" + (f"/{permission}" if permission else "")
    send(as_application(call, app), "DELETE", path, effect=Effect.PREPARE)


def get_me(call: Call, fields: str = "id,name") -> Json:
    """https://developers.facebook.com/docs/graph-api/reference/user and .../page"""
    found = send(call, "GET", "/me", effect=Effect.READ, params={"fields": fields})
    if not text_of(found, "id"):
        raise_unreadable(call, Effect.READ)
    return found


def list_pages(call: Call, fields: str, *, with_businesses: bool = False) -> list[Json]:
    """Return the pages of a person, each once; ``with_businesses`` also those of his business portfolios.

    https://developers.facebook.com/docs/graph-api/reference/user/accounts
    """
    pages = _listed(call, "/me/accounts", fields)
    if with_businesses:
        for business in _listed(call, "/me/businesses", "id"):
            for edge in ("owned_pages", "client_pages"):
                with suppress(Rejected, CredentialsExpired):  # of this portfolio he may not list them
                    pages += _listed(call, f"/{text_of(business, 'id')}/{edge}", fields)
    return list({text_of(page, "id"): page for page in reversed(pages)}.values())[::-1]


def _listed(call: Call, path: str, fields: str) -> list[Json]:
    found: list[Json] = []
    after = ""
    for _answer in range(ANSWERS_MAX):
        params = {"fields": fields, "limit": PAGES_PER_ANSWER, **({"after": after} if after else {})}
        answer = send(call, "GET", path, effect=Effect.READ, params=params)
        if "data" not in answer:
            raise_unreadable(call, Effect.READ)
        found += [item for item in list_of(answer, "data") if isinstance(item, dict)]
        after = text_of(object_of(object_of(answer, "paging"), "cursors"), "after")
        if not after or not object_of(answer, "paging").get("next"):
            break
    return found
