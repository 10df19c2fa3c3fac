"""The packs of roles: which are in use, which could be, and what each was made from."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.role_forms import PackReasonForm
from orgs.selectors.roles.packs import holders_of_pack, pack_cards
from orgs.services.packs import PackRefused, add_pack, remove_pack
from orgs.views.base import UNPROCESSABLE
from orgs.views.roles.base import RolesView
from permissions.packs import PACKS, Pack


class PacksView(RolesView):
    template_name = "orgs/roles/packs.html"

    def show(self, status: int = 200, **context: object) -> HttpResponse:
        cards = pack_cards(self.organization, timezone.now())
        return self.page(
            status=status,
            cards=cards,
            used_count=sum(card.is_used for card in cards),
            can_manage_packs=self.may("manage_packs"),
            can_view_holders=self.may("view_member_permissions"),
            **context,
            **self.frame("pack_list"),
        )


class PackList(PacksView):
    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        return self.show()


class PackView(PacksView):
    """A button about one pack."""

    action = "organization.manage_packs"

    @property
    def pack(self) -> Pack:
        try:
            return PACKS[self.kwargs["pack"]]
        except KeyError:
            raise Http404 from None

    @property
    def reason(self) -> str:
        form = PackReasonForm(self.request.POST)
        return str(form.cleaned_data["reason"]) if form.is_valid() else ""


class PackAdd(PackView):
    def post(self, request: HttpRequest, organization_slug: str, pack: str) -> HttpResponse:
        try:
            add_pack(
                actor=self.access,
                organization=self.organization,
                pack=self.pack.slug,
                reason=self.reason,
                now=timezone.now(),
            )
        except PackRefused as problem:
            return self.show(UNPROCESSABLE, problem=str(problem))
        self.say(_("Roles of the pack %(pack)s can be given now.") % {"pack": self.pack.label})
        return self.go("pack_list")


class PackRemove(PackView):
    def post(self, request: HttpRequest, organization_slug: str, pack: str) -> HttpResponse:
        try:
            remove_pack(
                actor=self.access,
                organization=self.organization,
                pack=self.pack.slug,
                reason=self.reason,
                now=timezone.now(),
            )
        except PackRefused as problem:
            holders = (
                holders_of_pack(self.pack, timezone.now()) if self.may("view_member_permissions") else []
            )
            return self.show(UNPROCESSABLE, problem=str(problem), holders=holders)
        self.say(_("The pack %(pack)s is no longer in use.") % {"pack": self.pack.label})
        return self.go("pack_list")
