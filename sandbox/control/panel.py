"""The panel: a person makes things go wrong by hand."""

from __future__ import annotations

import time

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils.translation import gettext as _

from sandbox import accounts, faults
from sandbox.consent import page
from sandbox.control.api import refuse_strangers
from sandbox.faults import Kind
from sandbox.networks import networks
from sandbox.web import form

LIMIT_SECONDS = 300


def choices() -> list[tuple[str, str]]:
    return [
        ("slow", _("Answer after 5 seconds")),
        ("status", _("Fail with 503 and post nothing")),
        ("drop", _("Take the post and drop the answer")),
        ("hang", _("Take the post and never answer")),
        ("rate_limit", _("Say “too many requests” for 5 minutes")),
        ("reject", _("Refuse the content")),
        ("processing", _("Keep new media unready for 5 polls")),
        ("expire", _("Expire the account's tokens (choose an account)")),
    ]


def _render(request: ASGIRequest, mistake: str = "") -> HttpResponse:
    context = {
        "kinds": choices(),
        "networks": networks().values(),
        "people": [row for name in networks() for row in accounts.people(name)],
        "faults": faults.listed(),
        "mistake": mistake,
    }
    return page(request, "panel.html", context, 422 if mistake else 200)


async def show(request: ASGIRequest) -> HttpResponse:
    refuse_strangers(request)
    return _render(request)


def _fault(given: dict[str, str]) -> dict[str, object]:
    kind, network = given.get("kind", ""), given.get("network", "")
    order: dict[str, object] = {
        "kind": Kind.DROP if kind == "hang" else kind,
        "network": network,
        "account": given.get("account", ""),
        "times": given.get("times") or "1",
    }
    if kind != Kind.PROCESSING:
        order["endpoint"] = networks()[network].publishing if network in networks() else "POST *"
    match kind:
        case Kind.SLOW:
            order["delay_ms"] = 5000
        case "hang":
            order["mode"] = "hang"
        case Kind.RATE_LIMIT:
            order["until"] = time.time() + LIMIT_SECONDS
        case Kind.PROCESSING:
            order["polls"] = 5
    return order


async def order(request: ASGIRequest) -> HttpResponse:
    """Carry out one button of the panel and show it again."""
    refuse_strangers(request)
    given = form(request)
    if given.get("do") == "clear":
        faults.clear()
    elif given.get("do") == "remove":
        faults.remove(int(given["fault"]) if given.get("fault", "").isdecimal() else 0)
    elif given.get("kind") == "expire":
        found = (accounts.find(name, given.get("account", "")) for name in networks())
        row = next((row for row in found if row), None)
        if row is None:
            return _render(request, _("Choose the account whose tokens shall expire."))
        accounts.expire_tokens(row, only_access=False)
    else:
        try:
            faults.add(faults.parse(_fault(given)))
        except faults.BadFault as error:
            return _render(request, str(error))
    return HttpResponse(status=303, headers={"Location": "/_control/"})
