"""The view every endpoint stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header
from rest_framework.exceptions import NotAuthenticated
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.models import User
from accounts.sessions import has_second_factor
from api.authentication import KeyAuthentication, SessionWithToken, key_of, proves_second_factor
from api.idempotency import Once
from api.keys import note_use
from api.operations import operation_of
from api.pagination import Page, page_of
from api.problems import Problem, problem_of
from api.reading import OneFormat, StrictJSONParser
from api.throttling import PerKeyOrPerson
from audit.services import acting_through, record_refusal
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.checker import Access, KeyLimits, load_access
from permissions.errors import NotAllowed, Refused
from permissions.guard import Guard
from permissions.scopes import tables_of
from tenancy.context import organization_open

SAFE = ("GET", "HEAD", "OPTIONS")
LARGEST_BODY = 1024 * 1024


class ApiView(APIView):
    """One address of the API: declares who may ask it, in the words of ``permissions.guard``.

    The whole request runs in one transaction that ends before the answer is written: a refusal undoes everything, and
    is then told as a problem.
    """

    authentication_classes = (KeyAuthentication, SessionWithToken)
    permission_classes = ()  # the guard asks
    throttle_classes = (PerKeyOrPerson,)
    parser_classes: tuple[type[BaseParser], ...] = (StrictJSONParser,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = OneFormat

    # Refusals of the services that tell the sender what he can mend: 422.
    mendable: ClassVar[tuple[type[Exception], ...]] = ()
    largest_body: ClassVar[int] = LARGEST_BODY

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:  # type: ignore[override]
        return transaction.non_atomic_requests(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.args, self.kwargs = args, kwargs
        asked = self.initialize_request(request, *args, **kwargs)
        self.request, self.headers = asked, self.default_response_headers
        with _language_asked_for(request), timezone.override(timezone.get_current_timezone()):
            try:
                response = self.answer(asked)
            except Exception as error:
                response = self.handle_exception(error)
            self.response = self.finalize_response(asked, response, *args, **kwargs)
            self.response.headers["Content-Language"] = translation.get_language() or ""
            self.response.headers["Vary"] = "Accept-Language, Authorization, Cookie"
            if isinstance(self.response, Response):
                self.response.render()  # here, in the language that was asked for
        return self.response

    def answer(self, request: Request) -> Response:
        raise NotImplementedError

    def read_whole_body(self, request: Request) -> None:
        """Read the body before anything else does, and no further than it may be."""
        raw = request._request
        if not hasattr(raw, "_body"):
            body = raw.read(self.largest_body + 1)
            if len(body) > self.largest_body:
                raise RequestDataTooBig
            raw._body = body  # type: ignore[attr-defined]

    def handle(self, request: Request) -> Response:
        """Call the method that serves this request."""
        name = str(request.method).lower()
        handler = getattr(self, name, None) if name in self.http_method_names else None
        if handler is None:
            return self.http_method_not_allowed(request)  # type: ignore[return-value]
        try:
            response: Response = handler(request, **self.kwargs)
        except Refused as refusal:
            raise Problem(422, str(refusal)) from refusal
        except self.mendable as refusal:
            raise Problem(422, str(refusal)) from refusal
        return response

    def handle_exception(self, exc: Exception) -> Response:
        problem = problem_of(exc)
        if problem is None:
            raise exc
        return problem.response()

    def throttle(self, request: Request) -> None:
        throttles: Sequence[BaseThrottle] = self.get_throttles()
        waits = [limit.wait() for limit in throttles if not limit.allow_request(request, self)]
        if waits:
            self.throttled(request, max((wait for wait in waits if wait is not None), default=60.0))

    def sign_in(self, request: Request) -> User:
        """Find out who asks and speak his language, unless another was asked for. Raises NotAuthenticated."""
        self.perform_authentication(request)
        user = request.user
        if not user.is_authenticated:
            raise NotAuthenticated(translation.gettext("Sign in, or send an API key."))
        if "Accept-Language" not in request.headers:
            translation.activate(user.language)
        timezone.activate(ZoneInfo(user.time_zone))
        self.throttle(request)
        assert isinstance(user, User)
        return user


class GuardedAPIView(Guard, ApiView):
    """An address inside an organization (``/api/v1/organizations/<slug>/``), or ``signed_in_only``."""

    request: Any
    kwargs: dict[str, Any]
    query: Any
    given: Any

    def answer(self, request: Request) -> Response:
        self.read_whole_body(request)
        if self.signed_in_only:
            with transaction.atomic():
                self.sign_in(request)
                return self.handle(request)
        organizations = tables_of(Scope.ORGANIZATION).model._default_manager
        organization = organizations.filter(slug=self.kwargs["slug"]).first()
        if organization is None:
            self.sign_in_nowhere(request)
            raise Http404
        with organization_open(organization.pk):
            response = self._answer_inside(request, organization)
        if (key := key_of(request)) is not None:
            with organization_open(organization.pk):
                note_use(key, now=timezone.now())
        return response

    def _answer_inside(self, request: Request, organization: Model) -> Response:
        user = self.sign_in(request)
        request.organization = organization  # type: ignore[attr-defined]
        request.access = self.access_of(user, organization)  # type: ignore[attr-defined]
        key = key_of(request)
        once = None
        if request.method not in SAFE:
            once = Once(request, organization_id=organization.pk, user=user, api_key=key)
            if (given := once.answered_before()) is not None:
                return given
        with acting_through(user, f"{key.name} ({key.prefix})" if key else ""):
            self.check(request)  # type: ignore[arg-type]
            response = self.handle(request)
        if once is not None and isinstance(response, Response):
            told = operation_of(self, request.method)
            once.keep(response, now=timezone.now(), shown_once=told.shown_once if told else ())
        return response

    def sign_in_nowhere(self, request: Request) -> None:
        """Ask for a sign-in also where no organization is, so that only those who are signed in learn that."""
        if "Authorization" in request.headers:
            with transaction.atomic():
                self.sign_in(request)
        else:
            self.sign_in(request)

    def access_of(self, user: User, organization: Model) -> Access:
        """Return what the one who asks may do here. Raises Http404 for whom the organization does not exist."""
        key = key_of(self.request)
        access = load_access(
            user=user,
            organization_id=organization.pk,
            at=timezone.now(),
            has_second_factor=proves_second_factor(key) if key else has_second_factor(self.request._request),
            key=KeyLimits.of(key) if key else None,
        )
        if access.snapshot.standing is None:
            raise Http404
        return access

    def check(self, request: Any) -> None:
        """As Guard's; where the operation names an action of its own, that one is asked, of the object of its scope."""
        told = operation_of(self, request.method)
        if told is None or not told.action:
            super().check(request)
            return
        is_of_organization = catalogue.get(told.action).scope is Scope.ORGANIZATION
        obj: Model = request.organization if is_of_organization else self.get_object()
        if not request.access.sees(obj):
            raise Http404
        self.scope_object = obj
        if not request.access.serves(told.action, obj):
            request.access.require(told.action, obj)

    def handle_exception(self, exc: Exception) -> Response:
        organization = getattr(self.request, "organization", None)
        if isinstance(exc, PermissionDenied) and organization is not None:
            self._record_refusal(exc, organization)
        return super().handle_exception(exc)

    def _record_refusal(self, refusal: PermissionDenied, organization: Model) -> None:
        decision = refusal.decision if isinstance(refusal, NotAllowed) else None
        key = key_of(self.request)
        label = f"{key.name} ({key.prefix})" if key else ""
        with organization_open(organization.pk), acting_through(self.request.user, label):
            record_refusal(
                actor=self.request.user,
                action=decision.action if decision else "access.refused",
                obj=organization,
                at=timezone.now(),
                reason=decision.summary if decision else str(refusal),
            )

    # -- what endpoints need ------------------------------------------------------------------------------------

    @property
    def organization(self) -> Any:
        return self.request.organization

    @property
    def access(self) -> Access:
        access: Access = self.request.access
        return access

    def may(self, action: str) -> bool:
        return self.access.can(f"organization.{action}", self.organization)

    def page(
        self,
        rows: QuerySet[Any],
        *,
        by: str = "pk",
        shown: Callable[[Sequence[Any]], Sequence[Any]] = list,
    ) -> Page:
        """Return the page of a list that the query asks for."""
        return page_of(
            rows,
            of=f"{self.organization.pk} {type(self).__name__}",
            by=by,
            cursor=self.query.get("cursor", ""),
            limit=self.query["limit"],
            shown=shown,
        )


@contextmanager
def _language_asked_for(request: HttpRequest) -> Iterator[None]:
    """Speak the language ``Accept-Language`` asks for; without it the one that is spoken already."""
    with translation.override(_accepted(request) or translation.get_language()):
        yield


def _accepted(request: HttpRequest) -> str | None:
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return None
