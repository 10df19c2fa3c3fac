"""One post on one profile at one time, its states, and the attempts to bring it out.

The publication row *is* the schedule: no task with an ETA stands behind it, so a broker may lose everything.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from publishing.models.posts import Post
from publishing.models.waiting import (
    is_limited,
    organization_is_paused,
    outages_at,
    profile_is_paused,
    server_is_left_alone,
)
from social_accounts.models import SocialProfile
from social_accounts.sentences import shown
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class State(models.TextChoices):
    """Where a publication stands. ``TRANSITIONS`` lists every way there is."""

    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waiting for approval")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLISHING = "publishing", _("Publishing")
    PROCESSING = "processing", _("Processing at the network")
    PUBLISHED = "published", _("Published")
    REJECTED = "rejected", _("Refused by the network")
    DECLINED = "declined", _("Not approved")
    HELD = "held", _("Held")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    CANCELED = "canceled", _("Canceled")


# From PUBLISHING on, nothing leads back to SCHEDULED but what certainly did not reach the network.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.WAITING, State.SCHEDULED, State.CANCELED}),
    State.WAITING: frozenset(
        {State.WAITING, State.SCHEDULED, State.DECLINED, State.DRAFT, State.HELD, State.CANCELED}
    ),
    State.SCHEDULED: frozenset(
        {State.SCHEDULED, State.PUBLISHING, State.WAITING, State.DRAFT, State.HELD, State.CANCELED}
    ),
    State.PUBLISHING: frozenset(
        {State.PUBLISHED, State.PROCESSING, State.REJECTED, State.SCHEDULED, State.HELD, State.UNCONFIRMED}
    ),
    State.PROCESSING: frozenset({State.PUBLISHED, State.REJECTED, State.UNCONFIRMED}),
    State.UNCONFIRMED: frozenset({State.PUBLISHED, State.SCHEDULED, State.CANCELED}),
    State.HELD: frozenset({State.SCHEDULED, State.WAITING, State.DRAFT, State.CANCELED}),
    State.DECLINED: frozenset({State.DRAFT, State.WAITING, State.CANCELED}),
    State.REJECTED: frozenset({State.DRAFT, State.SCHEDULED, State.WAITING, State.CANCELED}),
    State.PUBLISHED: frozenset(),
    State.CANCELED: frozenset({State.DRAFT}),
}


class HoldReason(models.TextChoices):
    """Why a publication is held; the sentence for the person is beside it."""

    RIGHT_LOST = "right_lost", _("Whoever vouched for it may no longer publish here.")
    CHANGED = "changed", _("The content changed after it was approved.")
    RECONNECT = "reconnect", _("The profile must be reconnected.")
    LATE = "late", _("Its time passed before it was approved.")
    TOO_LATE = "too_late", _("It could not go out in time, and is too late now.")


class PublicationQuerySet(TenantQuerySet["Publication"]):
    def due(self, now: datetime) -> Self:
        """Return what should go out now: scheduled, its time come, not told to wait longer."""
        return self.filter(
            Q(not_before=None) | Q(not_before__lte=now), state=State.SCHEDULED, due_at__lte=now
        )

    def to_poll(self, now: datetime) -> Self:
        return self.filter(state=State.PROCESSING, not_before__lte=now)

    def to_read_back(self, now: datetime) -> Self:
        return self.filter(state=State.UNCONFIRMED, not_before__lte=now)

    def stuck(self, since: datetime) -> Self:
        """Return what a worker took before ``since`` and never brought to an end."""
        return self.filter(state=State.PUBLISHING, claimed_at__lt=since)

    def may_go(self, now: datetime) -> Self:
        """Return those that nothing outside of them holds back."""
        return self.may_go_but_for_server(now).server_answers()

    def may_go_but_for_server(self, now: datetime) -> Self:
        return self.not_paused(now).filter(profile__status=SocialProfile.Status.CONNECTED)

    def goes_on(self, now: datetime) -> Self:
        """Return those that neither a pause, a rate limit nor a server that does not answer holds back."""
        return self.not_paused(now).server_answers()

    def not_paused(self, now: datetime) -> Self:
        """Return those no pause and no rate limit holds back. The queue's pause stops only what the queue dates."""
        return (
            self.exclude(profile__queue_pause__isnull=False, queue_entry__slot_at=F("due_at"))
            .exclude(profile_is_paused("profile"))
            .exclude(organization_is_paused())
            .exclude(is_limited("profile", now))
        )

    def server_answers(self) -> Self:
        """Return those whose server answers, or that are let through to find out whether it does again."""
        return self.exclude(server_is_left_alone("profile", probe_publication=OuterRef("pk")))

    def with_failing_server(self) -> Self:
        """Say of each in ``server_fails`` whether its server's last answer failed to come: the next one is news."""
        return self.annotate(server_fails=Exists(outages_at("profile").noted()))


