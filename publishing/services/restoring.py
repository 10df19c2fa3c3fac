"""Bringing an older version of a post back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.services import record_event
from permissions.checker import Access
from permissions.services import begin_act
from publishing.label_rights import SEE_FIELDS, may_label
from publishing.models import Campaign, CustomField, Label, Post, PostMedia, PostVersion, State
from publishing.services.organizing import Organizing
from publishing.services.posts import Draft, update_post
from publishing.services.versions import PLAIN


class CannotRestore(Exception):
    """This version cannot be brought back. The message is for the person."""


@transaction.atomic
def restore_version(*, actor: Access, post: Post, number: int, version: int, now: datetime) -> Post:
    """Make the post say again what it said in an older version. That is an edit: a new version, voiding approvals.

    ``version`` is the post's own that the person looked at. Labels, campaign and fields come back as far as they
    still exist and the person may set them. Raises NotAllowed, CannotRestore, CannotChange.
    """
    actor = begin_act(actor, now)
    kept = PostVersion.objects.filter(post=post, number=number).first()
    if kept is None:
        raise CannotRestore(_("This version does not exist."))
    content: Mapping[str, Any] = kept.content
    wanted = [(one["pk"], one["alt_text"]) for one in content["media"]]
    present = PostMedia.objects.filter(Q(post=post) | Q(kept_for=post), pk__in=[pk for pk, _alt in wanted])
    if present.count() < len(wanted):
        raise CannotRestore(_("A picture of this version no longer exists, so it cannot be brought back."))
    publications = post.publications.exclude(state=State.CANCELED).select_related("profile")
    known = {one.name for one in fields(Draft)}
    draft = Draft(
        **{name: content[name] for name in PLAIN if name in known and name in content},
        media=wanted,
        organizing=_organizing_in(content, actor, post),
    )
    post = update_post(
        actor=actor,
        post=post,
        profiles=[publication.profile for publication in publications],
        draft=draft,
        version=version,
        now=now,
    )
    PostVersion.objects.filter(post=post, number=post.version).update(restored_from=number)
    record_event(actor=actor.user, action="post.restore", obj=post, at=now, after={"version": number})
    return post


def _organizing_in(content: Mapping[str, Any], actor: Access, post: Post) -> Organizing:
    values = None
    if actor.can(SEE_FIELDS, post.organization):
        kept = {one["pk"]: one["value"] for one in content["fields"]}
        values = {pk: kept.get(pk, "") for pk in CustomField.objects.values_list("pk", flat=True)}
    labels = None
    if may_label(actor, post):
        labels = list(Label.objects.filter(pk__in=[one["pk"] for one in content["labels"]]))
    named = content["campaign"]
    campaign = Campaign.objects.filter(pk=named["pk"]).first() if named else None
    return Organizing(campaign=campaign, category=post.draft_category, labels=labels, values=values or {})
