"""Putting a post in order: its labels, campaign, own fields, and its drawer among the drafts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record_event
from permissions.checker import Access
from permissions.services import begin_act
from publishing.content import problems_of
from publishing.label_rights import SEE_FIELDS, SET_STATUS, require_label
from publishing.models import (
    Campaign,
    CustomValue,
    DraftCategory,
    DraftStatus,
    Label,
    Post,
    PostLabel,
    Publication,
    State,
)
from publishing.rights import PUBLISH, require_change_post
from publishing.services.requests import takes_other_steps, takes_steps_beyond
from publishing.services.scheduling import ask_again
from publishing.services.versions import record_missing_version, record_version
from publishing.taken_workflows import publishes_alone


class CannotOrganize(Exception):
    """Nothing was changed. The message says why and is for the person."""


@dataclass(frozen=True, kw_only=True)
class Organizing:
    """What a person chose beside the text. ``labels`` and ``status`` stay as they are when they are None."""

    campaign: Campaign | None = None
    category: DraftCategory | None = None
    labels: Collection[Label] | None = None
    status: str | None = None
    # What the fields say, by their id; empty takes it away, and one that is not named stays.
    values: Mapping[int, str] = field(default_factory=dict)


def organize(*, actor: Access, post: Post, organizing: Organizing, now: datetime) -> bool:
    """Set all of it, in the transaction that saves the post; return whether labels were added. Raises NotAllowed."""
    if organizing.campaign != post.campaign:
        post.campaign_tracking = None
    post.campaign, post.draft_category = organizing.campaign, organizing.category
    if organizing.status is not None and organizing.status != post.draft_status:
        actor.require(SET_STATUS, post.organization)
        post.draft_status = organizing.status
    post.save(update_fields=["campaign", "campaign_tracking", "draft_category", "draft_status"])
    _set_values(actor, post, organizing.values)
    return organizing.labels is not None and set_labels(actor, post, organizing.labels, now)


def set_labels(actor: Access, post: Post, labels: Iterable[Label], now: datetime) -> bool:
    """Make these the post's labels; return whether one was added. Raises NotAllowed when that changes anything."""
    wanted = {label.pk for label in labels}
    present = set(post.post_labels.values_list("label_id", flat=True))
    if wanted == present:
        return False
    require_label(actor, post)
    post.post_labels.exclude(label__in=wanted).delete()
    for pk in sorted(wanted - present):
        PostLabel.objects.create(post=post, label_id=pk, added_by=actor.user, added_at=now)
    return bool(wanted - present)


def approve_labels_again(
    *, actor: Access, publications: Iterable[Publication], now: datetime
) -> list[Publication]:
    """A5: labels that somebody without the right to publish added send what was scheduled for approval again.

    ``publications`` were scheduled before. One whose content changed with it may be a draft by now: it is sent as
    well, unless its network would refuse it.
    """
    sent = []
    for publication in publications:
        if actor.can(PUBLISH, publication.profile) or publication.state not in (State.SCHEDULED, State.DRAFT):
            continue
        if publication.state == State.SCHEDULED or not problems_of(publication):
            ask_again(actor=actor, publication=publication, now=now, note=_("Labels were added."))
            sent.append(publication)
    return sent


def take_other_steps(
    *, actor: Access, publications: Iterable[Publication], now: datetime
) -> list[Publication]:
    """After a post changed its campaign: ask again where the campaigns' workflows make other steps of it.

    What waits begins with the first step of those it takes now. What is scheduled is asked for where steps came that
    nobody answered, unless who moved the post publishes without a yes. Returns what waits again.
    """
    sent = []
    for publication in publications:
        latest = publication.approvals.select_related("requested_by").order_by("-requested_at", "-pk").first()
        if publication.state == State.WAITING:
            is_asked = latest is not None and takes_other_steps(latest, publication)
        else:
            is_asked = (
                publication.state == State.SCHEDULED
                and takes_steps_beyond(latest, publication)
                and not publishes_alone(actor, publication)
            )
        if is_asked:
            asked_by = latest.requested_by if latest is not None else None
            note = _("The campaign was changed.")
            ask_again(actor=actor, publication=publication, now=now, note=note, asked_by=asked_by)
            sent.append(publication)
    return sent


@transaction.atomic
def label_post(
    *, actor: Access, post: Post, labels: Collection[Label], version: int, now: datetime
) -> list[Publication]:
    """Change a saved post's labels; return the publications that wait for approval again for it (A5).

    ``version`` is the one the person looked at. Raises NotAllowed, CannotOrganize.
    """
    actor = begin_act(actor, now)
    publications = list(
        post.publications.select_for_update(of=("self",)).select_related("profile", "post").order_by("pk")
    )
    post = Post.objects.select_for_update().get(pk=post.pk)
    if post.version != version:
        raise CannotOrganize(_("Somebody else saved this post meanwhile. Look at it, then label it again."))
    record_missing_version(post)
    before = _names(post)
    is_added = set_labels(actor, post, labels, now)
    if _names(post) == before:
        return []
    post.version += 1
    post.updated_at = now
    post.save(update_fields=["version", "updated_at"])
    record_version(post=post, saved_by=actor.user, at=now)
    record_event(
        actor=actor.user,
        action="post.label",
        obj=post,
        at=now,
        before={"labels": before},
        after={"labels": _names(post)},
    )
    scheduled = [one for one in publications if one.state == State.SCHEDULED]
    return approve_labels_again(actor=actor, publications=scheduled, now=now) if is_added else []


@transaction.atomic
def sort_draft(
    *, actor: Access, post: Post, category: DraftCategory | None, status: str, now: datetime
) -> Post:
    """Put a draft into a drawer (None: none) and say how far it is (AO19). Raises NotAllowed, CannotOrganize."""
    actor = begin_act(actor, now)
    post = Post.objects.select_for_update().get(pk=post.pk)
    require_change_post(actor, post)
    if not post.publications.exists() and post.author_id != actor.user.pk:
        raise CannotOrganize(_("Only its author sorts a draft that has no profile."))
    if post.publications.exclude(state__in=(State.DRAFT, State.DECLINED, State.CANCELED)).exists():
        raise CannotOrganize(_("It is no draft any more, so it is not among the drafts."))
    if status not in DraftStatus.values:
        raise CannotOrganize(_("This status does not exist."))
    before = _place(post)
    post.draft_category = category
    if status != post.draft_status:
        actor.require(SET_STATUS, post.organization)
        post.draft_status = status
    post.save(update_fields=["draft_category", "draft_status"])
    record_event(actor=actor.user, action="post.sort", obj=post, at=now, before=before, after=_place(post))
    return post


def _set_values(actor: Access, post: Post, values: Mapping[int, str]) -> None:
    present = {one.field_id: one.value for one in post.custom_values.all()}
    changed = {pk: value for pk, value in values.items() if value != present.get(pk, "")}
    if changed:
        actor.require(SEE_FIELDS, post.organization)
    for pk, value in changed.items():
        if value:
            CustomValue.objects.update_or_create(post=post, field_id=pk, defaults={"value": value})
        else:
            post.custom_values.filter(field=pk).delete()


def _names(post: Post) -> list[str]:
    return list(post.labels.order_by("name").values_list("name", flat=True))


def _place(post: Post) -> dict[str, str]:
    category = post.draft_category
    return {"category": category.name if category else "", "draft_status": post.draft_status}
