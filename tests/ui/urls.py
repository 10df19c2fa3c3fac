"""The product's addresses, the page of components, and answers that the script of every page must handle."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from config import urls
from ui.headers import set_toast

PROBE = """
{% extends "base.html" %}
{% block title %}Probe{% endblock %}
{% block main %}<div class="page"><h1>Probe</h1>
<button type="button" id="refused" hx-post="/_probe/refused/" hx-target="#main">Refused</button>
<button type="button" id="broken" hx-get="/_probe/broken/" hx-target="#main">Broken</button>
<button type="button" id="expired" hx-get="/_probe/expired/" hx-target="#main">Expired</button>
<button type="button" id="moved" hx-get="/_probe/moved/" hx-target="#box">Moved</button><p id="box"></p>
</div>{% endblock %}
"""


def probe(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(PROBE).render({}, request))


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
    path("_probe/", probe),
    path("_probe/refused/", refused),
    path("_probe/broken/", broken),
    path("_probe/expired/", expired),
    path("_probe/moved/", moved),
]
handler403, handler404, handler500 = urls.handler403, urls.handler404, urls.handler500
