"""Asking for access, and answering those who ask."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from api.operations import operation
from api.problems import FieldError, Problem
from api.views import GuardedAPIView
from orgs.api.request_serializers import AskSerializer, GiveSerializer, NoteQuery, RequestSerializer
from orgs.models import AccessRequest
from orgs.selectors.requests import (
    ANSWERS,
    Waiting,
    described,
    may_answer,
    place_of,
    requests_of,
    requests_to_answer,
    roles_that_would_do,
)
from orgs.services.requests import (
    Wanted,
    action_named,
    decline_request,
    give_what_was_asked,
    request_access,
    withdraw_request,
)
from permissions.catalogue import Scope
from permissions.services import InvalidWindow


class RequestView(GuardedAPIView):
    tag = "Access requests"
    members_only = True
    mendable = (InvalidWindow,)

    def waiting(self, row: AccessRequest) -> Waiting:
        found = described([row], self.organization)
        if not found:
            raise Http404
        return found[0]

    def row(self, pk: int) -> AccessRequest:
        rows = AccessRequest.objects.select_related("membership__user", "decided_by")
        found: AccessRequest | None = rows.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class OwnRequests(RequestView):
    @operation("List what you have asked for", lists=RequestSerializer)
    def get(self) -> list[Waiting]:
        return requests_of(self.request.user.pk, self.organization, timezone.now())

    @operation("Ask for access", takes=AskSerializer, answers=RequestSerializer, status=201)
    def post(self) -> Waiting:
        given = self.given
        place = place_of(given["on"], self.access, self.organization)
        if place is None:
            raise _wrong("/on", _("There is no such place, or you cannot see it."))
        action = action_named(given["action"])
        role = None
        if given["role"]:
            offered = roles_that_would_do(self.organization, place.scope)
            role = next((role for role in offered if role.key == given["role"]), None)
        if role is None and action is None:
            raise _wrong("/role", _("Name a role or an action that can be asked for there."))
        row = request_access(
            actor=self.access,
            organization=self.organization,
            wanted=Wanted(
                scope=place.scope,
                obj=place.obj,
                description=given["description"],
                role=role,
                action=None if role else action,
            ),
            reason=given["reason"],
            expires_at=given["expires_at"],
            now=timezone.now(),
        )
        return self.waiting(row)


class RequestsToAnswer(RequestView):
    listing = ANSWERS
    members_only = False

    @operation("List what waits for your answer", lists=RequestSerializer)
    def get(self) -> list[Waiting]:
        return requests_to_answer(self.access, self.organization)


class RequestDetail(RequestView):
    @operation("Take your own request back")
    def delete(self, pk: int) -> None:
        row = self.row(pk)
        if row.membership.user_id != self.request.user.pk:
            raise Http404
        withdraw_request(actor=self.access, request=row, now=timezone.now())


class RequestAnswer(RequestView):
    """Giving is making an answer; declining is deleting the request."""

    def to_answer(self, pk: int) -> AccessRequest:
        row = self.row(pk)
        if not may_answer(self.access, self.waiting(row)):
            raise Http404
        return row

    @operation("Give what was asked for, or another role", takes=GiveSerializer, answers=RequestSerializer)
    def put(self, pk: int) -> Waiting:
        row = self.to_answer(pk)
        offered = roles_that_would_do(self.organization, Scope(row.scope))
        role = next((role for role in offered if role.key == self.given["role"]), None)
        if role is None:
            raise _wrong("/role", _("There is no such role here."))
        done = give_what_was_asked(
            actor=self.access,
            organization=self.organization,
            request=row,
            role=role,
            obj=self.given["profile"],
            expires_at=self.given["expires_at"],
            note=self.given["note"],
            now=timezone.now(),
        )
        return self.waiting(done)

    @operation("Decline a request", query=NoteQuery)
    def delete(self, pk: int) -> None:
        decline_request(
            actor=self.access,
            organization=self.organization,
            request=self.to_answer(pk),
            note=self.query["note"],
            now=timezone.now(),
        )


def _wrong(pointer: str, detail: str) -> Problem:
    return Problem(422, detail, errors=[FieldError(pointer, detail)])
