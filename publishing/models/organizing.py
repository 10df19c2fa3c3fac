"""What keeps posts in order: labels, campaigns, categories of drafts, the organization's own fields, hashtag lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from orgs.models import Workspace
from publishing.models.posts import Post
from tenancy.models import TenantModel

FIELD_VALUE_MAX: Final = 500
YES: Final = "yes"
NO: Final = "no"


class Color(models.IntegerChoices):
    """The eight tints of the design system; the number is that of the token ``--color-tint-N``."""

    BLUE = 1, _("Blue")
    TEAL = 2, _("Teal")
    ORANGE = 3, _("Orange")
    PURPLE = 4, _("Purple")
    PINK = 5, _("Pink")
    GRAY = 6, _("Gray")
    GREEN = 7, _("Green")
    SKY = 8, _("Sky")


class DraftStatus(models.TextChoices):
    """How far a draft is, where somebody said so (AO19)."""

    OFF = "", _("No status")
    IDEA = "idea", _("Idea")
    IN_WORK = "in_work", _("In work")
    READY = "ready", _("Ready")


class Named(TenantModel):
    """Something the organization gave a name to, once whatever the case of its letters."""

    name = models.CharField(_("name"), max_length=60)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint("organization", Lower("name"), name="%(app_label)s_%(class)s_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class Label(Named):
    """A word in a color that posts carry, such as "Winter" or "Needs legal"."""

    color = models.PositiveSmallIntegerField(_("color"), choices=Color, default=Color.BLUE)


class PostLabel(TenantModel):
    """One label on one post, and who put it there."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="post_labels")
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="post_labels")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "label"], name="publishing_label_once_per_post")
        ]

    def __str__(self) -> str:
        return f"{self.label} · {self.post}"


class Campaign(Named):
    """Posts that belong to one effort, its dates, and the tracking values its links carry."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="campaigns")
    description = models.CharField(_("description"), max_length=500, blank=True)
    start_date = models.DateField(_("first day"), null=True, blank=True)
    end_date = models.DateField(_("last day"), null=True, blank=True)
    utm_source = models.CharField(max_length=100, blank=True)
    utm_medium = models.CharField(max_length=100, blank=True)
    utm_campaign = models.CharField(max_length=100, blank=True)
    utm_content = models.CharField(max_length=100, blank=True)
    # Its posts take these steps ahead of those of their profiles (see publishing/taken_workflows.py).
    workflow = models.ForeignKey(
        "publishing.Workflow", null=True, blank=True, on_delete=models.SET_NULL, related_name="campaigns"
    )

    class Meta(Named.Meta):
        constraints = [
            *Named.Meta.constraints,
            models.CheckConstraint(
                condition=Q(start_date=None) | Q(end_date=None) | Q(end_date__gte=F("start_date")),
                name="publishing_campaign_ends_after_it_begins",
            ),
        ]

    @property
    def tracking(self) -> dict[str, str]:
        """Return the tracking values as a post keeps them, without the empty ones."""
        names = ("source", "medium", "campaign", "content")
        return {name: value for name in names if (value := getattr(self, f"utm_{name}"))}


class HashtagList(Named):
    """Hashtags that go together, to be put into a text at once. Kept without their "#"."""

    hashtags = models.JSONField(default=list)

    @property
    def text(self) -> str:
        return " ".join(f"#{hashtag}" for hashtag in self.hashtags)


class DraftCategory(Named):
    """A drawer of the drafts view (AO20, AO21)."""


class CustomField(Named):
    """A field of the organization's own on every post (AO11, AO12)."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        YES_NO = "yes_no", _("Yes or no")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    choices = models.JSONField(default=list, blank=True)  # of a choice: what there is to choose from
    is_required = models.BooleanField(_("required"), default=False)


class CustomValue(TenantModel):
    """What one post says in one of these fields, spelled once: "12.5", "2026-11-22", "yes"."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="custom_values")
    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, related_name="values")
    value = models.CharField(max_length=FIELD_VALUE_MAX)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "field"], name="publishing_value_once_per_field")
        ]
        indexes = [models.Index(fields=["field", "value"])]

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"

    @property
    def shown(self) -> str:
        """Return the value in the reader's language."""
        match self.field.kind:
            case CustomField.Kind.DATE:
                return date_format(date.fromisoformat(self.value))
            case CustomField.Kind.NUMBER:
                return str(number_format(Decimal(self.value)))
            case CustomField.Kind.YES_NO:
                return pgettext("answer", "Yes") if self.value == YES else pgettext("answer", "No")
            case _:
                return self.value
