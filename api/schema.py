"""The OpenAPI document, from the same declarations the endpoints run on."""

from __future__ import annotations

from typing import Any, Final, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from api.idempotency import HEADER
from api.operations import operation_of
from api.problems import PROBLEM_JSON

UNSAFE: Final = ("POST", "PUT", "PATCH", "DELETE")


class FieldErrorSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField(
        help_text="JSON pointer into the body, or the name of a parameter; empty: the whole.",
        allow_blank=True,
    )
    detail = serializers.CharField()


class LineErrorSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    detail = serializers.CharField()


class StepSerializer(serializers.Serializer[Any]):
    """One step of a derivation: what grants, or what is missing."""

    ok = serializers.BooleanField()
    title = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)


class DecisionSerializer(serializers.Serializer[Any]):
    """An answer with its whole derivation: the same text as in the interface under "Why?"."""

    allowed = serializers.BooleanField()
    action = serializers.CharField()
    action_label = serializers.CharField()
    summary = serializers.CharField()
    steps = StepSerializer(many=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal or an error, as RFC 9457 writes it."""

    type = serializers.URLField(help_text="Leads to what is told about this kind of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for a person, in his language.")
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]
    lines = LineErrorSerializer(many=True, required=False)
    decision = DecisionSerializer(required=False)


_SAYS: Final = {
    "400": "The request, a parameter or the cursor cannot be read.",
    "401": "Nobody is signed in, or the API key is unknown, revoked or expired.",
    "403": "The person, or the key, may not do this; `decision` tells why.",
    "404": "There is no such thing, or it is not visible to who asks.",
    "405": "This address knows other methods.",
    "409": "A request with the same idempotency key is under way.",
    "413": "The body is too large.",
    "415": "The body is not in a format this address reads.",
    "422": "Something in it does not fit: `errors` and `lines` say what and where.",
    "429": "Too many requests; `Retry-After` says how many seconds to wait.",
}


class DocumentedSchema(AutoSchema):
    """Adds to each operation what every operation has: problems, the idempotency key, the tag of its folder."""

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", "Chorus")]

    def get_operation_id(self) -> str:
        name = type(self.view).__name__
        return f"{self.method.lower()}{name[0].upper()}{name[1:]}"

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = list(super().get_override_parameters())
        if self.method in UNSAFE and not getattr(self.view, "signed_in_only", False):
            parameters.append(
                OpenApiParameter(
                    name=HEADER,
                    type=str,
                    location=OpenApiParameter.HEADER,
                    description="Sent again with the same key and body, a write is done once and answered the same.",
                )
            )
        return parameters

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self.possible_problems():
            told = OpenApiResponse(ProblemSerializer, description=_SAYS[status])
            bodies[status] = self._get_response_for_code(told, status, [PROBLEM_JSON])  # type: ignore[no-untyped-call]
        return bodies

    def possible_problems(self) -> list[str]:
        """Return the statuses of the problems this operation can end in."""
        if getattr(self.view, "public", False):
            return []
        told = operation_of(self.view, self.method)
        found = {"400", "401", "429"}
        if not getattr(self.view, "signed_in_only", False):
            found |= {"403", "404"}
        if self.method in UNSAFE:
            found |= {"403", "409", "413", "422"}
        if told is not None and told.reads_body:
            found |= {"415"}
        return sorted(found)


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key: it may do what its issuer may do now, within what it was issued for.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.SessionWithToken"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The session of the browser; writes carry the header X-CSRFToken.",
        }
