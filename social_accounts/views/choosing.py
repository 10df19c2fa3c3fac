"""One consent opened several accounts: tick which of them become profiles."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from permissions.guard import OrganizationRequest
from social_accounts import connections
from social_accounts.sentences import shown
from social_accounts.services import choosing
from social_accounts.services.connecting import ADD
from social_accounts.services.errors import ConnectRefused
from social_accounts.views.connecting import session_key
from social_accounts.views.pages import NetworkView, organization_url, see
from tenancy.context import organization_open


class ConnectAccounts(NetworkView):
    """The ticking. What was found is bound to person and browser, and forgotten after a quarter of an hour."""

    action = ADD

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except ConnectRefused as error:
            again = organization_url(self.request, "connect_choose")
            context = {"reason": str(error), "again_url": again}
            return render(request, "social_accounts/connect_refused.html", context, status=error.status)

    def choice(self) -> choosing.Choice:
        with organization_open(self.request.organization.pk):
            return choosing.choice_of(
                user=self.request.user,
                session_key=session_key(self.request),
                choice_id=self.kwargs["choice"],
                now=timezone.now(),
            )

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self.draw(self.choice())

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        choice = self.choice()
        if "give_back" in request.POST:
            choosing.give_back(actor=request.access, choice=choice)
            messages.info(request, _("Nothing was connected."))
            return see(request, "profile_list")
        ticked = request.POST.getlist("account")
        if not {one.account.remote_id for one in choice.found if not one.problem} & set(ticked):
            return self.draw(choice, problem=_("Tick at least one account."), status=422)
        profiles, refused = choosing.connect_chosen(
            actor=request.access, choice=choice, remote_ids=ticked, now=timezone.now()
        )
        if profiles:
            count = len(profiles)
            text = ngettext("%(count)d profile is connected.", "%(count)d profiles are connected.", count)
            messages.success(request, text % {"count": count})
        for sentence in refused:
            messages.error(request, sentence)
        return see(request, "profile_list")

    def draw(self, choice: choosing.Choice, *, problem: str = "", status: int = 200) -> HttpResponse:
        context = {
            "features": connections.features(choice.row.network),
            "choice": choice,
            "found": [
                (one, shown(one.kind), shown(one.problem), [shown(note) for note in one.notes])
                for one in choice.found
            ],
            "workspace": choice.row.workspace,
            "problem": problem,
        }
        return render(self.request, "social_accounts/connect_accounts.html", context, status=status)