PublicationManager = TenantManager.from_queryset(PublicationQuerySet)


class Publication(TenantModel):
    """One post on one profile, at one time."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="publications")
    profile = models.ForeignKey(SocialProfile, on_delete=models.CASCADE, related_name="publications")
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    hold_reason = models.CharField(max_length=12, choices=HoldReason, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    detail = models.CharField(max_length=500, blank=True)  # the network's own words, or ours
    # Made once; the adapter derives from both what makes a repeat harmless.
    key = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    not_before = models.DateTimeField(null=True, blank=True)
    sealed_digest = models.CharField(max_length=64, blank=True)  # what was approved or scheduled
    vouched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempt_count = models.PositiveIntegerField(default=0)
    read_back_count = models.PositiveSmallIntegerField(default=0)
    poll_token = models.TextField(blank=True)
    # What was uploaded ahead of the post, and for which content: {"digest", "progress", "is_ready"}.
    preparation = models.JSONField(default=dict, blank=True)
    remote_id = models.CharField(max_length=500, blank=True)
    permalink = models.URLField(max_length=1000, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    # When the post was deleted at the network, from here or there. It was published all the same.
    gone_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    server_fails: bool = False  # see ``with_failing_server``

    objects: ClassVar = PublicationManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "profile"], name="publishing_once_per_profile"),
            models.CheckConstraint(
                condition=~Q(state__in=["scheduled", "publishing"]) | Q(due_at__isnull=False),
                name="publishing_scheduled_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="publishing_published_when",
            ),
            # One post at the network answers for one publication: none is adopted twice when read back.
            models.UniqueConstraint(
                fields=["profile", "remote_id"],
                condition=~Q(remote_id=""),
                name="publishing_remote_post_once",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="scheduled"), name="publishing_due"),
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["processing", "unconfirmed"]),
                name="publishing_to_ask_again",
            ),
            models.Index(fields=["claimed_at"], condition=Q(state="publishing"), name="publishing_claimed"),
            models.Index(
                fields=["published_at"], condition=Q(state="published"), name="publishing_published_at"
            ),
            models.Index(fields=["organization", "due_at"]),
            models.Index(fields=["profile", "state"]),
        ]

    def __str__(self) -> str:
        return f"{self.post} → {self.profile}"

    @property
    def needs_answer(self) -> bool:
        """Say whether only a person can tell what became of it: it was looked for often enough, in vain."""
        return self.state == State.UNCONFIRMED and self.not_before is None

    @property
    def shown_detail(self) -> str:
        """Return ``detail`` in the reader's language where its sentence is known."""
        return shown(self.detail)


class PublishAttempt(TenantModel):
    """One try to bring a publication out. Written and committed before the network is called."""

    class Outcome(models.TextChoices):
        SENDING = "sending", _("Sending")
        PUBLISHED = "published", _("Published")
        PROCESSING = "processing", _("Taken, still processing")
        PREPARED = "prepared", _("Uploaded")
        REJECTED = "rejected", _("Refused")
        RATE_LIMITED = "rate_limited", _("Told to wait")
        RECONNECT = "reconnect", _("Reconnecting needed")
        NOT_SENT = "not_sent", _("Not sent")
        UNKNOWN = "unknown", _("No answer")
        UNREACHABLE = "unreachable", _("Network not reachable")
        NOT_FOUND = "not_found", _("Looked for, not found")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, default="publish")  # as named in publishing.delivery.requests
    started_at = models.DateTimeField()
    # A file goes up in many requests: when the latest of them began. None: the attempt is one request.
    step_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.SENDING)
    detail = models.CharField(max_length=500, blank=True)
    content_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publication", "number"], name="publishing_attempt_number")
        ]
        indexes = [
            models.Index(
                fields=["started_at"], condition=Q(outcome="sending"), name="publishing_attempts_at_work"
            )
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of publication {self.publication_id}"

    @property
    def shown_detail(self) -> str:
        """Return ``detail`` in the reader's language where its sentence is known."""
        return shown(self.detail)
