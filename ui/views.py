"""The page for a form that expired, and the page that shows every part in every state."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from ui.headers import set_reason

NETWORKS = [
    "linkedin",
    "x",
    "mastodon",
    "bluesky",
    "instagram",
    "facebook",
    "threads",
    "youtube",
    "tiktok",
    "pinterest",
    "google",
    "telegram",
    "reddit",
]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Draw "this form has expired"; Django's technical `reason` stays in its own log."""
    response = render(request, "403_csrf.html", status=403)
    return set_reason(response, _("This form has expired. Reload the page and try again."))


@dataclass(frozen=True)
class SampleStep:
    """One line of a derivation, shaped like the real ones."""

    ok: bool
    title: str
    detail: str


@dataclass(frozen=True)
class SampleDecision:
    """A refusal, shaped like the permission checker's."""

    action: str = "profile.publish_posts"
    action_label: str = "Publish posts"
    summary: str = "Paul may not publish on @acme_eu: no role of his includes “Publish posts”."
    steps: tuple[SampleStep, ...] = (
        SampleStep(True, "Member of Acme", "Since 3 March."),
        SampleStep(True, "Within scope", "The team Brand EU holds @acme_eu."),
        SampleStep(False, "No role grants it", "Author does not include “Publish posts”."),
    )


class SampleForm(forms.Form):
    """One field of each kind, without a single widget attribute."""

    email = forms.EmailField(label="Email", help_text="We send a link that works for 7 days.")
    role = forms.ChoiceField(label="Role", choices=[("author", "Author"), ("publisher", "Publisher")])
    scope = forms.ChoiceField(
        label="Reaches", choices=[("all", "All profiles"), ("team", "One team")], widget=forms.RadioSelect
    )
    note = forms.CharField(label="Message", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    notify = forms.BooleanField(label="Tell the person by email", required=False)


class StatesView(TemplateView):
    """Every shared part in every state, for developers and for the tests; routed only with DEBUG."""

    template_name = "ui/states.html"
    public = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "message" in request.GET:
            messages.success(request, "Post moved to 24 Nov, 09:15.")
            messages.error(request, "LinkedIn refused the post: the image is over 8 MB.")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = SampleForm({"email": "olga@", "role": "author", "scope": "all", "notify": "on"})
        form.is_valid()
        now = timezone.now()
        tabs = [
            {"label": "Access", "href": "#access", "is_current": True, "count": 0},
            {"label": "Teams", "href": "#teams", "is_current": False, "count": 2},
        ]
        return super().get_context_data(
            form=form,
            decision=SampleDecision(),
            page_of_many=Paginator(range(100), 10).page(3),
            tabs=tabs,
            networks=NETWORKS,
            people=[
                "Olga Owner",
                "Marc Manager",
                "Paul Editor",
                "Mina Moderator",
                "Emil Employee",
                "Ada Agency",
            ],
            an_hour_ago=now - timedelta(hours=1),
            in_two_days=now + timedelta(days=2, hours=1),
            last_year=now - timedelta(days=400),
            **kwargs,
        )
