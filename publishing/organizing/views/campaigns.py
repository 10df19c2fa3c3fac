"""Campaigns: the list, a page for each with its posts and their states."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.views.base import OrganizationView
from publishing.models import Campaign, State
from publishing.organizing.forms import CampaignForm, NamedForm
from publishing.organizing.views.base import WordDeletion, WordEdit, WordList, WordsView
from publishing.selectors.organizing import (
    campaign_publications,
    campaign_states,
    visible_campaigns,
    with_post_counts,
)
from publishing.services.campaign_tracking import count_keeping
from publishing.services.vocabulary import CAMPAIGNS, create_named
from publishing.views.common import zone_of
from social_accounts.selectors import reachable_workspaces

CAMPAIGNS_PER_PAGE = 50
PUBLICATIONS_PER_PAGE = 50


class CampaignList(OrganizationView):
    """The campaigns of the workspaces in reach, those running or to come first."""

    listing = "profile.view_posts"
    template_name = "publishing/organizing/campaigns.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        found = with_post_counts(visible_campaigns(self.access)).order_by("-end_date", "name", "pk")
        page = Paginator(found, CAMPAIGNS_PER_PAGE).get_page(request.GET.get("page"))
        return self.page(
            rows=page,
            today=timezone.now().astimezone(zone_of(self.request)).date(),
            may_create=self.may("manage_content_campaigns"),
        )


class OfCampaigns(WordsView):
    kind = CAMPAIGNS
    form_class = CampaignForm
    list_route = "campaign_list"

    def rows(self) -> QuerySet[Campaign]:
        return visible_campaigns(self.access)

    def more_of_form(self) -> dict[str, Any]:
        return {"workspaces": list(reachable_workspaces(self.access))}


class CampaignNew(OfCampaigns, WordList):
    action = "organization.manage_content_campaigns"
    template_name = "publishing/organizing/campaign_form.html"

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return CampaignForm(data, **self.more_of_form())

    def save(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, NamedForm)
        row = create_named(actor=self.access, kind=self.kind, fields=form.fields_of_row(), now=timezone.now())
        self.say(_("The campaign is there. Choose it when you write a post."))
        return self.go("campaign", row.pk)

    def context(self) -> dict[str, Any]:
        return {"row": None}


class CampaignDetail(OrganizationView):
    """What the campaign is, how far its posts are, and every publication the person may see."""

    listing = "profile.view_posts"
    template_name = "publishing/organizing/campaign.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        campaign = get_object_or_404(visible_campaigns(self.access).select_related("workflow"), pk=pk)
        found = campaign_publications(self.access, campaign).order_by("due_at", "pk")
        states = campaign_states(found)
        chosen = request.GET.get("state", "")
        if chosen in State.values:
            found = found.filter(state=chosen)
        page = Paginator(found, PUBLICATIONS_PER_PAGE).get_page(request.GET.get("page"))
        return self.page(
            campaign=campaign,
            states=states,
            chosen_state=chosen,
            page=page,
            publications=list(page.object_list),
            person_zone=str(zone_of(self.request)),
            may_change=self.may("manage_content_campaigns"),
            may_see_workflows=self.may("view_approval_workflows"),
        )


class CampaignEdit(OfCampaigns, WordEdit):
    action = "organization.manage_content_campaigns"
    template_name = "publishing/organizing/campaign_form.html"
    deletion_route = "campaign_deletion"

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        form = super().make_form(data, files)
        form.initial["workspace"] = self.row.workspace_id  # type: ignore[attr-defined]
        return form

    def context(self) -> dict[str, Any]:
        return {**super().context(), "keeping": count_keeping(cast(Campaign, self.row))}


class CampaignDeletion(OfCampaigns, WordDeletion):
    action = "organization.manage_content_campaigns"
