"""Whatever happens in whatever order: nothing is scheduled without a valid seal and somebody who may vouch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permissions.errors import NotAllowed
from publishing.delivery.checks import reason_to_hold
from publishing.models import Approval, ApprovalLink, Post, Publication, State, StepRule
from publishing.sealing import seal_of
from publishing.services.approval_times import hold_missed
from publishing.services.approvals import (
    CannotAnswer,
    approve,
    approve_from_outside,
    decline,
    force_approve,
)
from publishing.services.delivery import CannotTakeOver, take_over_held
from publishing.services.posts import CannotChange, Draft, update_post
from publishing.services.scheduling import CannotSchedule, reschedule, schedule_post
from publishing.states import StateError
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, role
from tests.publishing.approvals.making import CLIENT, ask, make_workflow, step

REFUSALS = (NotAllowed, CannotAnswer, CannotSchedule, CannotChange, CannotTakeOver, StateError)
PEOPLE = ("olga", "marc", "paul", "mina")
ACTS = (
    "edit",
    "send",
    "approve",
    "outside",
    "decline",
    "force",
    "move",
    "take_over",
    "demote",
    "promote",
    "wait",
)
EXAMPLES = 12

steps = st.tuples(st.sampled_from(ACTS), st.sampled_from(PEOPLE), st.integers(min_value=1, max_value=30))


class Story:
    """One post of Mina on Acme News, and what people do to it; each act may be refused."""

    def __init__(self, acme: Acme) -> None:
        self.acme, self.now = acme, timezone.now()
        self.publication = ask(acme).publication

    def do(self, act: str, who: str, number: int) -> None:
        person, publication = getattr(self.acme, who), self.row()
        actor = self.acme.access(person)
        later = self.now + timedelta(hours=number)
        approval = Approval.objects.filter(publication=publication, answer="").first()
        digest = publication.post.content_digest("mastodon")
        if act == "edit":
            post = Post.objects.get(pk=publication.post_id)
            draft = Draft(text=f"Words {number}")
            profiles = [self.acme.news]
            update_post(
                actor=actor, post=post, profiles=profiles, draft=draft, version=post.version, now=self.now
            )
        elif act == "send":
            asks = number % 2 == 0
            due = {publication.pk: later}
            schedule_post(actor=actor, post=publication.post, due=due, now=self.now, asks_approval=asks)
        elif act == "move":
            reschedule(actor=actor, publication=publication, due_at=later, now=self.now)
        elif act == "take_over":
            take_over_held(actor=actor, publication=publication, digest=digest, now=self.now, due_at=later)
        elif act == "demote":
            guest = role("standard:guest").permission_id
            ProfileUserGrant.objects.filter(user=self.acme.paul).update(permission=guest)
        elif act == "promote":
            editor = role("standard:editor").permission_id
            ProfileUserGrant.objects.filter(user=self.acme.paul).update(permission=editor)
        elif act == "wait":
            self.now = later
            organization = self.acme.organization.pk
            hold_missed(organization_id=organization, publication_id=publication.pk, now=self.now)
        elif approval is not None:
            self.answer(act, actor, approval, digest)

    def answer(self, act: str, actor: Any, approval: Approval, digest: str) -> None:
        if act == "approve":
            approve(actor=actor, approval=approval, digest=digest, now=self.now)
        elif act == "force":
            force_approve(actor=actor, approval=approval, digest=digest, now=self.now, reason="Urgent")
        elif act == "decline":
            decline(actor=actor, approval=approval, now=self.now, note="No")
        elif act == "outside":
            links = ApprovalLink.objects.select_related("step__approval", "outsider")
            link = links.filter(step__approval=approval).last()
            if link is not None:
                approve_from_outside(link=link, digest=digest, now=self.now)

    def row(self) -> Publication:
        rows = Publication.objects.select_related("post", "profile", "vouched_by")
        return rows.get(pk=self.publication.pk)

    def check(self, act: str, before: str) -> None:
        """A demotion is delivery's to find (``reason_to_hold``); every way into the queue needs seal and voucher."""
        publication = self.row()
        if publication.state != State.SCHEDULED:
            return
        assert publication.vouched_by is not None and publication.due_at is not None
        assert publication.sealed_digest == publication.post.content_digest("mastodon")
        if before != State.SCHEDULED:
            assert reason_to_hold(publication, self.now) is None, act
        vouched = (
            publication.approvals.filter(answer=Approval.Answer.APPROVED).order_by("-answered_at").first()
        )
        access = self.acme.access(publication.vouched_by)
        publishes = access.can("profile.publish_posts", self.acme.news)
        if vouched is not None and vouched.answered_by_id == publication.vouched_by_id and not publishes:
            assert vouched.seal == seal_of(publication), "let out with another text or time than approved"


@contextmanager
def undone(acme: Acme) -> Iterator[None]:
    with organization_open(acme.organization.pk), transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(has_steps=st.booleans(), story=st.lists(steps, min_size=6, max_size=14))
def test_nothing_is_scheduled_without_a_valid_seal_and_somebody_who_may_vouch(
    acme: Acme, has_steps: bool, story: list[tuple[str, str, int]]
) -> None:
    with undone(acme):
        if has_steps:
            make_workflow(
                acme,
                step("Words", acme.paul, acme.marc, rule=StepRule.ANY),
                step("Last", acme.olga, rule=StepRule.ALL, outsiders=[CLIENT]),
            )
        told = Story(acme)
        for act, who, number in story:
            before = told.row().state
            try:
                with transaction.atomic():
                    told.do(act, who, number)
            except REFUSALS:
                assert told.row().state == before, "a refusal changes nothing"
            told.check(act, before)


def test_the_story_reaches_the_queue(acme: Acme) -> None:
    """The property says something: the plain way through both steps ends in the queue."""
    now: datetime = timezone.now()
    with organization_open(acme.organization.pk):
        make_workflow(acme, step("Words", acme.paul), step("Last", acme.olga, rule=StepRule.ALL))
        told = Story(acme)
        told.do("approve", "paul", 1)
        told.do("approve", "olga", 1)
        told.check("approve", State.WAITING)
        assert told.row().state == State.SCHEDULED and reason_to_hold(told.row(), now) is None
