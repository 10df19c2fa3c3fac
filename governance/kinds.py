"""What a rule says, and what breaks it, as sentences: the closed vocabulary in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from governance.models import Assertion
from orgs.models import Workspace
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.roles import roles_by_permission
from social_accounts.models import SocialProfile

NAMED_AT_ONCE = 4
NO_END_BELOW = -100_000  # an amount of days that stands for "without an end"


@dataclass(frozen=True)
class Names:
    """What the ids in some rules are called today: read at once for a whole page."""

    profiles: dict[int, str]
    workspaces: dict[int, str]
    people: dict[int, str]
    roles: dict[int, str]

    @classmethod
    def in_rules(cls, rules: Iterable[Assertion]) -> Names:
        found = list(rules)
        profiles = {pk for rule in found for pk in rule.profile_ids}
        workspaces = {pk for rule in found for pk in rule.workspace_ids}
        people = {pk for rule in found for pk in rule.people_ids}
        roles = {pk for rule in found for pk in rule.role_ids}
        return cls(
            {pk: str(row) for pk, row in SocialProfile.objects.in_bulk(profiles).items()} if profiles else {},
            {pk: str(row) for pk, row in Workspace.objects.in_bulk(workspaces).items()} if workspaces else {},
            {pk: str(row) for pk, row in User.objects.in_bulk(people).items()} if people else {},
            {pk: role.label for pk, role in roles_by_permission(roles).items()},
        )


def rule_sentence(rule: Assertion, names: Names | None = None) -> str:
    """Return the whole rule as one sentence."""
    names = names or Names.in_rules([rule])
    blanks = {
        "action": action_words(rule.action),
        "other": action_words(rule.other_action),
        "where": where_words(rule, names),
        "number": rule.number,
        "those": _listed([*_called(rule.role_ids, names.roles), *_called(rule.people_ids, names.people)]),
    }
    return _sentences(rule)[rule.kind] % blanks


def _sentences(rule: Assertion) -> dict[str, str]:
    number = rule.number or 0
    return {
        Assertion.Kind.NO_PARTNER_MAY: _("No partner may ever “%(action)s” %(where)s."),
        Assertion.Kind.AT_LEAST: ngettext(
            "At least %(number)s member may “%(action)s” %(where)s.",
            "At least %(number)s members may “%(action)s” %(where)s.",
            number,
        ),
        Assertion.Kind.NOT_BOTH: _("Nobody may both “%(action)s” and “%(other)s” %(where)s."),
        Assertion.Kind.ONLY: _("Only %(those)s may “%(action)s” %(where)s."),
        Assertion.Kind.SECOND_FACTOR: _("Everyone who may “%(action)s” %(where)s has a second factor."),
        Assertion.Kind.PARTNER_GRANTS_END: _("Nothing is shared with a partner without an end %(where)s."),
        Assertion.Kind.GRANTS_AT_MOST: ngettext(
            "No role is given to a person or a partner for longer than %(number)s day %(where)s.",
            "No role is given to a person or a partner for longer than %(number)s days %(where)s.",
            number,
        ),
    }


def break_sentence(
    rule: Assertion, *, person: User | None, profile: SocialProfile | None, partner: str, amount: int
) -> str:
    """Return who or what does not keep the rule, and where."""
    place = str(profile) if profile is not None else _("the organization")
    blanks = {"person": person or _("Somebody"), "partner": partner, "place": place, "count": amount}
    if rule.kind == Assertion.Kind.AT_LEAST:
        if amount == 0:
            return _("%(place)s has nobody.") % blanks
        return ngettext("%(place)s has only %(count)s.", "%(place)s has only %(count)s.", amount) % blanks
    if rule.kind == Assertion.Kind.GRANTS_AT_MOST:
        who = {"who": person or partner, "place": place, "days": -amount}
        if amount < NO_END_BELOW:
            return _("%(who)s has a role on %(place)s without an end.") % who
        return (
            ngettext(
                "%(who)s has a role on %(place)s for %(days)s day too long.",
                "%(who)s has a role on %(place)s for %(days)s days too long.",
                -amount,
            )
            % who
        )
    return {
        Assertion.Kind.NO_PARTNER_MAY: _("%(person)s (%(partner)s) may do it on %(place)s."),
        Assertion.Kind.NOT_BOTH: _("%(person)s may do both on %(place)s."),
        Assertion.Kind.ONLY: _("%(person)s may do it on %(place)s."),
        Assertion.Kind.SECOND_FACTOR: _("%(person)s has no second factor."),
        Assertion.Kind.PARTNER_GRANTS_END: _("%(partner)s has %(place)s without an end."),
    }[Assertion.Kind(rule.kind)] % blanks


def action_words(action: str) -> str:
    return str(catalogue.get(action).label) if action in catalogue.ACTIONS else action


def where_words(rule: Assertion, names: Names) -> str:
    if rule.action and catalogue.get(rule.action).scope is Scope.ORGANIZATION:
        return _("in the whole organization")
    if rule.where == Assertion.Where.PROFILES:
        return _("on %(profiles)s") % {"profiles": _listed(_called(rule.profile_ids, names.profiles))}
    if rule.where == Assertion.Where.WORKSPACES:
        listed = _listed(_called(rule.workspace_ids, names.workspaces))
        return _("on every profile of the workspace %(workspaces)s") % {"workspaces": listed}
    if rule.kind == Assertion.Kind.NOT_BOTH:
        return _("on the same profile")
    if rule.kind in (Assertion.Kind.AT_LEAST, Assertion.Kind.SECOND_FACTOR):
        return _("on every profile")
    return _("on any profile")


def _called(ids: Iterable[int], names: dict[int, str]) -> list[str]:
    return [names.get(pk) or _("(gone)") for pk in ids]


def _listed(names: list[str]) -> str:
    told = names[:NAMED_AT_ONCE]
    more = len(names) - len(told)
    if more > 0:
        return _("%(names)s and %(count)s more") % {"names": ", ".join(told), "count": more}
    return ", ".join(told) or _("nobody")
