"""How a view says who may open it. An undeclared view fails the tests (tests/test_routes.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views import View

from accounts.sessions import ask_for_second_factor, sign_in_first
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.explanation import Miss


class OrganizationRequest(HttpRequest):
    """A request below ``/o/<slug>/``: the middleware has opened the organization and read the person's access."""

    organization: Any
    access: Access
    user: Any


class Guard:
    """A declaration of who may open a view, in exactly one of five ways, and the question whether somebody may.

    - ``action`` (and ``write_action`` for unsafe methods): asked of the object ``get_scope_object`` returns;
    - ``any_action``: several actions of one scope, one of which is enough;
    - ``listing``: every member; the view shows only rows that allow the action (``request.access.filter``);
    - ``members_only``: every member who may act here at all (R1, R2), without an action;
    - ``signed_in_only`` or ``public``: outside any organization.
    """

    action: ClassVar[str] = ""
    write_action: ClassVar[str] = ""
    any_action: ClassVar[tuple[str, ...]] = ()
    listing: ClassVar[str] = ""
    members_only: ClassVar[bool] = False
    signed_in_only: ClassVar[bool] = False
    public: ClassVar[bool] = False

    model: ClassVar[type[Model] | None] = None
    url_key: ClassVar[str] = "pk"
    # False: the view talks to a network, so it must not hold a transaction; it opens the organization itself.
    opens_organization: ClassVar[bool] = True

    # A page of the person himself (keys, sessions): closed to who looks as somebody else, whatever his rights.
    is_personal: ClassVar[bool] = False

    request: OrganizationRequest
    kwargs: dict[str, Any]

    @classmethod
    def declarations(cls) -> list[str]:
        """Return the ways this view declares, for the route test: exactly one is right."""
        named = {
            "action": bool(cls.action),
            "any_action": bool(cls.any_action),
            "listing": bool(cls.listing),
            "members_only": cls.members_only,
            "signed_in_only": cls.signed_in_only,
            "public": cls.public,
        }
        return [name for name, declared in named.items() if declared]

    def action_asked(self, request: OrganizationRequest) -> str:
        """Return the action that this request needs, where one is declared."""
        is_write = request.method not in ("GET", "HEAD", "OPTIONS")
        return self.write_action if is_write and self.write_action else self.action

    def check(self, request: OrganizationRequest) -> None:
        """Raise Http404 when the object is not visible, NotAllowed when the action is not granted."""
        if self.listing or self.members_only:
            require_member(request)
            return
        obj = self.get_scope_object()
        if obj is None or not request.access.sees(obj):
            raise Http404
        self.scope_object = obj
        if self.any_action:
            if not any(request.access.serves(action, obj) for action in self.any_action):
                request.access.require(self.any_action[0], obj)
            return
        action = self.action_asked(request)
        if not request.access.serves(action, obj):
            request.access.require(action, obj)

    def get_scope_object(self) -> Model | None:
        """Return the organization, team or profile the action is asked of; override for leaves such as a post."""
        action = self.action or self.any_action[0]
        if catalogue.get(action).scope is Scope.ORGANIZATION:
            organization: Model = self.request.organization
            return organization
        obj: Model = self.get_object()
        return obj

    def get_object(self) -> Any:
        """Return the object the URL names, of this organization, or 404."""
        assert self.model is not None, f"{type(self).__name__} names no model"
        queryset: QuerySet[Any] = self.model._default_manager.all()
        return get_object_or_404(queryset, pk=self.kwargs[self.url_key])


class GuardedView(Guard, View):
    """A page that declares who may open it."""

    request: OrganizationRequest  # type: ignore[assignment]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        view = super().as_view(**initkwargs)
        return view if cls.opens_organization else transaction.non_atomic_requests(view)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.public:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            if not self.signed_in_only:
                if leads_to_second_factor(request):  # type: ignore[arg-type]
                    return ask_for(request)  # type: ignore[arg-type]
                self.check(request)  # type: ignore[arg-type]
        return super().dispatch(request, *args, **kwargs)


def require_member(request: OrganizationRequest) -> None:
    """Raise NotAllowed when membership or second factor already stop the person (R1, R2)."""
    if request.access.miss_before_scope() is not None:
        request.access.require("organization.view_own_profiles", request.organization)


def leads_to_second_factor(request: OrganizationRequest) -> bool:
    """R2, said kindly: who only looks is led to setting one up; who acts is refused with the reason."""
    is_looking = request.method in ("GET", "HEAD")
    return is_looking and request.access.miss_before_scope() is Miss.NO_SECOND_FACTOR


def ask_for(request: OrganizationRequest) -> HttpResponse:
    standing = request.access.snapshot.standing
    return ask_for_second_factor(
        request,
        organization=request.organization.name,
        is_for_everyone=standing is not None and standing.two_factor == "everyone",
    )
