"""What the tests of approvals share: workflows, requests on their way, answers, links out of mails."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.models import User
from publishing.models import Approval, ApprovalStep, Publication, StepRule, Workflow
from publishing.reviewers import open_step_of
from publishing.services.approvals import approve
from publishing.services.workflows import Plan, PlannedStep, create_workflow
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import send

CLIENT = ("Claire Client", "claire@client.test")


def step(name: str, *people: User, rule: str = StepRule.ANY, **more: Any) -> PlannedStep:
    return PlannedStep(name=name, people=people, rule=rule, **more)


def make_workflow(acme: Acme, *steps: PlannedStep, name: str = "Two pairs of eyes", **more: Any) -> Workflow:
    """Let posts on Acme News take these steps, or on the profiles and in the campaigns named."""
    if "campaigns" not in more:
        more.setdefault("profiles", [acme.news])
    with organization_open(acme.organization.pk):
        return create_workflow(
            actor=acme.access(acme.olga),
            organization=acme.organization,
            plan=Plan(name=name, steps=steps, **more),
            now=timezone.now(),
        )


def ask(acme: Acme, author: User | None = None, **more: Any) -> Approval:
    """Send a post of Mina, who may not publish, for approval."""
    publication = send(acme, author or acme.mina, acme.news, **more)
    with organization_open(acme.organization.pk):
        return Approval.objects.select_related("publication__post", "publication__profile").get(
            publication=publication, answer=""
        )


def say_yes(acme: Acme, person: User, approval: Approval, now: datetime | None = None) -> Publication:
    with organization_open(acme.organization.pk):
        return approve(
            actor=acme.access(person),
            approval=approval,
            digest=approval.content_digest,
            now=now or timezone.now(),
        )


def open_step(acme: Acme, approval: Approval) -> ApprovalStep | None:
    with organization_open(acme.organization.pk):
        return open_step_of(approval)


def fresh(acme: Acme, publication: Publication) -> Publication:
    with organization_open(acme.organization.pk):
        return Publication.objects.select_related("profile", "post", "vouched_by").get(pk=publication.pk)


def link_in(mail: EmailMessage) -> str:
    """Return the path of the link without an account that a mail brings."""
    found = re.search(r"/outside/\S+", str(mail.body))
    assert found, mail.body
    return found[0]
