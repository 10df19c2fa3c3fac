"""The page that tells people about the API."""

from __future__ import annotations

from collections import defaultdict

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from api.documents import KEPT_SECONDS, openapi_document
from api.problems import TITLES
from permissions.guard import GuardedView

PROBLEMS = {
    "bad-request": _("The JSON, a parameter or a header cannot be read; “errors” names the parameter."),
    "bad-cursor": _("Begin the list again without a cursor."),
    "not-signed-in": _("No session and no key, or a key that is unknown here, revoked or expired."),
    "not-allowed": _("“decision” tells which role would be needed, and what is missing."),
    "not-found": _("There is no such thing, or it is not visible to who asks."),
    "no-such-method": _("The address knows other methods; the document lists them."),
    "conflict": _("A request with the same idempotency key is under way. Ask again in a moment."),
    "too-large": _("Send less at once."),
    "unknown-content-type": _("Send application/json; the access file is application/yaml."),
    "invalid": _("“errors” names each part of the body, “lines” each line of a file."),
    "other-request": _("Choose a new idempotency key for a new request."),
    "too-many-requests": _("Wait as many seconds as Retry-After says."),
    "unexpected": _(
        "It is in our logs. Whether something was done can be asked; a write with a key can be repeated."
    ),
}


class ApiPage(GuardedView):
    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            "tags": cache.get_or_set("api.page", _operations, KEPT_SECONDS),
            "problems": [
                {"name": name, "title": title, "text": PROBLEMS[name]} for name, title in TITLES.items()
            ],
            "rate": settings.API_RATE.partition("/")[0],
        }
        return render(request, "api/page.html", context)


def _operations() -> list[tuple[str, list[dict[str, str]]]]:
    """Return what there is to call, by tag."""
    found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for path, methods in openapi_document()["paths"].items():
        for method, told in methods.items():
            short = path.removeprefix("/api/v1/organizations/{slug}") or path
            found[told["tags"][0]].append(
                {"method": method.upper(), "path": short, "summary": told["summary"]}
            )
    return sorted(found.items())
