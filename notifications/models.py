"""What people are told. A row is the notification in Chorus, the mail that is still to be sent, or both."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class ByMail(models.TextChoices):
    """When a kind of notification is mailed to somebody."""

    NOW = "now", _("At once")
    DAILY = "daily", _("Once a day")
    NEVER = "never", _("Never")


class NotificationQuerySet(TenantQuerySet["Notification"]):
    def listed_for(self, person_id: int) -> NotificationQuerySet:
        """Return what he is shown in Chorus."""
        return self.filter(person=person_id, is_listed=True)

    def unread_by(self, person_id: int) -> NotificationQuerySet:
        return self.listed_for(person_id).filter(read_at=None)

    def to_mail(self, now: datetime) -> NotificationQuerySet:
        """Return what is to be mailed by now, whoever may be about to do it."""
        return self.filter(mail_due_at__lte=now)


NotificationManager = TenantManager.from_queryset(NotificationQuerySet)


class Notification(TenantModel):
    """One thing one person is told.

    ``words`` are kept as they are said, untranslated and with their values apart (``notifications/words.py``): each
    reader reads his own language. ``about`` names the object without a reference, for those above know it; whether
    the person may still see it is asked whenever it is shown or mailed. ``mail_due_at`` is the outbox: not null means
    that a mail is to be sent then, or tried again.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=40)
    words = models.JSONField()
    topic = models.CharField(max_length=200, blank=True)  # what several have in common, such as their profile
    link = models.CharField(max_length=500, blank=True)  # a path of ours
    about_type = models.CharField(max_length=60, blank=True)
    about_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    is_listed = models.BooleanField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(max_length=5, choices=ByMail)
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = NotificationManager()

    class Meta:
        indexes = [
            models.Index(
                fields=["person", "-created_at"], condition=Q(is_listed=True), name="notifications_of_person"
            ),
            models.Index(
                fields=["person", "organization"],
                condition=Q(is_listed=True, read_at=None),
                name="notifications_unread",
            ),
            models.Index(
                fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False), name="notifications_to_mail"
            ),
            models.Index(fields=["created_at"], name="notifications_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"
