"""Beginning and ending to look as somebody else."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.models import ViewAs
from orgs.services.view_as import end_view_as, start_view_as
from orgs.view_as import SESSION_KEY, forget, remember
from orgs.views.base import ActView
from orgs.views.members import MemberView


class ViewAsStart(MemberView, ActView):
    """The button on a member's page."""

    action = "organization.edit_member_permissions"

    def act(self) -> HttpResponse:
        looking = start_view_as(
            actor=self.access,
            organization=self.organization,
            membership=self.membership,
            now=timezone.now(),
        )
        remember(self.request, looking)
        return self.go("organization_home")


class ViewAsEnd(ActView):
    """One click, on every page; leads back to the member."""

    members_only = True

    def act(self) -> HttpResponse:
        kept = self.request.session.get(SESSION_KEY)
        looking = (
            ViewAs.objects.select_related("viewer", "membership__user")
            .filter(pk=kept["row"], viewer=self.request.user.pk)
            .first()
            if kept
            else None
        )
        forget(self.request)
        if looking is None:
            return self.go("organization_home")
        end_view_as(looking=looking, now=timezone.now())
        self.say(_("You see with your own eyes again."))
        return self.go("member_access", looking.membership_id)
