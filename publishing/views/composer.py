"""Writing a post, and sending it on its way."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit.services import record_refusal
from orgs.models import Membership, Workspace
from permissions.errors import NotAllowed
from permissions.guard import GuardedView, OrganizationRequest
from publishing.composer_page import composer_page, tracking_fields
from publishing.errors import UnusableMedia
from publishing.forms import LANGUAGE_CODE_LENGTH, ComposeForm, TypedPost
from publishing.media import ACCEPTED, SIZE_MAX_BYTES, VIDEO_BYTES_MAX
from publishing.models import Campaign, HashtagList, OpenComposer, Post, State
from publishing.organizing.post_form import PostOrganizingForm, organizing_form
from publishing.rights import DRAFT, MANAGE, PUBLISH, SEND, may_change_post
from publishing.saved_meanwhile import differences
from publishing.selectors import visible_posts
from publishing.services.composing import InQueue, Plan, Times, compose, plan_now
from publishing.services.media import PART_BYTES, add_media
from publishing.services.posts import (
    EDITABLE,
    AlreadySubmitted,
    CannotChange,
    SavedMeanwhile,
    delete_post,
)
from publishing.services.scheduling import CannotSchedule
from publishing.services.writing import forget_typed, unsaved
from publishing.states import StateError
from publishing.times import TimeQuestion, moment_in, to_local
from publishing.typed_campaign import tracking_typed
from publishing.views.after_composing import NOW, SAVE, page_after, said
from publishing.views.around import around_context, time_typed
from publishing.views.common import pause_context
from publishing.views.submissions import made_before, submission_of
from social_accounts.connections import offered_networks
from social_accounts.models import SocialProfile
from social_accounts.selectors import reachable_workspaces, visible_profiles

SCHEDULE, ASK, QUEUE = "schedule", "ask", "queue"
UPLOAD, REMOVE = "upload", "remove"
UNPROCESSABLE, CONFLICT, FORBIDDEN = 422, 409, 403
ACTIONS = {NOW: PUBLISH, SCHEDULE: PUBLISH, ASK: SEND, QUEUE: SEND}  # saving is drafting
EMOJI_LANGUAGES = {"fr": "fr", "pt-br": "pt-br"}


class Refused(Exception):
    """The composer comes back as it was typed, with these sentences and perhaps a question about the time."""

    def __init__(
        self, problems: Sequence[str], *, question: TimeQuestion | None = None, status: int = UNPROCESSABLE
    ) -> None:
        super().__init__(*problems)
        self.problems = [problem for problem in problems if problem]
        self.question = question
        self.status = status


class Composer(GuardedView):
    """A post as a form. What a person may choose is asked profile by profile; the services decide."""

    # What the person typed before and left without saving, when he takes it up again.
    restored: OpenComposer | None = None
    # Labels, campaign and fields as they were typed, when they were wrong.
    organizing: PostOrganizingForm | None = None
    # When the press was answered: what saving did to approvals carries the same moment.
    saved_at: datetime

    def restore(self, request: OrganizationRequest, post: Post | None) -> TypedPost | None:
        """Return what the address says is to be taken up again; None when it says nothing, or it is gone."""
        key = request.GET.get("restore", "")
        row = unsaved(request.access, post, timezone.now()).filter(key=key).first() if key else None
        if row is None:
            return None
        self.restored = row
        return TypedPost.read(_typed_before(row), offered_networks())

    def respond(self, request: OrganizationRequest, post: Post | None) -> HttpResponse:
        """Answer a press of one of the composer's buttons."""
        typed = TypedPost.read(request.POST, offered_networks())
        act = REMOVE if request.POST.get("remove") else request.POST.get("act", SAVE)
        unusable = _take_in(request, typed)
        try:
            if unusable:
                raise Refused(unusable)
            if act in (UPLOAD, REMOVE):
                typed.form.is_valid()
                return self.show(request, post, typed)
            saved = self.save(request, post, typed, act)
        except Refused as refused:
            return self.show(request, post, typed, refused)
        forget_typed(actor=request.access, key=request.POST.get("writing", ""))
        messages.success(request, said(act, saved, self.saved_at))
        if act == SAVE:
            return redirect("post_edit", request.organization.slug, saved.pk)
        return redirect(page_after(request, saved))

    def save(self, request: OrganizationRequest, post: Post | None, typed: TypedPost, act: str) -> Post:
        self.organizing = organizing_form(request, post, is_sent=act in ACTIONS)
        if not typed.form.is_valid() or not self.organizing.is_fine:
            raise Refused([])
        profiles = list(
            visible_profiles(request.access, request.organization)
            .filter(pk__in=typed.profile_ids)
            .order_by("pk")
        )
        now = self.saved_at = timezone.now()
        if len(profiles) < len(typed.profile_ids):
            raise _out_of_reach(request, ACTIONS.get(act, DRAFT), now)
        version = typed.form.cleaned_data["version"] or 0
        submission = submission_of(request)
        if post is None and submission:
            post = made_before(request, submission, now)
            if post is not None and post.submission == submission:
                return post
            version = post.version if post else 0
        try:
            return compose(
                actor=request.access,
                post=post,
                version=version,
                workspace=profiles[0].workspace if profiles else _workspace(request),
                profiles=profiles,
                draft=replace(typed.draft(), organizing=self.organizing.organizing()),
                plan=_plan(request, typed, act, profiles, now, self.campaign(post)),
                now=now,
                submission=submission,
            )
        except AlreadySubmitted as before:
            return before.post
        except TimeQuestion as question:
            raise Refused([], question=question) from question
        except SavedMeanwhile as problem:
            raise Refused([_meanwhile(request, post)], status=CONFLICT) from problem
        except CannotSchedule as problem:
            raise Refused(str(problem).splitlines()) from problem
        except (CannotChange, StateError) as problem:
            raise Refused([str(problem)]) from problem

    def campaign(self, post: Post | None) -> Campaign | None:
        """Return the campaign the post is to have: as typed, or where the part was not on the page, as stored."""
        typed = self.organizing.organizing() if self.organizing is not None else None
        if typed is not None:
            return typed.campaign
        return post.campaign if post else None

    def show(
        self,
        request: OrganizationRequest,
        post: Post | None,
        typed: TypedPost,
        refused: Refused | None = None,
    ) -> HttpResponse:
        now = timezone.now()
        page = composer_page(
            access=request.access,
            organization=request.organization,
            post=post,
            typed=typed,
            campaign=tracking_typed(_typed_before(self.restored) if self.restored else request.POST, post),
            problems=refused.problems if refused else (),
            now=now,
        )
        current = Post.objects.get(pk=post.pk) if post else None
        is_draft = (
            post is None or not post.publications.exclude(state__in=(State.DRAFT, State.CANCELED)).exists()
        )
        is_conflict = refused is not None and refused.status == CONFLICT
        language = get_language() or "en"
        form_key = request.POST.get("form_key") or uuid.uuid4().hex
        kept = self.restored.key if self.restored else request.POST.get("writing")
        context = {
            "composer": page,
            "organizing": self.organizing
            or organizing_form(
                request, post, typed_before=_typed_before(self.restored) if self.restored else None
            ),
            "post": current,
            "form": typed.form,
            "question": refused.question if refused else None,
            "is_conflict": is_conflict,
            "differences": differences(current, typed, [one.filename for one in page.files])
            if current and is_conflict
            else (),
            "is_draft": is_draft,
            "when_before": time_typed(typed.form["when_before"].value()),
            # After a conflict the person has seen the stored version; else his stays the one he began with.
            "version": _version_shown(current, typed, is_conflict=is_conflict),
            "form_key": "" if current else kept or form_key,
            "writing": kept or form_key,
            "is_restored": self.restored is not None,
            "unsaved": ()
            if request.method == "POST" or self.restored
            else unsaved(request.access, post, now)[:3],
            "emoji_data": f"data/emoji-{EMOJI_LANGUAGES.get(language, 'en')}.json",
            "picture_bytes_max": SIZE_MAX_BYTES,
            "video_bytes_max": VIDEO_BYTES_MAX,
            "part_bytes": PART_BYTES,
            "file_types": ",".join(ACCEPTED),
            "hashtag_lists": HashtagList.objects.order_by("name", "pk"),
            "tracking_fields": tracking_fields(typed),
            **around_context(request, time_typed(typed.form["when"].value()), typed.profile_ids),
            **pause_context(request),
        }
        return render(request, "publishing/composer.html", context, status=refused.status if refused else 200)


