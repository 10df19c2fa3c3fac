"""The product's addresses, and one page of an organization that every member may open."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls
from permissions.guard import GuardedView


class Probe(GuardedView):
    members_only = True

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        return HttpResponse("inside")

    def post(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        return HttpResponse("done " + request.POST.get("text", ""))


urlpatterns = [*urls.urlpatterns, path("o/<slug:organization_slug>/_probe/", Probe.as_view())]
handler403, handler404 = urls.handler403, urls.handler404
handler429, handler500 = urls.handler429, urls.handler500
