"""Posts that come from a file: the file as it was read, what is wrong with each row, and which post a row became."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from publishing.models.posts import Post, PostMedia
from social_accounts.models import SocialProfile
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class ImportMode(models.TextChoices):
    """What becomes of a row."""

    SCHEDULE = "schedule", _("Schedule")
    APPROVE = "approve", _("Send for approval")
    QUEUE = "queue", _("Add to queue")
    DRAFT = "draft", _("Save as draft")


class PostImport(TenantModel):
    """One file of posts, from its upload to its undoing. The work is done by tasks, which find here where they are."""

    class Stage(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        READY = "ready", _("Checked")
        MAKING = "making", _("Being imported")
        DONE = "done", _("Imported")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    class DateOrder(models.TextChoices):
        DAY_FIRST = "day", _("Day first: 24/12/2026")
        MONTH_FIRST = "month", _("Month first: 12/24/2026")

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    filename = models.CharField(max_length=200)
    headers = models.JSONField(default=list)  # as they stand in the file
    layout = models.JSONField(
        default=list
    )  # what each of them is: a key of publishing/bulk/columns.py, or ""
    delimiter = models.CharField(max_length=1, default=",")
    mode = models.CharField(max_length=10, choices=ImportMode)  # of rows that do not say it
    date_order = models.CharField(max_length=5, choices=DateOrder)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.CHECKING)
    # The choices only a network knows, as it gave them: {"12:board": {"choices": [...], "problem": ""}}.
    choices = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    worked_at = models.DateTimeField(null=True, blank=True)  # when a task was last at it

    class Meta:
        indexes = [
            models.Index(
                fields=["worked_at"],
                condition=Q(stage__in=["checking", "making", "undoing"]),
                name="publishing_import_at_work",
            ),
            models.Index(fields=["organization", "-created_at"], name="publishing_import_latest"),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_at_work(self) -> bool:
        return self.stage in (self.Stage.CHECKING, self.Stage.MAKING, self.Stage.UNDOING)


class ImportProfile(TenantModel):
    """A profile that rows of an import go to: who manages all of them may undo it."""

    post_import = models.ForeignKey(PostImport, on_delete=models.CASCADE, related_name="profile_links")
    profile = models.ForeignKey(SocialProfile, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post_import", "profile"], name="publishing_import_profile_once")
        ]

    def __str__(self) -> str:
        return f"{self.post_import} → {self.profile}"


class ImportRowQuerySet(TenantQuerySet["ImportRow"]):
    def in_order(self) -> Self:
        return self.order_by("number")

    def wrong(self) -> Self:
        """Return what did not become a post because something is wrong with it."""
        return self.filter(state__in=(ImportRow.State.BAD, ImportRow.State.FAILED))


ImportRowManager = TenantManager.from_queryset(ImportRowQuerySet)


class ImportRow(TenantModel):
    """One row of the file. It becomes one post, whatever happens meanwhile: ``state`` and ``post`` change together."""

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("row of a file", "Not checked yet")
        GOOD = "good", pgettext_lazy("row of a file", "Good")
        BAD = "bad", pgettext_lazy("row of a file", "Has a problem")
        MADE = "made", pgettext_lazy("row of a file", "Imported")
        FAILED = "failed", pgettext_lazy("row of a file", "Not imported")
        UNDONE = "undone", pgettext_lazy("row of a file", "Undone")
        KEPT = "kept", pgettext_lazy("row of a file", "Kept")

    post_import = models.ForeignKey(PostImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # as a spreadsheet counts: the header is row 1
    cells = models.JSONField(default=list)  # in the order of the headers
    state = models.CharField(max_length=6, choices=State, default=State.NEW)
    problems = models.JSONField(default=list)  # [[key of the column or "", sentence]]
    warnings = models.JSONField(default=list)
    same_as = models.PositiveIntegerField(null=True, blank=True)  # an earlier row that says the same
    signatures = models.JSONField(default=list)  # by which two rows are told to say the same
    mode = models.CharField(max_length=10, choices=ImportMode, blank=True)
    asks_approval = models.BooleanField(default=False)  # somebody has to approve it before it goes out
    profile_ids = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_as = models.JSONField(
        default=dict
    )  # how the post stood when it was made, to tell whether it was touched
    reason = models.CharField(max_length=500, blank=True)  # why it failed, or was not undone

    objects: ClassVar = ImportRowManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post_import", "number"], name="publishing_import_row_once"),
            models.UniqueConstraint(fields=["post"], name="publishing_import_row_of_post"),
        ]
        indexes = [
            models.Index(fields=["post_import", "state", "number"], name="publishing_import_row_state")
        ]

    def __str__(self) -> str:
        return f"row {self.number} of {self.post_import_id}"


class ImportAddress(TenantModel):
    """A picture or a page that rows name by its address, fetched once."""

    class Kind(models.TextChoices):
        PICTURE = "picture", _("Picture")
        LINK = "link", _("Link")

    post_import = models.ForeignKey(PostImport, on_delete=models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=7, choices=Kind)
    address = models.CharField(max_length=1000)
    fetched_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    media = models.ForeignKey(PostMedia, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(max_length=300, blank=True)
    description = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post_import", "kind", "address"], name="publishing_import_address_once"
            )
        ]

    def __str__(self) -> str:
        return self.address
