from __future__ import annotations

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.i18n import set_language

from orgs.selectors.partners import places_of
from permissions.guard import GuardedView


class Home(GuardedView):
    """Leads a person to his organization, to one that shares profiles with him, or to founding one."""

    signed_in_only = True

    def get(self, request: HttpRequest) -> HttpResponse:
        places = places_of(self.request.user.pk)
        if first := next(iter([*places.own, *places.shared]), None):
            return redirect("organization_home", organization_slug=first.slug)
        return redirect("support_desk" if self.request.user.support_role else "organization_new")


class Language(GuardedView):
    """Remembers a visitor's language in a cookie; a signed-in person's own setting outranks it."""

    public = True

    def post(self, request: HttpRequest) -> HttpResponseBase:
        return set_language(request)


class Health(GuardedView):
    """Answers 200 while the database and the broker answer."""

    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        cache.get("health")
        return JsonResponse({"status": "ok"})
