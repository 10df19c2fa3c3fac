"""The wall around looking as somebody else: his pages, nobody's changes.

A view is a row (``ViewAs``) that the session names. While it lasts, pages of that one organization are answered as
they would be to the other person, inside a transaction that PostgreSQL keeps read-only and that is rolled back in any
case; everything else is refused with a sentence: every unsafe method, every page that is a person's own, every page
that talks to a network.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.db import InternalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import ReadOnlySqlTransaction

from accounts.sessions import SAFE_METHODS, has_second_factor
from orgs.models import ViewAs
from orgs.services.view_as import end_view_as, why_not
from permissions.checker import load_access
from tenancy.context import organization_open
from ui.headers import set_reason

SESSION_KEY: Final = "view_as"
END_ROUTE: Final = "view_as_end"
FORBIDDEN: Final = 403


def remember(request: HttpRequest, looking: ViewAs) -> None:
    """Bind a view to this session."""
    request.session[SESSION_KEY] = {"row": looking.pk, "organization": looking.organization_id}


def forget(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


class ViewAsMiddleware:
    """Stands before the middleware that opens the organization, so that everything behind it meets the other person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.view_as = None  # type: ignore[attr-defined]
        if not request.user.is_authenticated or SESSION_KEY not in request.session:
            return self.get_response(request)
        looking = self._find(request)
        is_safe = request.method in SAFE_METHODS
        if looking is None:
            forget(request)
            text = _("You see with your own eyes again.")
            if is_safe or _is_the_end(_match(request)):
                messages.info(request, text)
                return self.get_response(request)
            nothing = _("Nothing was changed: look at the page first, then do it again.")
            return _refuse(request, f"{text} {nothing}")
        request.view_as = looking  # type: ignore[attr-defined]
        match = _match(request)
        slug = match.kwargs.get("organization_slug") if match else None
        if slug == looking.organization.slug and _is_the_end(match):
            return self.get_response(request)
        if not is_safe:
            return _refuse(request, _("While you look as somebody else, nothing can be changed."))
        if slug != looking.organization.slug:
            return _refuse(
                request,
                _("While you look as somebody else, only pages of %(organization)s can be seen.")
                % {"organization": looking.organization},
            )
        view = getattr(match.func, "view_class", None) if match else None
        if getattr(view, "is_personal", False):
            return _refuse(
                request, _("This page belongs to %(person)s alone.") % {"person": looking.membership}
            )
        if not getattr(view, "opens_organization", True):
            return _refuse(request, _("This page talks to a network, so it stays closed while you look."))
        return self._answer_as(request, looking)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Refuse a page that would have written something: PostgreSQL has kept it from doing so."""
        would_write = isinstance(exception, InternalError) and isinstance(
            exception.__cause__, ReadOnlySqlTransaction
        )
        if would_write and getattr(request, "view_as", None) is not None:
            return _refuse(request, _("This page would change something, so it stays closed while you look."))
        return None

    def _answer_as(self, request: HttpRequest, looking: ViewAs) -> HttpResponse:
        request.viewer, request.user = request.user, looking.membership.user  # type: ignore[attr-defined]
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("set local transaction_read_only = on")
            response = self.get_response(request)
            transaction.set_rollback(True)
        return response

    def _find(self, request: HttpRequest) -> ViewAs | None:
        """Return the view of this session if it still holds: in time, and with every right it was begun with."""
        kept: dict[str, int] = request.session[SESSION_KEY]
        now = timezone.now()
        with organization_open(kept["organization"]):
            looking: ViewAs | None = (
                ViewAs.objects.select_related("viewer", "membership__user", "organization")
                .filter(pk=kept["row"], viewer=request.user.pk, ended_at=None)  # type: ignore[misc]
                .first()
            )
            if looking is None:
                return None
            if looking.expires_at > now and not self._refusal(request, looking):
                return looking
            end_view_as(looking=looking, now=now)
        return None

    def _refusal(self, request: HttpRequest, looking: ViewAs) -> str:
        now, organization = timezone.now(), looking.organization
        viewer = load_access(
            user=request.user,  # type: ignore[arg-type]
            organization_id=organization.pk,
            at=now,
            has_second_factor=has_second_factor(request),
        )
        other = load_access(user=looking.membership.user, organization_id=organization.pk, at=now)
        return why_not(viewer, other, organization)


def _match(request: HttpRequest) -> Any:
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _is_the_end(match: Any) -> bool:
    return match is not None and match.url_name == END_ROUTE


def _refuse(request: HttpRequest, sentence: str) -> HttpResponse:
    response = render(request, "orgs/view_as_refused.html", {"sentence": sentence}, status=FORBIDDEN)
    return set_reason(response, sentence)
