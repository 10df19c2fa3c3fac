"""What anybody may read about the API: the OpenAPI document, and what answers an address that leads nowhere."""

from __future__ import annotations

from typing import Any, Final

from django.core.cache import cache
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import ApiView
from permissions.guard import Guard, GuardedView

KEPT_SECONDS: Final = 3600
_KEY: Final = "api.openapi"


def openapi_document() -> dict[str, Any]:
    """Return the document, in English: its words are for programmers, and its names for programs."""
    with translation.override("en"):
        document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return document


class OpenApiDocument(GuardedView):
    """The document of the whole API, the same for everybody."""

    public = True

    def get(self, request: HttpRequest) -> JsonResponse:
        document = cache.get_or_set(_KEY, openapi_document, KEPT_SECONDS)
        response = JsonResponse(document)
        response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
        return response


class NoSuchAddress(Guard, ApiView):
    """Everything below ``/api/`` that is no address: a problem, not a page."""

    public = True
    schema = None
    request: Any
    kwargs: dict[str, Any]

    def answer(self, request: Request) -> Response:
        raise Http404
