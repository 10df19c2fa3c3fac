"""What a person is told and shown once a press in the composer has been answered."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from permissions.guard import OrganizationRequest
from publishing.models import Approval, Post, PublishingPause, State
from publishing.views.common import zone_of

SAVE: Final = "save"
NOW: Final = "now"


def said(act: str, post: Post, now: datetime) -> str:
    """Return the sentence about a press that was saved at `now`."""
    if act == SAVE:
        requests = Approval.objects.filter(publication__post=post)
        if requests.filter(requested_at=now).exists():
            return _("The post is saved, and sent for approval again: what it was approved for has changed.")
        if requests.filter(answer=Approval.Answer.VOID, answered_at=now).exists():
            return _("The post is saved. What was asked before is void: send it for approval again.")
        return _("The post is saved.")
    if act == NOW:
        if PublishingPause.objects.exists():
            return _("The post goes out as soon as publishing is resumed.")
        return _("The post is on its way.")
    states = set(post.publications.values_list("state", flat=True))
    if states == {State.WAITING}:
        return _("The post waits for approval.")
    if State.WAITING in states:
        return _("The post is scheduled; part of it waits for approval.")
    return _("The post is scheduled.")


def page_after(request: OrganizationRequest, post: Post) -> str:
    """Return where the post is to be seen: on its page, or in the month of its first publication."""
    slug = request.organization.slug
    publications = list(post.publications.order_by("pk"))
    if len(publications) == 1:
        return reverse("publication_detail", args=[slug, publications[0].pk])
    first = min((one.due_at for one in publications if one.due_at), default=None)
    if first is None:
        return reverse("post_list", args=[slug])
    local = first.astimezone(zone_of(request))
    return reverse("calendar_month", args=[slug, local.year, local.month])
