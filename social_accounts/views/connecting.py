from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from permissions.guard import GuardedView


class ConnectCallback(GuardedView):
    signed_in_only = True
    opens_organization = False

    def get(self, request: HttpRequest, network: str) -> HttpResponse:
        raise Http404
