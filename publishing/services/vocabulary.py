"""The organization's own words for its posts: labels, campaigns, hashtag lists, categories of drafts, own fields.

All five are made, changed and deleted alike, so one table says who may do what with which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.services import record_event
from permissions.checker import Access
from permissions.services import begin_act, begin_change
from publishing.models import Campaign, Color, CustomField, DraftCategory, HashtagList, Label
from publishing.models.organizing import Named
from publishing.services.campaign_tracking import keep_tracking
from publishing.tracking import PREFIX


class NameTaken(Exception):
    """There is one of this name already. The message is for the person."""


class OutOfReach(Exception):
    """A campaign belongs to a workspace the person does not reach (R7). The message is for the person."""


@dataclass(frozen=True)
class Kind:
    """One sort of these words: its table, its name in the audit log, and the organization's actions it asks for."""

    model: type[Named]
    noun: str
    create: str
    change: str
    delete: str


LABELS: Final = Kind(
    Label,
    "label",
    create="organization.add_label",
    change="organization.edit_or_delete_label",
    delete="organization.edit_or_delete_label",
)
CAMPAIGNS: Final = Kind(
    Campaign,
    "content_campaign",
    create="organization.manage_content_campaigns",
    change="organization.manage_content_campaigns",
    delete="organization.manage_content_campaigns",
)
HASHTAG_LISTS: Final = Kind(
    HashtagList,
    "hashtag_list",
    create="organization.create_hashtag_list",
    change="organization.manage_hashtag_lists",
    delete="organization.manage_hashtag_lists",
)
DRAFT_CATEGORIES: Final = Kind(
    DraftCategory,
    "draft_category",
    create="organization.create_or_edit_draft_category",
    change="organization.create_or_edit_draft_category",
    delete="organization.delete_draft_category",
)
CUSTOM_FIELDS: Final = Kind(
    CustomField,
    "custom_field",
    create="organization.create_custom_fields",
    change="organization.create_custom_fields",
    delete="organization.create_custom_fields",
)


@transaction.atomic
def create_named(*, actor: Access, kind: Kind, fields: Mapping[str, Any], now: datetime) -> Named:
    """Add one to the organization's. Raises NotAllowed, NameTaken, OutOfReach."""
    actor = begin_act(actor, now)
    row = kind.model(**fields, created_by=actor.user, created_at=now)
    actor.require(kind.create, row.organization)
    _require_reach(actor, row)
    _save(row)
    record_event(actor=actor.user, action=f"{kind.noun}.create", obj=row, at=now, after=_told(row))
    return row


@transaction.atomic
def update_named(*, actor: Access, kind: Kind, row: Named, fields: Mapping[str, Any], now: datetime) -> Named:
    """Change one; everything that uses it shows the change at once. Raises NotAllowed, NameTaken, OutOfReach."""
    actor = _begin(actor, kind, now)
    row = kind.model.objects.select_for_update().get(pk=row.pk)  # type: ignore[assignment]
    actor.require(kind.change, row.organization)
    _require_reach(actor, row)
    before = _told(row)
    if isinstance(row, Campaign) and any(getattr(row, name) != value for name, value in _tracking_in(fields)):
        keep_tracking(row)
    for name, value in fields.items():
        setattr(row, name, value)
    _require_reach(actor, row)
    _save(row)
    if _told(row) != before:
        record_event(
            actor=actor.user, action=f"{kind.noun}.update", obj=row, at=now, before=before, after=_told(row)
        )
    return row


@transaction.atomic
def delete_named(*, actor: Access, kind: Kind, row: Named, now: datetime) -> None:
    """Delete one; the posts that use it stay, without it. Raises NotAllowed, OutOfReach."""
    actor = _begin(actor, kind, now)
    row = kind.model.objects.select_for_update().get(pk=row.pk)  # type: ignore[assignment]
    actor.require(kind.delete, row.organization)
    _require_reach(actor, row)
    if isinstance(row, Campaign):
        keep_tracking(row)
    before = {**_told(row), "uses": count_uses(row)}
    record_event(actor=actor.user, action=f"{kind.noun}.delete", obj=row, at=now, before=before)
    row.delete()


def count_uses(row: Named) -> int:
    """Return how many posts carry the label, belong to the campaign or category, or fill in the field."""
    if isinstance(row, CustomField):
        return row.values.count()
    if isinstance(row, (Label, Campaign, DraftCategory)):
        return row.posts.count()
    return 0  # hashtags are copied into a text, so nothing hangs on their list


def _begin(actor: Access, kind: Kind, now: datetime) -> Access:
    """Wait for whoever schedules where the change is to a campaign: its values may be on their way into a seal."""
    return begin_change(actor, now) if kind is CAMPAIGNS else begin_act(actor, now)


def _tracking_in(fields: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in fields.items() if name.startswith(PREFIX)]


def _save(row: Named) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as problem:
        if "name_once" not in str(problem):
            raise
        raise NameTaken(_("“%(name)s” exists already. Choose another name.") % {"name": row.name}) from None


def _require_reach(actor: Access, row: Named) -> None:
    within = actor.workspace_ids
    if isinstance(row, Campaign) and within is not None and row.workspace_id not in within:
        raise OutOfReach(_("You do not reach the workspace of this campaign."))


def _told(row: Named) -> dict[str, Any]:
    """Return what the audit log tells of it."""
    match row:
        case Label():
            return {"name": row.name, "color": Color(row.color).name.lower()}
        case Campaign():
            dates = {"start_date": row.start_date, "end_date": row.end_date}
            return {"name": row.name, "description": row.description, **dates, "tracking": row.tracking}
        case HashtagList():
            return {"name": row.name, "hashtags": row.text}
        case CustomField():
            choices = ", ".join(row.choices)
            return {
                "name": row.name,
                "field_kind": row.kind,
                "choices": choices,
                "is_required": row.is_required,
            }
        case _:
            return {"name": row.name}
