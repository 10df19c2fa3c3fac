"""Writing posts: what is said, on which profiles. When and whether it goes out: ``scheduling`` and ``approvals``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.services import record_event
from orgs.models import Workspace
from permissions.checker import Access
from permissions.services import begin_act
from publishing.models import Approval, Post, Publication, State
from publishing.network_options import kept_name
from publishing.rights import require_change, require_compose
from publishing.services.campaign_tracking import release_tracking
from publishing.services.media import MediaGone, attach, forget
from publishing.services.organizing import Organizing, approve_labels_again, organize, take_other_steps
from publishing.services.versions import record_missing_version, record_version
from publishing.states import move
from publishing.taken_workflows import publishes_alone
from social_accounts.boards.choosing import sees_choice
from social_accounts.connections import features
from social_accounts.models import SocialProfile
from social_accounts.networks.words import translated

# What has left, or is leaving, is not ours to change any more.
CHANGEABLE = frozenset(
    {State.DRAFT, State.WAITING, State.SCHEDULED, State.HELD, State.DECLINED, State.REJECTED}
)
# A canceled one stands in no way: it stays, or becomes a draft again.
EDITABLE = CHANGEABLE | {State.CANCELED}


class CannotChange(Exception):
    """The post is past changing, or somebody else changed it meanwhile. The message is for the person."""


class AlreadySubmitted(Exception):
    """The very same form came before, and ``post`` is what it made. Nothing was done again."""

    def __init__(self, post: Post) -> None:
        super().__init__("the form was sent before")
        self.post = post


class SavedMeanwhile(CannotChange):
    """Somebody else saved the post since this person opened it. Nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Everything a person typed into the composer."""

    text: str
    network_texts: Mapping[str, str] = field(default_factory=dict)
    network_options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    link_card: Mapping[str, str] | None = None
    language: str = ""
    internal_note: str = ""
    tracking: Mapping[str, str] | None = None
    # (media id, alternative text), in order
    media: Sequence[tuple[int, str]] = ()
    # Labels, campaign, fields and drawer; None: all of it stays as it is.
    organizing: Organizing | None = None


@transaction.atomic
def create_post(
    *,
    actor: Access,
    workspace: Workspace,
    profiles: Sequence[SocialProfile],
    draft: Draft,
    now: datetime,
    submission: str = "",
) -> Post:
    """Save a new draft for some profiles, or for none yet. Raises NotAllowed for a profile one may not write for.

    ``submission`` names the form it came from; raises AlreadySubmitted when the person sent that one before.
    """
    actor = begin_act(actor, now)
    for profile in profiles:
        require_compose(actor, profile)
    _require_seen_choices(actor, profiles, draft, kept={})
    if not profiles:
        actor.require("organization.create_draft", _organization(workspace))
    post = _create_once(
        submission,
        actor,
        workspace=workspace,
        created_at=now,
        updated_at=now,
        updated_by=actor.user,
        **_fields(draft),
    )
    _attach(post, draft, actor)
    for profile in profiles:
        Publication.objects.create(post=post, profile=profile, time_zone=profile.time_zone, created_at=now)
    if draft.organizing is not None:
        organize(actor=actor, post=post, organizing=draft.organizing, now=now)
    record_version(post=post, saved_by=actor.user, at=now)
    record_event(actor=actor.user, action="post.create", obj=post, at=now, after=_summary(post))
    return post


def _create_once(submission: str, actor: Access, **fields: Any) -> Post:
    """Create the post, or raise AlreadySubmitted; of two at once the second waits here for the first."""
    try:
        with transaction.atomic():
            return Post.objects.create(author=actor.user, submission=submission, **fields)
    except IntegrityError:
        found = Post.objects.filter(author=actor.user, submission=submission).exclude(submission="").first()
        if found is None:
            raise
        raise AlreadySubmitted(found) from None


@transaction.atomic
def update_post(
    *,
    actor: Access,
    post: Post,
    profiles: Sequence[SocialProfile],
    draft: Draft,
    version: int,
    now: datetime,
) -> Post:
    """Change content and profiles. Voids approvals: nothing goes out but what was approved or vouched for.

    ``version`` is the one the person began with; raises CannotChange when somebody saved since, or a part is out.
    """
    actor = begin_act(actor, now)
    post = Post.objects.select_for_update().get(pk=post.pk)
    if post.version != version:
        raise SavedMeanwhile(_("Somebody else saved this post meanwhile. Compare, then save again."))
    present = {
        p.profile_id: p for p in post.publications.select_for_update(of=("self",)).select_related("profile")
    }
    if any(publication.state not in EDITABLE for publication in present.values()):
        raise CannotChange(_("Part of this post is out or on its way, so it can no longer be changed."))
    for publication in present.values():
        require_change(actor, publication)
    for profile in profiles:
        require_compose(actor, profile)
    _require_seen_choices(actor, profiles, draft, kept=post.network_options)
    if not present and not profiles and post.author_id != actor.user.pk:
        raise CannotChange(_("Only its author can change a draft that has no profile."))
    record_missing_version(post)
    before = _summary(post)
    scheduled = [publication for publication in present.values() if publication.state == State.SCHEDULED]
    digests = {p.pk: post.content_digest(p.profile.network) for p in present.values()}
    campaign_before = post.campaign_id
    for name, value in _fields(draft).items():
        setattr(post, name, value)
    post.version += 1
    post.updated_at, post.updated_by = now, actor.user
    post.save()
    _attach(post, draft, actor)
    wanted = {profile.pk: profile for profile in profiles}
    for profile_id, publication in present.items():
        if publication.state == State.CANCELED:  # stays as a record, or is taken up again
            if profile_id in wanted:
                move(publication, State.DRAFT)
        elif profile_id not in wanted:
            publication.delete()
    for profile_id, profile in wanted.items():
        if profile_id not in present:
            Publication.objects.create(
                post=post, profile=profile, time_zone=profile.time_zone, created_at=now
            )
    is_labeled = draft.organizing is not None and organize(
        actor=actor, post=post, organizing=draft.organizing, now=now
    )
    for (
        profile_id,
        publication,
    ) in present.items():  # after all of it: a campaign changes what goes out as well
        is_kept = profile_id in wanted and publication.state != State.CANCELED and publication.pk in digests
        if is_kept and post.content_digest(publication.profile.network) != digests[publication.pk]:
            unseal(actor=actor, publication=publication, now=now)
    release_tracking(post)
    record_version(post=post, saved_by=actor.user, at=now)
    record_event(
        actor=actor.user, action="post.update", obj=post, at=now, before=before, after=_summary(post)
    )
    if is_labeled:
        kept = [one for one in scheduled if one.profile_id in wanted]
        approve_labels_again(actor=actor, publications=kept, now=now)
    if post.campaign_id != campaign_before:
        kept = [one for one in present.values() if one.profile_id in wanted]
        take_other_steps(actor=actor, publications=kept, now=now)
    return post


def unseal(*, actor: Access, publication: Publication, now: datetime) -> None:
    """After a change: void the approval, and keep the schedule only where who changed it publishes without a yes."""
    publication.approvals.filter(answer="").update(
        answer=Approval.Answer.VOID, answered_at=now, answered_by=actor.user
    )
    if publication.state == State.SCHEDULED and publishes_alone(actor, publication):
        Publication.objects.filter(pk=publication.pk, state=State.SCHEDULED).update(
            sealed_digest=publication.post.content_digest(publication.profile.network), vouched_by=actor.user
        )
    elif publication.state != State.DRAFT:
        move(publication, State.DRAFT, sealed_digest="", vouched_by=None, hold_reason="", detail="")


@transaction.atomic
def delete_post(*, actor: Access, post: Post, now: datetime) -> None:
    """Delete a post of which nothing is out. What is out stays in the record."""
    actor = begin_act(actor, now)
    publications = list(post.publications.select_for_update(of=("self",)).select_related("profile", "post"))
    for publication in publications:
        require_change(actor, publication)
        if publication.state not in EDITABLE:
            raise CannotChange(_("Part of this post is out or on its way, so it can no longer be deleted."))
    if not publications and post.author_id != actor.user.pk:
        actor.require("organization.delete_draft", post.organization)  # AO18
    record_event(actor=actor.user, action="post.delete", obj=post, at=now, before=_summary(post))
    forget(post.media.all() | post.kept_media.all())
    post.delete()


def _require_seen_choices(
    actor: Access,
    profiles: Sequence[SocialProfile],
    draft: Draft,
    *,
    kept: Mapping[str, Mapping[str, str]],
) -> None:
    """Raise CannotChange for a choice of a profile's own that this person does not see, such as a secret board.

    What somebody else chose before him may stay.
    """
    for profile in profiles:
        for option in features(profile.network).options:
            name = kept_name(option, profile.pk)
            value = draft.network_options.get(profile.network, {}).get(name, "")
            is_new = value != kept.get(profile.network, {}).get(name, "")
            if option.is_asked and value and is_new and not sees_choice(actor, profile, option.name, value):
                raise CannotChange(
                    _("%(option)s: choose one of those you see for %(profile)s.")
                    % {"option": translated(option.label, _), "profile": profile.handle}
                )


def _attach(post: Post, draft: Draft, actor: Access) -> None:
    try:
        attach(post, draft.media, actor)
    except MediaGone:
        raise CannotChange(_("One of the pictures is gone. Add it again.")) from None


def _fields(draft: Draft) -> dict[str, Any]:
    return {
        "text": draft.text,
        "network_texts": {network: text for network, text in draft.network_texts.items() if text},
        "network_options": {network: dict(options) for network, options in draft.network_options.items()},
        "link_card": dict(draft.link_card) if draft.link_card else None,
        "language": draft.language,
        "internal_note": draft.internal_note,
        "tracking": dict(draft.tracking) if draft.tracking is not None else None,
    }


def _summary(post: Post) -> dict[str, Any]:
    """Return what the audit log tells of a post: never its text, which belongs to the post."""
    profiles = [
        str(p.profile) for p in post.publications.select_related("profile").order_by("profile__handle")
    ]
    return {"version": post.version, "profiles": profiles, "pictures": post.media.count()}


def _organization(workspace: Workspace) -> Any:
    return workspace.organization
