"""What somebody typed into a form that could not be taken: kept until he may send it, secrets left out."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

SESSION_KEY = "typed_form"
KEPT_SECONDS = 3600
MAX_BODY_BYTES = 500_000
# Parts of field names whose values are never kept and never sent back.
SECRETS = ("password", "code", "token", "secret", "credential", "csrf")


@dataclass(frozen=True)
class TypedForm:
    path: str
    page: str  # where the form stood
    fields: list[list[str]]  # pairs of name and value, in their order
    has_files: bool
    kept_at: float  # seconds since the epoch


def sendable_fields(request: HttpRequest) -> list[list[str]]:
    """Return name and value of every posted field that may go into a page again."""
    return [
        [name, value]
        for name, values in request.POST.lists()
        if not any(secret in name.lower() for secret in SECRETS)
        for value in values
    ]


def page_of(request: HttpRequest) -> str:
    """Return the path of our page the request was sent from; the start page when it does not say."""
    htmx = getattr(request, "htmx", None)
    address = (getattr(htmx, "current_url", None) if htmx else None) or request.headers.get("Referer", "")
    parts = urlsplit(address)
    if parts.netloc != request.get_host() or not url_has_allowed_host_and_scheme(parts.path, None):
        return reverse("home")
    return parts.path + (f"?{parts.query}" if parts.query else "")


def keep_typed(request: HttpRequest) -> bool:
    """Keep the posted form in the visitor's session; say whether there was one of ours worth keeping."""
    if request.method != "POST" or int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
        return False
    # Called before the middleware has looked as well: a form from elsewhere is nothing a person typed here.
    if CsrfViewMiddleware(_unused).process_view(request, _unused, (), {}) is not None:
        return False
    fields = sendable_fields(request)
    if not fields:
        return False
    form = TypedForm(
        path=request.get_full_path(),
        page=page_of(request),
        fields=fields,
        has_files=bool(request.FILES),
        kept_at=time.time(),
    )
    request.session[SESSION_KEY] = asdict(form)
    return True


def kept_form(request: HttpRequest) -> TypedForm | None:
    kept = request.session.get(SESSION_KEY)
    if kept is None or kept["kept_at"] < time.time() - KEPT_SECONDS:
        return None
    return TypedForm(**kept)


def forget_typed(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def _unused(request: HttpRequest) -> HttpResponse:
    raise AssertionError("Only the check is wanted.")
