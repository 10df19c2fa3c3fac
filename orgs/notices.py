"""What people are told about belonging: requests, ends of access, partners, ownership, support."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.kinds import Group, NotificationKind, register_kinds, register_sight
from notifications.telling import notify
from notifications.words import Lines, Moment, Said, Words, said
from orgs.models import (
    AccessRequest,
    Invitation,
    Membership,
    Organization,
    OwnershipTransfer,
    Partnership,
    SupportSession,
)
from orgs.selectors.endings import Ending
from orgs.selectors.requests import Waiting, described, may_answer
from permissions.checker import Access
from permissions.roles import RoleFacts
from tenancy.context import organization_open

NAMES_TOLD: Final = 5

ACCESS_ASKED = NotificationKind(
    "access_asked", Group.ACCESS, _("Somebody asks for access you may give"), "user-check"
)
ACCESS_ANSWERED = NotificationKind(
    "access_answered", Group.ANSWERS, _("Your request for access is answered"), "key"
)
ACCESS_ENDS = NotificationKind("access_ends", Group.ACCESS, _("Your access ends soon"), "hourglass")
GIVEN_ENDS = NotificationKind("given_ends", Group.ACCESS, _("Access you gave ends soon"), "hourglass")
INVITATION_ACCEPTED = NotificationKind(
    "invitation_accepted", Group.ACCESS, _("Somebody accepts your invitation"), "user-plus"
)
PARTNERS = NotificationKind(
    "partners", Group.ACCESS, _("Partners propose, answer or end something"), "heart-handshake"
)
OWNERSHIP = NotificationKind(
    "ownership", Group.ACCESS, _("The organization changes hands"), "building", is_fixed=True
)
SUPPORT = NotificationKind(
    "support", Group.ACCESS, _("The vendor's support signs in"), "shield-lock", is_fixed=True
)


def register() -> None:
    register_kinds(
        ACCESS_ANSWERED,
        ACCESS_ASKED,
        INVITATION_ACCEPTED,
        ACCESS_ENDS,
        GIVEN_ENDS,
        PARTNERS,
        OWNERSHIP,
        SUPPORT,
    )
    register_sight(AccessRequest, _seen_requests)
    register_sight(Membership, _sees_members)
    register_sight(Partnership, _sees_partners)
    register_sight(SupportSession, _sees_support)


def tell_asked(people: Iterable[User], waiting: Waiting, organization: Organization) -> None:
    """Tell those who may give it that somebody asks for access."""
    request, person = waiting.request, waiting.asker
    told: list[Words] = [
        said(
            _("%(person)s asks for: %(wanted)s, on %(where)s."),
            person=person,
            wanted=_wanted(waiting),
            where=request.object_name,
        ),
        said(_("Why: %(reason)s"), reason=request.reason),
    ]
    if request.expires_at:
        told.append(said(_("Until: %(moment)s"), moment=Moment(request.expires_at)))
    told.append(_("Look at it, see what it would change, and decide:"))
    notify(
        people,
        ACCESS_ASKED,
        subject=said(
            _("%(person)s asks for access in %(organization)s"), person=person, organization=organization
        ),
        told=told,
        link=reverse("access_request", args=[organization.slug, request.pk]),
        about=request,
    )


def tell_access_answered(waiting: Waiting, organization: Organization, given: RoleFacts | None) -> None:
    """Tell the asker what he got, ``given`` None: nothing."""
    request = waiting.request
    about: dict[str, Any] = {"where": request.object_name, "person": request.decided_by}
    told: list[Words] = []
    if given is not None:
        subject = _("You have access: %(where)s")
        sentence = _("%(person)s has given you the role %(given)s on %(where)s.")
        told.append(said(sentence, given=role_words(given), **about))
        if request.given_until:
            told.append(said(_("It ends by itself: %(moment)s."), moment=Moment(request.given_until)))
    else:
        subject = _("Your request was declined: %(where)s")
        sentence = _("%(person)s has declined your request for %(wanted)s on %(where)s.")
        told.append(said(sentence, wanted=_wanted(waiting), **about))
    if request.note:
        told.append(request.note)
    told.append(_("What you may do:"))
    notify(
        [waiting.asker],
        ACCESS_ANSWERED,
        subject=said(subject, where=request.object_name),
        told=told,
        link=reverse("my_access", args=[organization.slug]),
    )


def tell_joined(invitation: Invitation, membership: Membership, organization: Organization) -> None:
    """Tell who invited somebody that he has come."""
    person = membership.user
    notify(
        [invitation.invited_by],
        INVITATION_ACCEPTED,
        subject=said(_("%(person)s has joined %(organization)s"), person=person, organization=organization),
        told=[
            said(
                _("%(person)s (%(email)s) has accepted your invitation to %(organization)s."),
                person=person,
                email=invitation.email,
                organization=organization,
            ),
            _("What this person may do:"),
        ],
        link=reverse("member_access", args=[organization.slug, membership.pk]),
        about=membership,
    )


def tell_ends(person: User, organization: Organization, endings: Sequence[Ending]) -> None:
    """Tell a person what of his ends soon, and what he gave."""
    own = [one for one in endings if any(affected.pk == person.pk for affected in one.people)]
    given = [one for one in endings if one not in own]
    if own:
        notify(
            [person],
            ACCESS_ENDS,
            subject=said(_("Your access in %(organization)s ends soon"), organization=organization),
            told=[
                _("This ends by itself:"),
                Lines(*(said("- %(what)s: %(moment)s", **_ending(one)) for one in own)),
                _("If you need it longer, ask for it here:"),
            ],
            link=reverse("my_access", args=[organization.slug]),
        )
    if given:
        notify(
            [person],
            GIVEN_ENDS,
            subject=said(_("Access you gave in %(organization)s ends soon"), organization=organization),
            told=[
                _("You gave this, and it ends by itself:"),
                Lines(*(said("- %(people)s: %(what)s, %(moment)s", **_ending(one)) for one in given)),
                _("If it shall hold longer, give it again with a later end:"),
            ],
            link=reverse("member_list", args=[organization.slug]),
        )


_OF_PARTNERS: Final[dict[str, tuple[Promise, Sequence[Promise], Sequence[Promise]]]] = {
    "partner_invited": (
        _("%(other)s invites %(organization)s to work on its profiles"),
        [
            _(
                "%(other)s invites %(organization)s to become its partner: people of yours, whom you choose, would "
                "work on profiles of %(other)s."
            )
        ],
        [
            _("Nothing is shared before somebody at your company accepts."),
            _("See what is offered, take all of it or less, or decline, until %(date)s:"),
        ],
    ),
    "partner_asked": (
        _("%(other)s asks %(organization)s for access to profiles"),
        [
            _(
                "%(other)s asks to work on profiles of %(organization)s as your partner. It knows none of them: you "
                "choose which, and as what."
            )
        ],
        [
            _("Nothing is shared before somebody at your company accepts."),
            _("See what is asked for, give all of it or less, or decline, until %(date)s:"),
        ],
    ),
    "partner_accepted": (
        _("%(other)s and %(organization)s are partners now"),
        [
            _("%(other)s has accepted what %(organization)s proposed, whole or in part."),
            _("What is shared, and with whom:"),
        ],
        [],
    ),
    "partner_declined": (
        _("%(other)s declined to be a partner of %(organization)s"),
        [_("%(other)s has declined what %(organization)s proposed. Nothing is shared.")],
        [],
    ),
    "partner_ended": (
        _("%(other)s has ended the partnership with %(organization)s"),
        [
            _(
                "%(other)s has ended the partnership with %(organization)s. All that was shared has ended with it, at "
                "once."
            )
        ],
        [],
    ),
}
"""Of each thing a partner may do: the subject, what is said, and what is said while an answer is waited for."""


def tell_of_partner(
    name: str,
    people: Iterable[User],
    organization: Organization,
    other: Organization,
    partnership: Partnership,
    route: str,
) -> None:
    """Tell people of a company about another company; ``route`` is the page it leads to. Opens the organization."""
    subject, sentences, of_answering = _OF_PARTNERS[name]
    about = {"organization": organization, "other": other, "date": Moment(partnership.answer_by)}
    told: list[Words] = [said(one, **about) for one in sentences]
    if of_answering:
        if partnership.message:
            told.append(partnership.message)
        told += [said(one, **about) for one in of_answering]
    with organization_open(organization.pk):
        notify(
            people,
            PARTNERS,
            subject=said(subject, **about),
            told=told,
            link=reverse(route, args=[organization.slug, partnership.pk]),
            about=partnership,
        )


def tell_ownership_offered(transfer: OwnershipTransfer, organization: Organization) -> None:
    about = {"person": transfer.from_user, "organization": organization}
    _tell_of_ownership(
        transfer.to_user,
        organization,
        said(_("%(person)s offers you the ownership of %(organization)s"), **about),
        said(
            _("%(person)s wants to hand %(organization)s over to you. Nothing changes before you accept."),
            **about,
        ),
        said(_("Accept or decline until %(date)s:"), date=Moment(transfer.expires_at)),
    )


def tell_ownership_accepted(transfer: OwnershipTransfer, organization: Organization) -> None:
    about = {"person": transfer.to_user, "organization": organization}
    _tell_of_ownership(
        transfer.from_user,
        organization,
        said(_("%(person)s now owns %(organization)s"), **about),
        said(
            _(
                "%(person)s has accepted your offer and owns %(organization)s from now on. You stay a member with "
                "the role you chose."
            ),
            **about,
        ),
    )


def tell_ownership_declined(transfer: OwnershipTransfer, organization: Organization) -> None:
    about = {"person": transfer.to_user, "organization": organization}
    _tell_of_ownership(
        transfer.from_user,
        organization,
        said(_("%(person)s declined the ownership of %(organization)s"), **about),
        said(
            _("%(person)s declined to take over %(organization)s. Nothing has changed: you still own it."),
            **about,
        ),
    )


def _tell_of_ownership(person: User, organization: Organization, subject: Said, *told: Said) -> None:
    link = reverse("ownership", args=[organization.slug])
    notify([person], OWNERSHIP, subject=subject, told=told, link=link)


def tell_support_started(owner: User, session: SupportSession, organization: Organization) -> None:
    """Tell the owner that somebody of the vendor's staff has come in."""
    about = {"person": session.user, "organization": organization}
    notify(
        [owner],
        SUPPORT,
        subject=said(_("Support: %(person)s has signed in to %(organization)s"), **about),
        told=[
            said(_("%(person)s of the support staff has signed in to %(organization)s."), **about),
            Lines(
                said("%(label)s %(value)s", label=_("Ticket:"), value=session.ticket),
                said("%(label)s %(value)s", label=_("Reason:"), value=session.reason),
                said("%(label)s %(value)s", label=_("Until:"), value=Moment(session.expires_at)),
            ),
            _("See what is done, end the session, or switch support off:"),
        ],
        link=reverse("support_access", args=[organization.slug]),
        about=session,
    )


