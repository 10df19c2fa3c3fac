"""Requests to let a publication out, and their answers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from publishing.models.publications import Publication
from tenancy.models import TenantModel


class Approval(TenantModel):
    """A request to let a publication out, and its answer. Sealed to the content and time it was asked for."""

    class Answer(models.TextChoices):
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Not approved")
        VOID = "void", _("Void: the content changed")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="approvals")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField()
    content_digest = models.CharField(max_length=64)
    due_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication"], condition=Q(answer=""), name="publishing_one_open_approval"
            )
        ]

    def __str__(self) -> str:
        return f"approval of {self.publication}"
