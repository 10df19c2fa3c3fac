from __future__ import annotations

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from api.authentication import key_of


class PerKeyOrPerson(SimpleRateThrottle):
    """So many requests a minute for each API key, and for each person with all his sessions."""

    scope = "api"
    cache_format = "throttle:%(scope)s:%(ident)s"

    def get_rate(self) -> str:
        return str(settings.API_RATE)

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        key = key_of(request)
        if key is not None:
            ident = f"key:{key.pk}"
        elif request.user.is_authenticated:
            ident = f"person:{request.user.pk}"
        else:
            return None
        return self.cache_format % {"scope": self.scope, "ident": ident}