def role_words(role: RoleFacts) -> Words:
    """Return what a role is called: a built-in one in each reader's language."""
    return role.builtin.label if role.builtin else role.own_name


def _wanted(waiting: Waiting) -> Words:
    if waiting.role is not None:
        return role_words(waiting.role)
    return waiting.action.label if waiting.action is not None else ""


def _ending(one: Ending) -> dict[str, Any]:
    names = [str(person) for person in one.people]
    people = names if len(names) <= NAMES_TOLD else [*names[:NAMES_TOLD], "…"]
    return {"what": one.words, "moment": Moment(one.ends_at), "people": people}


def _seen_requests(access: Access, ids: Collection[int]) -> set[int]:
    """Return the requests that one may answer, and one's own."""
    organization = Organization.objects.get(pk=access.organization_id)
    rows = AccessRequest.objects.filter(pk__in=ids).select_related("membership__user")
    return {
        waiting.request.pk
        for waiting in described(list(rows), organization)
        if waiting.asker.pk == access.user.pk or may_answer(access, waiting)
    }


def _if_may(action: str, access: Access, ids: Collection[int]) -> Collection[int]:
    return ids if access.can(action, Organization(pk=access.organization_id)) else ()


def _sees_members(access: Access, ids: Collection[int]) -> Collection[int]:
    return _if_may("organization.view_members", access, ids)


def _sees_partners(access: Access, ids: Collection[int]) -> Collection[int]:
    return _if_may("organization.view_partners", access, ids)


def _sees_support(access: Access, ids: Collection[int]) -> Collection[int]:
    return _if_may("organization.view_support_sessions", access, ids)
