"""The first page of an organization, with what waits for this person."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from orgs.models import Organization
from orgs.views.organizations import OrganizationHome
from publishing.models import State
from publishing.rights import PUBLISH
from publishing.selectors import approvals_waiting_for, visible_publications
from publishing.selectors.approvals import MentionWaiting, mentions_waiting_for
from publishing.selectors.handover import held_to_take_over
from publishing.views.common import pause_context

SHOWN: Final = 5
NEEDS_A_PERSON: Final = (State.HELD, State.UNCONFIRMED, State.REJECTED, State.DECLINED)


class Home(OrganizationHome):
    template_name = "publishing/home.html"

    def more(self, now: datetime) -> dict[str, Any]:
        access = self.access
        mine_or_mine_to_mend = Q(post__author=access.user) | Q(
            pk__in=access.filter(visible_publications(access), PUBLISH, path="profile").values("pk")
        )
        publications = visible_publications(access)
        troubled = publications.filter(mine_or_mine_to_mend, state__in=NEEDS_A_PERSON)
        waiting = approvals_waiting_for(access)
        return {
            "waiting": list(waiting[:SHOWN]),
            "waiting_count": waiting.count(),
            "mentions": [
                _shown(one, self.request.organization) for one in mentions_waiting_for(access, SHOWN)
            ],
            "held_count": held_to_take_over(access).count(),
            "troubled": list(troubled.order_by("-due_at", "pk")[:SHOWN]),
            "troubled_count": troubled.count(),
            "coming": list(publications.filter(state=State.SCHEDULED).order_by("due_at", "pk")[:SHOWN]),
            **pause_context(self.request),
        }


def _shown(waiting: MentionWaiting, organization: Organization) -> dict[str, Any]:
    """Return a mention with its address: the first publication of the post that the person sees."""
    post = waiting.mention.comment.post
    return {
        "comment": waiting.mention.comment,
        "title": post.title or _("Post without text"),
        "url": reverse("publication_detail", args=[organization.slug, waiting.publication_id]) + "#comments",
    }
