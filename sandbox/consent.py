"""The consent page of both networks: who asks for what, and on behalf of which sandbox account."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.core import signing
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from sandbox import accounts, networks
from sandbox.web import form, origin_of

FORM_SECONDS = 3600
SALT = "sandbox.consent"


def page(
    request: ASGIRequest, template: str, context: Mapping[str, object], status: int = 200
) -> HttpResponse:
    return HttpResponse(
        render_to_string(f"sandbox/{template}", {"request": request, **context}), status=status
    )


def problem(request: ASGIRequest, message: str, status: int) -> HttpResponse:
    return page(request, "problem.html", {"message": message}, status)


def out_of_band(request: ASGIRequest, code: str, message: str) -> HttpResponse:
    return page(request, "code.html", {"code": code, "message": message})


def show(
    request: ASGIRequest,
    *,
    network: str,
    client: str,
    website: str,
    ask: Mapping[str, str],
    hint: str,
    mistake: str = "",
) -> HttpResponse:
    """Render the form. What was asked travels signed inside it, so that nothing is kept until it is answered."""
    people = accounts.people(network)
    chosen = hint if any(person["handle"] == hint for person in people) else people[0]["handle"]
    response = page(
        request,
        "consent.html",
        {
            "network": networks.network(network),
            "client": client,
            "website": website,
            "scopes": ask["scope"].split(),
            "people": people,
            "chosen": chosen,
            "mistake": mistake,
            "signed": signing.dumps({**ask, "client": client, "website": website}, salt=SALT),
            "returns_to": urlsplit(ask["redirect_uri"]).netloc,
        },
        status=422 if mistake else 200,
    )
    # Browsers apply form-action to the redirect that follows, so the way back to the client must be named.
    parts = urlsplit(ask["redirect_uri"])
    if parts.scheme in ("http", "https"):
        response.headers["X-Sandbox-Form-Action"] = f"'self' {parts.scheme}://{parts.netloc}"
    return response


def decision(request: ASGIRequest, network: str) -> tuple[dict[str, str], sqlite3.Row | None] | HttpResponse:
    """Read the answered form: what was asked, and the account that allowed it (None: denied), or a page to show."""
    if request.headers.get("Origin", origin_of(request)) != origin_of(request):
        return problem(request, _("This form was sent from another site."), 403)
    given = form(request)
    try:
        ask: dict[str, str] = signing.loads(given.get("signed", ""), salt=SALT, max_age=FORM_SECONDS)
    except signing.BadSignature:
        return problem(
            request, _("This form is too old or was changed. Start again from the application."), 400
        )
    if given.get("decision") != "allow":
        return ask, None
    handle = given.get("new_handle", "").strip()
    try:
        if handle:
            return ask, accounts.create(network, handle)
        account = accounts.find(network, given.get("account", ""))
    except accounts.BadHandle as error:
        account, mistake = None, str(error)
    else:
        mistake = _("Choose an account.")
    if account is None:
        return show(
            request,
            network=network,
            client=ask["client"],
            website=ask["website"],
            ask=ask,
            hint="",
            mistake=mistake,
        )
    return ask, account
