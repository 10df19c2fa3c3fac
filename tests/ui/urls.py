"""The product's addresses, the page of components, and answers that the script of every page must handle."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from config import urls
from tests.ui.pages import PAGES
from ui.headers import set_toast


def probe(request: HttpRequest, name: str = "") -> HttpResponse:
    template = engines["django"].from_string(PAGES[name])
    return HttpResponse(template.render({"actions": ["edit", "publish", "delete"]}, request))


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Le 13 est gelé: only a Publisher may schedule there.")


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse("broken", status=500)


def expired(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=401, headers={"HX-Redirect": "/accounts/login/"})


def moved(request: HttpRequest) -> HttpResponse:
    return set_toast(HttpResponse("moved"), "Déplacé au 24 nov.")


urlpatterns = [
    *urls.urlpatterns,
    path("_states/", include("ui.urls")),
    *[path(f"_probe/{name}", probe, {"name": name}) for name in PAGES],
    path("_probe/refused/", refused),
    path("_probe/broken/", broken),
    path("_probe/expired/", expired),
    path("_probe/moved/", moved),
]
handler403, handler404, handler500 = urls.handler403, urls.handler404, urls.handler500
