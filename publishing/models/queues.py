"""Queues: when a profile's next post goes out without anybody choosing a time; and posts that come again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from publishing.models.posts import Post
from publishing.models.publications import Publication
from publishing.slots import MINUTES_OF_A_DAY, WEEKDAYS, WeeklyTime
from social_accounts.models import SocialProfile
from tenancy.models import TenantModel


class QueueSlot(TenantModel):
    """One time of the week at which a profile's queue lets a post out, in the profile's time zone."""

    profile = models.ForeignKey(SocialProfile, on_delete=models.CASCADE, related_name="queue_slots")
    weekday = models.PositiveSmallIntegerField()  # Monday is 0
    minute = models.PositiveSmallIntegerField()  # of the day

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "weekday", "minute"], name="publishing_slot_once"),
            models.CheckConstraint(
                condition=Q(weekday__lt=WEEKDAYS, minute__lt=MINUTES_OF_A_DAY),
                name="publishing_slot_in_the_week",
            ),
        ]
        ordering = ["weekday", "minute"]

    def __str__(self) -> str:
        return f"{self.profile}: {self.weekday} {self.as_time.time:%H:%M}"

    @property
    def as_time(self) -> WeeklyTime:
        return WeeklyTime(self.weekday, self.minute)


class QueuePause(TenantModel):
    """While this row stands, nothing of the profile's queue goes out; what has a time of its own does."""

    profile = models.OneToOneField(SocialProfile, on_delete=models.CASCADE, related_name="queue_pause")
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    paused_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"the queue of {self.profile} is paused"


class QueueEntry(TenantModel):
    """A publication whose time the queue chose. Given another time by hand, it is in the queue no more."""

    publication = models.OneToOneField(Publication, on_delete=models.CASCADE, related_name="queue_entry")
    slot_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.publication} in the queue"

    @staticmethod
    def is_live(prefix: str = "queue_entry__") -> Q:
        """Return what a publication fulfills that still has the time the queue gave it."""
        return Q(**{f"{prefix}slot_at": F("due_at")})


class Repetition(TenantModel):
    """A post that comes again: at the same time of day every so often, or whenever the queue has room."""

    class Rhythm(models.TextChoices):
        QUEUE = "queue", _("Through the queue")
        DAILY = "daily", _("Every few days")
        WEEKLY = "weekly", _("Every few weeks")
        MONTHLY = "monthly", _("Every few months")

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="repetitions")
    rhythm = models.CharField(max_length=10, choices=Rhythm)
    # Days, weeks or months; through the queue: days at least between two.
    every = models.PositiveSmallIntegerField()
    # When the post itself goes out, on the wall clock: what every few days, weeks or months counts from.
    first_on = models.DateField(null=True, blank=True)
    minute = models.PositiveSmallIntegerField(default=0)
    time_zone = models.CharField(max_length=64, default="UTC")
    times_max = models.PositiveSmallIntegerField()
    ends_on = models.DateField(null=True, blank=True)
    made = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post"], condition=Q(ended_at=None), name="publishing_one_repetition_of_a_post"
            ),
            models.CheckConstraint(condition=Q(every__gt=0), name="publishing_repetition_moves_on"),
            models.CheckConstraint(
                condition=Q(rhythm="queue") | Q(first_on__isnull=False),
                name="publishing_repetition_counts_from",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(ended_at=None), name="publishing_repetitions")
        ]

    def __str__(self) -> str:
        return f"{self.post} again"


class Occurrence(TenantModel):
    """One coming-again of a post: a post of its own, which may be edited, approved and canceled like any other."""

    repetition = models.ForeignKey(Repetition, on_delete=models.CASCADE, related_name="occurrences")
    number = models.PositiveSmallIntegerField()
    post = models.OneToOneField(Post, null=True, on_delete=models.SET_NULL, related_name="occurrence")
    due_at = models.DateTimeField()  # the first of its publications

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["repetition", "number"], name="publishing_occurrence_once")
        ]

    def __str__(self) -> str:
        return f"{self.repetition}, {self.number}"
