"""Changing and deleting a post that is out, and saying its first comment once more."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from permissions.guard import OrganizationRequest
from publishing.delivery.follow_outcomes import FollowUpChanged
from publishing.models import FollowUp, FollowUpState, Publication, State
from publishing.numbers import latest_numbers
from publishing.rights import MANAGE, PUBLISH
from publishing.selectors.followups import follow_ups_of, text_out
from publishing.services.followups import (
    DELETE,
    REASON_MAX,
    CannotFollowUp,
    delete_published,
    edit_published,
    say_comment_again,
)
from publishing.taken_workflows import publishes_alone
from publishing.views.common import PublicationView
from social_accounts import connections
from social_accounts.connections import features
from social_accounts.networks.base import Edit

TONES = {
    FollowUpState.DONE: "ok",
    FollowUpState.FAILED: "bad",
    FollowUpState.UNCONFIRMED: "warn",
}


class EditForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Text"), strip=True, error_messages={"required": gettext_lazy("Write a text.")}
    )


class DeletionForm(forms.Form):
    reason = forms.CharField(required=False, max_length=REASON_MAX)


def follow_up_context(request: OrganizationRequest, publication: Publication) -> dict[str, Any]:
    """Return what the publication's page shows and offers once the post is out."""
    if publication.state != State.PUBLISHED:
        return {"follow_ups": [], "latest": None}
    access, profile = request.access, publication.profile
    rows = follow_ups_of(publication)
    is_there = publication.gone_at is None and bool(publication.remote_id)
    is_deleting = any(row.kind == FollowUp.Kind.DELETION and row.state in _OPEN for row in rows)
    is_changing = any(row.kind == FollowUp.Kind.EDIT and row.state in _OPEN for row in rows)
    may_publish = access.can(PUBLISH, profile)
    return {
        "follow_ups": rows,
        "follow_up_tones": TONES,
        "latest": latest_numbers(publication),
        "text": text_out(publication),
        "may_edit_published": is_there
        and not (is_deleting or is_changing)
        and may_publish
        and access.can(MANAGE, profile)
        and isinstance(connections.adapter(profile.network), Edit)
        and publishes_alone(access, publication),
        "may_delete_published": is_there
        and not is_deleting
        and access.can(DELETE, profile)
        and features(profile.network).can_delete,
        "may_say_again": is_there and may_publish,
    }


_OPEN = (FollowUpState.PENDING, FollowUpState.SENDING, FollowUpState.UNCONFIRMED)


class PublishedEdit(PublicationView):
    """Another text for a post that is out."""

    action = MANAGE

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self._page(request, EditForm(initial={"text": text_out(self.publication)}))

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = EditForm(request.POST)
        if form.is_valid():
            try:
                edit_published(
                    actor=request.access,
                    publication=self.publication,
                    text=form.cleaned_data["text"],
                    now=timezone.now(),
                )
            except CannotFollowUp as problem:
                form.add_error("text", str(problem))
            else:
                messages.success(request, _("The post is being changed at the network."))
                return redirect("publication_detail", request.organization.slug, self.publication.pk)
        return self._page(request, form, status=422)

    def _page(self, request: OrganizationRequest, form: EditForm, status: int = 200) -> HttpResponse:
        publication = self.publication
        context = {
            "publication": publication,
            "network": features(publication.profile.network),
            "form": form,
            "is_out": publication.state == State.PUBLISHED and publication.gone_at is None,
            "may_publish": request.access.can(PUBLISH, publication.profile),
        }
        return render(request, "publishing/published_edit.html", context, status=status)


class PublishedDeletion(PublicationView):
    """The end of a post at the network. It asks once more before."""

    action = DELETE

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        from publishing.views.publication import show

        form = DeletionForm(request.POST)
        problem = _("The reason is too long.")
        if form.is_valid():
            try:
                delete_published(
                    actor=request.access,
                    publication=self.publication,
                    reason=form.cleaned_data["reason"],
                    now=timezone.now(),
                )
            except CannotFollowUp as refused:
                problem = str(refused)
            else:
                messages.success(request, _("The post is being deleted at the network."))
                return redirect("publication_detail", request.organization.slug, self.publication.pk)
        return show(request, self.get_object(), problem=problem, status=422)


class CommentAgain(PublicationView):
    """The first comment, once more, after a person has looked that it is not there."""

    action = PUBLISH

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        from publishing.views.publication import show

        try:
            say_comment_again(actor=request.access, publication=self.publication, now=timezone.now())
        except (CannotFollowUp, FollowUpChanged) as refused:
            problem = (
                str(refused) if isinstance(refused, CannotFollowUp) else _("It changed in the meantime.")
            )
            return show(request, self.get_object(), problem=problem, status=422)
        messages.success(request, _("The first comment is on its way."))
        return redirect("publication_detail", request.organization.slug, self.publication.pk)