class ComposerNew(Composer):
    """Every member may begin: what may go where is in the page, and asked again of each profile."""

    members_only = True

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        restored = self.restore(request, None)
        if restored is not None:
            return self.show(request, None, restored)
        typed = TypedPost.read(request.GET, offered_networks())
        initial = {
            "language": (get_language() or "en")[:LANGUAGE_CODE_LENGTH],
            "when": time_typed(request.GET.get("when")),
        }
        typed.form = ComposeForm(initial=initial)
        return self.show(request, None, typed)

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self.respond(request, None)


class ComposerEdit(Composer):
    """One's own post, or one on a profile whose posts one may view; changing asks every profile it goes to."""

    listing = "profile.view_posts"

    def get(self, request: OrganizationRequest, pk: int, **kwargs: Any) -> HttpResponse:
        post = _changeable(request, pk)
        out = post.publications.exclude(state__in=EDITABLE).order_by("pk").first()
        if out is not None:
            messages.info(
                request, _("Part of this post is out or on its way, so it can no longer be changed.")
            )
            return redirect("publication_detail", request.organization.slug, out.pk)
        first = (
            post.publications.filter(due_at__isnull=False)
            .exclude(state=State.CANCELED)
            .order_by("due_at")
            .first()
        )
        when = to_local(first.due_at, first.time_zone) if first and first.due_at else None
        return self.show(request, post, self.restore(request, post) or TypedPost.of(post, when))

    def post(self, request: OrganizationRequest, pk: int, **kwargs: Any) -> HttpResponse:
        return self.respond(request, _changeable(request, pk))


