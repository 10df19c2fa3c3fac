"""What is done with a post that is out: its first comment, edits, its deletion. Each is a row with its own states.

Nothing here turns the publication's state around: that it is published stays true whatever becomes of these.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from publishing.models.publications import Publication
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


class FollowUpState(models.TextChoices):
    """Where it stands. ``FOLLOW_UP_TRANSITIONS`` lists every way there is."""

    PENDING = "pending", _("Waiting its turn")
    SENDING = "sending", _("Under way")
    DONE = "done", _("Done")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")


# A comment whose answer was lost is looked for; it never goes back to PENDING but by a person's word (from FAILED).
FOLLOW_UP_TRANSITIONS: dict[FollowUpState, frozenset[FollowUpState]] = {
    FollowUpState.PENDING: frozenset({FollowUpState.SENDING, FollowUpState.FAILED, FollowUpState.CANCELED}),
    FollowUpState.SENDING: frozenset(
        {FollowUpState.DONE, FollowUpState.PENDING, FollowUpState.UNCONFIRMED, FollowUpState.FAILED}
    ),
    FollowUpState.UNCONFIRMED: frozenset({FollowUpState.DONE, FollowUpState.FAILED}),
    FollowUpState.FAILED: frozenset({FollowUpState.PENDING, FollowUpState.DONE}),
    FollowUpState.DONE: frozenset(),
    FollowUpState.CANCELED: frozenset(),
}

OPEN_STATES = (FollowUpState.PENDING, FollowUpState.SENDING, FollowUpState.UNCONFIRMED)


class FollowUpQuerySet(TenantQuerySet["FollowUp"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def due(self, now: datetime) -> Self:
        """Return what is to be done now."""
        return self.filter(Q(not_before=None) | Q(not_before__lte=now), state=FollowUpState.PENDING)

    def to_look_for(self, now: datetime) -> Self:
        """Return comments nobody knows the outcome of, whose next look has come."""
        return self.filter(state=FollowUpState.UNCONFIRMED, not_before__lte=now)

    def may_go(self, now: datetime) -> Self:
        """Return those that nothing outside of them holds back. A pause stops what is said, not what is deleted."""
        return self.may_go_but_for_server(now).server_answers()

    def may_go_but_for_server(self, now: datetime) -> Self:
        paused = organization_is_paused() | profile_is_paused("publication__profile")
        return (
            self.filter(publication__profile__status=SocialProfile.Status.CONNECTED)
            .exclude(is_limited("publication__profile", now))
            .exclude(paused & ~Q(kind=FollowUp.Kind.DELETION))
        )

    def server_answers(self) -> Self:
        """Return those whose server answers, or that are let through to find out whether it does again."""
        return self.exclude(server_is_left_alone("publication__profile", probe_follow_up=OuterRef("pk")))

    def with_failing_server(self) -> Self:
        """Say of each in ``server_fails`` whether its server's last answer failed to come: the next one is news."""
        return self.annotate(server_fails=Exists(outages_at("publication__profile").noted()))


FollowUpManager = TenantManager.from_queryset(FollowUpQuerySet)


class FollowUp(TenantModel):
    """One thing to do with one post that is out."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("First comment")
        EDIT = "edit", _("Change")
        DELETION = "deletion", _("Deletion")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="follow_ups")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=12, choices=FollowUpState, default=FollowUpState.PENDING)
    text = models.TextField(blank=True)  # the comment's words, or the post's new ones
    text_before = models.TextField(blank=True)  # of an edit: what was said before
    reason = models.CharField(max_length=300, blank=True)  # of a deletion, in the words of who asked for it
    detail = models.CharField(max_length=500, blank=True)  # the network's own words, or ours
    # Made once; the adapter derives from it and from ``first_sent_at`` what makes a repeat harmless.
    key = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    # Who vouches for it: who asked for it, of a first comment whoever vouched for the post.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    first_sent_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    attempt_count = models.PositiveIntegerField(default=0)
    look_count = models.PositiveSmallIntegerField(default=0)
    remote_id = models.CharField(max_length=500, blank=True)
    permalink = models.URLField(max_length=1000, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    server_fails: bool = False  # see ``with_failing_server``

    objects: ClassVar = FollowUpManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication"],
                condition=Q(kind="comment"),
                name="publishing_one_first_comment",
            ),
            models.UniqueConstraint(
                fields=["publication", "kind"],
                condition=Q(state__in=["pending", "sending", "unconfirmed"]),
                name="publishing_one_open_follow_up",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_at__isnull=False), name="publishing_follow_up_done_when"
            ),
            # Only of a comment it can be unknown whether it is there: the others are simply done again.
            models.CheckConstraint(
                condition=~Q(state="unconfirmed") | Q(kind="comment"),
                name="publishing_only_comments_unconfirmed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["pending", "unconfirmed"]),
                name="publishing_follow_ups_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of publication {self.publication_id}"

    @property
    def shown_detail(self) -> str:
        """Return ``detail`` in the reader's language where its sentence is known."""
        return shown(self.detail)


class FollowUpAttempt(TenantModel):
    """One try, or one look. Written and committed before the network is called."""

    class Outcome(models.TextChoices):
        SENDING = "sending", _("Sending")
        DONE = "done", _("Done")
        REJECTED = "rejected", _("Refused")
        RATE_LIMITED = "rate_limited", _("Told to wait")
        RECONNECT = "reconnect", _("Reconnecting needed")
        NOT_SENT = "not_sent", _("Not sent")
        UNREACHABLE = "unreachable", _("Network not reachable")
        UNKNOWN = "unknown", _("No answer")
        NOT_FOUND = "not_found", _("Looked for, not found")

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    is_look = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.SENDING)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up", "number"], name="publishing_follow_up_attempt_number"
            )
        ]
        indexes = [
            models.Index(
                fields=["started_at"],
                condition=Q(outcome="sending"),
                name="publishing_follow_ups_at_work",
            )
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of follow-up {self.follow_up_id}"

    @property
    def shown_detail(self) -> str:
        """Return ``detail`` in the reader's language where its sentence is known."""
        return shown(self.detail)
