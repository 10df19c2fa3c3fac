"""Calendars that leave the product: shared with people outside by link, and read by a person's own calendar program."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from publishing.models.organizing import Label
from publishing.models.outsiders import OutsiderLink
from publishing.models.publications import State
from social_accounts.models import SocialProfile
from tenancy.models import TenantManager, TenantModel, TenantQuerySet

# What may be shown outside, and which states a reader outside cannot tell from it. What is held, refused or not
# approved is the team's own business and is never shown.
SHARED_STATES: Final = {
    State.DRAFT: frozenset({State.DRAFT}),
    State.WAITING: frozenset({State.WAITING}),
    State.SCHEDULED: frozenset({State.SCHEDULED, State.PUBLISHING, State.PROCESSING}),
    State.PUBLISHED: frozenset({State.PUBLISHED}),
}


class SharedCalendarQuerySet(TenantQuerySet["SharedCalendar"]):
    def standing(self) -> Self:
        return self.filter(ended_at=None)


SharedCalendarManager = TenantManager.from_queryset(SharedCalendarQuerySet)


class SharedCalendar(TenantModel):
    """A selection of posts under a name, for people outside. Nothing that lies beside it is ever shown to them."""

    name = models.CharField(_("name"), max_length=80)
    states = models.JSONField(_("states"), default=list)  # of SHARED_STATES
    start_date = models.DateField(_("first day"), null=True, blank=True)
    end_date = models.DateField(_("last day"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = SharedCalendarManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(start_date=None) | Q(end_date=None) | Q(end_date__gte=F("start_date")),
                name="publishing_shared_calendar_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_states(self) -> set[State]:
        return {state for chosen in self.states for state in SHARED_STATES[State(chosen)]}

    def has_day(self, day: date) -> bool:
        begun = self.start_date is None or self.start_date <= day
        return begun and (self.end_date is None or day <= self.end_date)


class SharedProfile(TenantModel):
    """A profile whose posts a shared calendar shows."""

    calendar = models.ForeignKey(SharedCalendar, on_delete=models.CASCADE, related_name="profile_links")
    profile = models.ForeignKey(SocialProfile, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "profile"], name="publishing_shared_profile_once")
        ]

    def __str__(self) -> str:
        return f"{self.profile} in {self.calendar}"


class SharedLabel(TenantModel):
    """A label that narrows a shared calendar: with several, a post needs one of them."""

    calendar = models.ForeignKey(SharedCalendar, on_delete=models.CASCADE, related_name="label_links")
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "label"], name="publishing_shared_label_once")
        ]

    def __str__(self) -> str:
        return f"{self.label} in {self.calendar}"


class CalendarLink(OutsiderLink):
    """The link by which somebody without an account opens a shared calendar, and what he may do there.

    It shows what its maker (``created_by``) may see at that moment, of what the calendar selects.
    """

    calendar = models.ForeignKey(SharedCalendar, on_delete=models.CASCADE, related_name="links")
    may_comment = models.BooleanField(default=False)
    may_approve = models.BooleanField(default=False)

    class Meta(OutsiderLink.Meta):
        abstract = False
        constraints = [
            # An answer needs somebody whose it is: the workflow asks a person, not a link.
            models.CheckConstraint(
                condition=Q(may_approve=False) | Q(outsider__isnull=False),
                name="publishing_calendar_link_of_somebody",
            )
        ]


class CalendarFeed(OutsiderLink):
    """The private address under which a person's calendar program reads his posts (``created_by``), one at a time."""

    class Meta(OutsiderLink.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "created_by"],
                condition=Q(revoked_at=None),
                name="publishing_one_feed_per_person",
            )
        ]
