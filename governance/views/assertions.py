"""Guardrails: the list, one of them, making, changing, trying and deleting one."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.evaluating import Break
from governance.forms import AssertionForm, typed_of
from governance.keeping import look_again, sentences
from governance.kinds import Names, rule_sentence
from governance.models import Assertion, AssertionBreak
from governance.services.assertions import (
    MANAGE,
    BrokenNow,
    NameTaken,
    TooManyBreaks,
    delete_assertion,
    state_assertion,
    try_rule,
)
from orgs.models import Organization, Workspace
from orgs.views.base import UNPROCESSABLE, ActView, OrganizationView
from permissions.catalogue import Scope
from permissions.locks import hold_access
from permissions.roles import RoleFacts, builtin_roles, roles_offered
from social_accounts.models import SocialProfile

BREAKS_PER_PAGE = 50
BREAKS_SHOWN = 20

# One example of each kind, in the order in which they are offered.
EXAMPLES: dict[str, tuple[str, Any]] = {
    "no_partner_may": ("building", lambda: _("No partner may ever publish on the brand's main profile.")),
    "at_least": ("users-group", lambda: _("At least two members manage who has access on every profile.")),
    "not_both": ("arrows-exchange", lambda: _("Nobody may both write posts and approve them.")),
    "only": ("target", lambda: _("Only the owner and Paul may delete published posts.")),
    "second_factor": ("fingerprint", lambda: _("Everyone who may publish has a second factor.")),
    "partner_grants_end": ("calendar-event", lambda: _("Nothing is shared with a partner without an end.")),
    "grants_at_most": ("hourglass", lambda: _("No role on a profile is given for longer than 90 days.")),
}


class AssertionList(OrganizationView):
    action = MANAGE
    template_name = "governance/assertion_list.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        rules = list(Assertion.objects.annotate(break_count=Count("breaks")).order_by("name"))
        names = Names.in_rules(rules)
        rows = [{"rule": rule, "sentence": rule_sentence(rule, names)} for rule in rules]
        return self.page(rows=rows, broken_count=sum(bool(rule.break_count) for rule in rules))


class AssertionKinds(OrganizationView):
    """What one may state: a closed vocabulary."""

    action = MANAGE
    template_name = "governance/assertion_kinds.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        labels = dict(Assertion.Kind.choices)
        kinds = [
            {"slug": slug, "icon": icon, "label": labels[slug], "example": example()}  # type: ignore[index]
            for slug, (icon, example) in EXAMPLES.items()
        ]
        return self.page(kinds=kinds)


class AssertionDetail(OrganizationView):
    action = MANAGE
    template_name = "governance/assertion_detail.html"
    model = Assertion

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        rule: Assertion = self.get_object()
        found = AssertionBreak.objects.filter(assertion=rule).order_by("profile", "user", "pk")
        page = Paginator(found, BREAKS_PER_PAGE).get_page(request.GET.get("page"))
        breaks = [
            Break(row.key, row.user_id, row.profile_id, row.partner, row.amount) for row in page.object_list
        ]
        lines = [
            {"text": text, "since": row.found_at, "profile": row.profile_id}
            for text, row in zip(sentences(rule, breaks), page.object_list, strict=True)
        ]
        return self.page(rule=rule, sentence=rule_sentence(rule), breaks=page, lines=lines)


class AssertionWrite(OrganizationView):
    """The form of one kind; *Try* says what it would find, and changes nothing."""

    action = MANAGE
    template_name = "governance/assertion_form.html"

    def rule(self) -> Assertion:
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        rule = self.rule()
        return self._show(rule, self._form(rule, initial=typed_of(rule) if rule.pk else None))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        rule = self.rule()
        form = self._form(rule, data=request.POST)
        if not form.is_valid():
            return self._show(rule, form, status=UNPROCESSABLE)
        form.fill(rule)
        if request.POST.get("act") == "try":
            return self._show(rule, form, tried=try_rule(rule, timezone.now()), sentence=rule_sentence(rule))
        try:
            state_assertion(
                actor=self.access,
                organization=self.organization,
                rule=rule,
                now=timezone.now(),
                knows_breaks=request.POST.get("knows_breaks") == "yes",
            )
        except BrokenNow as broken:
            return self._show(
                rule,
                form,
                status=UNPROCESSABLE,
                tried=broken.breaks,
                sentence=rule_sentence(rule),
                asks_again=True,
            )
        except (NameTaken, TooManyBreaks) as problem:
            form.add_error("name" if isinstance(problem, NameTaken) else None, str(problem))
            return self._show(rule, form, status=UNPROCESSABLE)
        self.say(_("Guardrail “%(name)s” saved. No change may break it from now on.") % {"name": rule.name})
        return self.go("assertion_detail", rule.pk)

    def _form(self, rule: Assertion, **kwargs: Any) -> AssertionForm:
        return AssertionForm(
            kwargs.pop("data", None),
            kind=rule.kind,
            workspaces=list(Workspace.objects.order_by("name")),
            profiles=list(SocialProfile.objects.order_by("name", "pk")),
            roles=organization_roles(self.organization),
            **kwargs,
        )

    def _show(
        self,
        rule: Assertion,
        form: AssertionForm,
        *,
        status: int = 200,
        tried: list[Break] | None = None,
        sentence: str = "",
        asks_again: bool = False,
    ) -> HttpResponse:
        return self.page(
            status=status,
            rule=rule,
            form=form,
            kind_label=Assertion.Kind(rule.kind).label,
            was_tried=tried is not None,
            sentence=sentence,
            break_count=len(tried or ()),
            lines=sentences(rule, (tried or [])[:BREAKS_SHOWN]),
            asks_again=asks_again,
        )


def organization_roles(organization: Organization) -> list[RoleFacts]:
    """Return the organization roles people here may have, the owner's among them."""
    owners = [role for role in builtin_roles().values() if role.is_owner and role.pack in organization.packs]
    offered = roles_offered(
        packs=organization.packs, organization_id=organization.pk, scope=Scope.ORGANIZATION
    )
    return [*owners, *offered]


class AssertionNew(AssertionWrite):
    def rule(self) -> Assertion:
        kind = self.kwargs["kind"]
        if kind not in Assertion.Kind.values:
            raise Http404
        return Assertion(kind=kind)


class AssertionEdit(AssertionWrite):
    model = Assertion

    def rule(self) -> Assertion:
        found: Assertion = self.get_object()
        return found


class AssertionCheck(ActView):
    """Look again, now."""

    action = MANAGE
    model = Assertion

    def act(self) -> HttpResponse:
        rule: Assertion = self.get_object()
        hold_access(self.organization.pk)
        look_again(rule, timezone.now())
        return self.go("assertion_detail", rule.pk)


class AssertionDelete(ActView):
    action = MANAGE
    model = Assertion

    def act(self) -> HttpResponse:
        rule: Assertion = self.get_object()
        delete_assertion(
            actor=self.access,
            organization=self.organization,
            rule=rule,
            now=timezone.now(),
            reason=self.request.POST.get("reason", "")[:300],
        )
        self.say(_("Guardrail “%(name)s” deleted.") % {"name": rule.name})
        return self.go("assertion_list")
