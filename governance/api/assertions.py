"""Guardrails over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils import timezone

from api.fields import ReasonSerializer
from api.operations import operation
from api.pagination import Page
from api.problems import FieldError, Problem
from api.views import GuardedAPIView
from governance.api.serializers import AssertionSerializer, WriteAssertionSerializer
from governance.forms import AssertionForm
from governance.models import Assertion
from governance.services.assertions import MANAGE, delete_assertion, state_assertion
from governance.views.assertions import organization_roles
from orgs.models import Workspace
from social_accounts.models import SocialProfile


class AssertionView(GuardedAPIView):
    tag = "Guardrails"
    action = MANAGE

    def rules(self) -> QuerySet[Assertion]:
        return Assertion.objects.annotate(break_count=Count("breaks"))

    def rule(self, pk: int) -> Assertion:
        found = self.rules().filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def state(self, rule: Assertion) -> Assertion:
        """Fill the rule by the form of its page, and keep it."""
        given = self.given
        typed = given | {
            "roles": [role.permission_id for role in given["roles"]],
            "people": "\n".join(given["people"]),
        }
        form = AssertionForm(
            {name: value for name, value in typed.items() if value is not None},
            kind=given["kind"],
            workspaces=list(Workspace.objects.order_by("name")),
            profiles=list(SocialProfile.objects.order_by("name", "pk")),
            roles=organization_roles(self.organization),
        )
        refuse_form(form)
        form.fill(rule)
        state_assertion(
            actor=self.access,
            organization=self.organization,
            rule=rule,
            now=timezone.now(),
            knows_breaks=given["knows_breaks"],
        )
        return self.rule(rule.pk)


class AssertionList(AssertionView):
    @operation("List the guardrails", pages=AssertionSerializer)
    def get(self) -> Page:
        return self.page(self.rules())

    @operation("State a guardrail", takes=WriteAssertionSerializer, answers=AssertionSerializer, status=201)
    def post(self) -> Assertion:
        return self.state(Assertion(kind=self.given["kind"]))


class AssertionDetail(AssertionView):
    @operation("Read a guardrail", answers=AssertionSerializer)
    def get(self, pk: int) -> Assertion:
        return self.rule(pk)

    @operation("Change a guardrail", takes=WriteAssertionSerializer, answers=AssertionSerializer)
    def put(self, pk: int) -> Assertion:
        return self.state(self.rule(pk))

    @operation("Delete a guardrail", query=ReasonSerializer)
    def delete(self, pk: int) -> None:
        delete_assertion(
            actor=self.access,
            organization=self.organization,
            rule=self.rule(pk),
            now=timezone.now(),
            reason=self.query["reason"],
        )


def refuse_form(form: Any) -> None:
    """Raise Problem unless the form of the page finds nothing wrong with what was sent."""
    if form.is_valid():
        return
    errors = [
        FieldError("" if field == "__all__" else f"/{field}", str(message))
        for field, messages in form.errors.items()
        for message in messages
    ]
    raise Problem(422, errors[0].detail, errors=errors)
