"""Boards as the network told of them, and every change somebody asked for."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class BoardReading(TenantModel):
    """When the boards of a profile were last read, and why that did not work since."""

    profile = models.OneToOneField(
        "social_accounts.SocialProfile", on_delete=models.CASCADE, related_name="board_reading"
    )
    read_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    detail = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"boards of profile {self.profile_id} as of {self.read_at}"


class Board(TenantModel):
    """One board. ``is_own``: the account's; others' are those it works on together with them."""

    class Privacy(models.TextChoices):
        PUBLIC = "public", _("Public")
        SECRET = "secret", _("Secret")
        PROTECTED = "protected", _("For advertisements")

    profile = models.ForeignKey(
        "social_accounts.SocialProfile", on_delete=models.CASCADE, related_name="boards"
    )
    remote_id = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=180)
    description = models.TextField(_("description"), blank=True)
    privacy = models.CharField(max_length=10, choices=Privacy)
    owner = models.CharField(max_length=255, blank=True)
    is_own = models.BooleanField(default=True)
    cover_url = models.URLField(max_length=1000, blank=True)
    pin_count = models.PositiveIntegerField(null=True)
    follower_count = models.PositiveIntegerField(null=True)
    collaborator_count = models.PositiveIntegerField(null=True)
    sections_read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "remote_id"], name="social_accounts_board_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_secret(self) -> bool:
        return self.privacy == self.Privacy.SECRET


class BoardSection(TenantModel):
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="sections")
    remote_id = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=180)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["board", "remote_id"], name="social_accounts_board_section_once")
        ]

    def __str__(self) -> str:
        return self.name


class BoardChangeQuerySet(TenantQuerySet["BoardChange"]):
    def unsettled(self) -> BoardChangeQuerySet:
        """Those nobody knows the end of: under way, or without a clear answer."""
        return self.filter(state__in=[BoardChange.State.UNDER_WAY, BoardChange.State.UNCLEAR])


BoardChangeManager = TenantManager.from_queryset(BoardChangeQuerySet)


class BoardChange(TenantModel):
    """What somebody wants of the network, written down before it hears of it.

    A row that stays *under way* is a worker that died; ``settling`` finds out what became of it.
    """

    class Kind(models.TextChoices):
        CREATE = "create", _("Create the board")
        UPDATE = "update", _("Change the board")
        DELETE = "delete", _("Delete the board")
        MERGE = "merge", _("Merge the board")
        CREATE_SECTION = "create_section", _("Create the section")
        RENAME_SECTION = "rename_section", _("Rename the section")
        DELETE_SECTION = "delete_section", _("Delete the section")
        SAVE_PIN = "save_pin", _("Save the Pin to another board")

    class State(models.TextChoices):
        UNDER_WAY = "under_way", _("Under way")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Not done")
        UNCLEAR = "unclear", _("No clear answer")

    profile = models.ForeignKey(
        "social_accounts.SocialProfile", on_delete=models.CASCADE, related_name="board_changes"
    )
    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.UNDER_WAY)
    board_remote_id = models.CharField(max_length=40, blank=True)  # empty while a new board has no id yet
    section_remote_id = models.CharField(max_length=40, blank=True)
    pin_remote_id = models.CharField(max_length=40, blank=True)
    target_remote_id = models.CharField(
        max_length=40, blank=True
    )  # the board a merge or a saved Pin leads to
    name = models.CharField(max_length=180)  # what the board or section was called, or is to be called
    description = models.TextField(blank=True)
    is_secret = models.BooleanField(default=False)
    moved_count = models.PositiveIntegerField(default=0)
    detail = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField()  # when a worker last did something about it
    settled_at = models.DateTimeField(null=True)

    objects: ClassVar = BoardChangeManager()

    class Meta:
        indexes = [
            models.Index(
                fields=["profile"],
                condition=Q(state__in=["under_way", "unclear"]),
                name="social_accounts_board_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.state}"
