"""The labels of one saved post, whatever became of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orgs.views.base import FormView, see_other
from publishing.label_rights import LABEL_SCHEDULED, require_label
from publishing.models import Label, Post, State
from publishing.organizing.post_form import LabelBoxes
from publishing.rights import PUBLISH
from publishing.selectors.organizing import labels_offered, readable_posts
from publishing.services.organizing import CannotOrganize, label_post
from publishing.views.common import next_or


class PostLabelsForm(forms.Form):
    labels: forms.ModelMultipleChoiceField[Label] = forms.ModelMultipleChoiceField(
        None, label=gettext_lazy("Labels"), required=False, widget=LabelBoxes
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class PostLabels(FormView):
    """Choosing them (AP21, AP22). Where that sends a scheduled post for approval again (A5), the page says so."""

    listing = LABEL_SCHEDULED
    template_name = "publishing/organizing/post_labels.html"
    mendable = (CannotOrganize,)

    @cached_property
    def post_shown(self) -> Post:
        posts = readable_posts(self.access, self.organization).select_related("organization")
        post: Post = get_object_or_404(posts, pk=self.kwargs["pk"])
        require_label(self.access, post)
        return post

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        post = self.post_shown
        initial = {"labels": list(post.labels.values_list("pk", flat=True)), "version": post.version}
        form = PostLabelsForm(data, initial=initial)
        form.fields["labels"].queryset = labels_offered(self.access, self.organization)  # type: ignore[attr-defined]
        return form

    def save(self, form: forms.Form) -> HttpResponse:
        asked = label_post(
            actor=self.access,
            post=self.post_shown,
            labels=list(form.cleaned_data["labels"]),
            version=form.cleaned_data["version"],
            now=timezone.now(),
        )
        if asked:
            self.say(
                ngettext(
                    "The labels are saved. The post waits for approval again.",
                    "The labels are saved. The post waits for approval again on %(count)d profiles.",
                    len(asked),
                )
                % {"count": len(asked)}
            )
        else:
            self.say(_("The labels are saved."))
        return see_other(self.back_url())

    def context(self) -> dict[str, Any]:
        return {
            "post": self.post_shown,
            "asks_again": self.asks_again(),
            "back_url": self.back_url(),
            "may_add": self.may("add_label"),
        }

    def asks_again(self) -> list[str]:
        """Return the scheduled profiles where a label of this person means approval again."""
        scheduled = self.post_shown.publications.filter(state=State.SCHEDULED).select_related("profile")
        return [one.profile.name for one in scheduled if not self.access.can(PUBLISH, one.profile)]

    def back_url(self) -> str:
        first = self.post_shown.publications.order_by("pk").first()
        if first is None:
            return next_or(self.request, "post_history", self.post_shown.pk)
        return next_or(self.request, "publication_detail", first.pk)
