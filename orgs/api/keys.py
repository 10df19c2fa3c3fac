from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.response import Response

from accounts.models import ApiKey
from api.authentication import key_of
from api.keys import MANAGE_OTHERS, MANAGE_OWN, KeyRefused, issue_key, revoke_key
from api.operations import operation
from api.pagination import Page
from api.problems import FieldError, Problem
from api.views import GuardedAPIView
from orgs.api.serializers import ApiKeySerializer, IssuedApiKeySerializer, NewApiKeySerializer
from permissions.catalogue import UnknownAction
from permissions.errors import WouldEscalate


class KeyView(GuardedAPIView):
    tag = "API keys"
    any_action = (MANAGE_OWN, MANAGE_OTHERS)
    mendable = (KeyRefused,)

    def keys(self) -> QuerySet[ApiKey]:
        """Return the keys who asks may see: his own, or everybody's."""
        keys: QuerySet[ApiKey] = ApiKey.objects.select_related("user")
        return keys if self.may("manage_member_api_keys") else keys.filter(user=self.request.user)


class ApiKeyList(KeyView):
    @operation("List API keys: your own, or everybody's if you manage them", pages=ApiKeySerializer)
    def get(self) -> Page:
        return self.page(self.keys())

    @operation(
        "Issue an API key for yourself",
        takes=NewApiKeySerializer,
        answers=IssuedApiKeySerializer,
        status=201,
        action=MANAGE_OWN,
        shown_once=("secret",),
    )
    def post(self) -> Response:
        if key_of(self.request) is not None:
            raise WouldEscalate(_("A key cannot issue keys. Sign in and do it yourself."))
        given = self.given
        try:
            key, secret = issue_key(
                actor=self.access,
                organization=self.organization,
                name=given["name"],
                actions=set(given["actions"]),
                profiles=given["profiles"],
                expires_at=given["expires_at"],
                now=timezone.now(),
            )
        except UnknownAction as error:
            raise Problem(422, str(error), errors=[FieldError("/actions", str(error))]) from error
        return Response(ApiKeySerializer(key).data | {"secret": secret}, status=201)


class ApiKeyDetail(KeyView):
    def key(self, pk: int) -> ApiKey:
        key = self.keys().filter(pk=pk).first()
        if key is None:
            raise Http404
        return key

    @operation("Read an API key", answers=ApiKeySerializer)
    def get(self, pk: int) -> ApiKey:
        return self.key(pk)

    @operation("Revoke an API key")
    def delete(self, pk: int) -> None:
        revoke_key(actor=self.access, organization=self.organization, key=self.key(pk), now=timezone.now())