class PostDeletion(GuardedView):
    """Deleting a post of which nothing is out."""

    listing = "profile.view_posts"

    def post(self, request: OrganizationRequest, pk: int, **kwargs: Any) -> HttpResponse:
        post = _changeable(request, pk)
        try:
            delete_post(actor=request.access, post=post, now=timezone.now())
        except CannotChange as problem:
            messages.error(request, str(problem))
            return redirect("post_edit", request.organization.slug, pk)
        messages.success(request, _("The post is deleted."))
        return redirect("post_list", request.organization.slug)


def _meanwhile(request: OrganizationRequest, post: Post | None) -> str:
    """Return who saved the post meanwhile, in a sentence."""
    by = Post.objects.select_related("updated_by").get(pk=post.pk).updated_by if post else None
    if by == request.user:
        return _("You saved this post meanwhile, in another window. Compare, then save again.")
    name = by.name if by else _("Somebody else")
    return _("%(name)s saved this post meanwhile. Compare, then save again.") % {"name": name}


def _version_shown(post: Post | None, typed: TypedPost, *, is_conflict: bool) -> object:
    if post is None:
        return ""
    return post.version if is_conflict else typed.form["version"].value() or post.version


def _typed_before(row: OpenComposer) -> QueryDict:
    fields = QueryDict(mutable=True)
    for name, values in row.fields.items():
        fields.setlist(name, values)
    return fields


def _out_of_reach(request: OrganizationRequest, action: str, now: datetime) -> Refused:
    """Refuse a choice that is not all the person's: a role may have ended while he wrote. Nothing is left out."""
    sentence = _(
        "A profile you chose is not open to you, or no longer: your role on it ended, or it was removed."
    )
    record_refusal(actor=request.user, action=action, obj=request.organization, at=now, reason=sentence)
    return Refused([sentence], status=FORBIDDEN)


def _changeable(request: OrganizationRequest, pk: int) -> Post:
    """Return the post, 404 when it is not visible, 403 when the person may not change it."""
    post = get_object_or_404(visible_posts(request.access), pk=pk)
    if not may_change_post(request.access, post):
        publication = post.publications.select_related("profile").order_by("pk").first()
        if publication is None:
            raise Http404
        raise NotAllowed(request.access.decide(MANAGE, publication.profile), publication.profile)
    return post


def _take_in(request: OrganizationRequest, typed: TypedPost) -> list[str]:
    """Take in the pictures that came with the form; return what is wrong with those that cannot be taken."""
    problems = []
    for upload in request.FILES.getlist("pictures"):
        try:
            media = add_media(actor=request.access, upload=upload, now=timezone.now())
        except UnusableMedia as problem:
            problems.append(str(problem))
        else:
            typed.media.append((media.pk, ""))
    return problems


def _plan(
    request: OrganizationRequest,
    typed: TypedPost,
    act: str,
    profiles: Sequence[SocialProfile],
    now: datetime,
    campaign: Campaign | None,
) -> Plan | InQueue | Times:
    if act == NOW:
        return plan_now(actor=request.access, profiles=profiles, now=now, campaign=campaign)
    values = typed.form.cleaned_data
    when = values["when"]
    if act in (SCHEDULE, ASK, QUEUE) and not profiles:
        raise CannotSchedule(_("Choose at least one profile."))
    if act == QUEUE:
        return InQueue(note=values["internal_note"])
    if act in (SCHEDULE, ASK) and when is None:
        typed.form.add_error("when", _("Choose a day and a time."))
        raise Refused([])
    due = {}
    if when is not None:
        due = {profile.pk: moment_in(when, profile.time_zone, values["fold"]) for profile in profiles}
    if act in (SCHEDULE, ASK):
        return Plan(due=due, asks_approval=act == ASK, note=values["internal_note"])
    return Times(due=due, is_changed=when != values["when_before"])


def _workspace(request: OrganizationRequest) -> Workspace:
    workspaces = reachable_workspaces(request.access)
    chosen = Membership.objects.filter(user=request.user).values("default_workspace")
    workspace = workspaces.filter(pk__in=chosen).first() or workspaces.first()
    if workspace is None:
        raise CannotChange(
            _("You reach no workspace a post could belong to. Ask somebody who manages members.")
        )
    return workspace
