"""The first page of an organization, with what waits for this person."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from orgs.views.organizations import OrganizationHome
from publishing.models import State
from publishing.rights import PUBLISH
from publishing.selectors import approvals_waiting_for, visible_publications
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
            "troubled": list(troubled.order_by("-due_at", "pk")[:SHOWN]),
            "troubled_count": troubled.count(),
            "coming": list(publications.filter(state=State.SCHEDULED).order_by("due_at", "pk")[:SHOWN]),
            **pause_context(self.request),
        }
