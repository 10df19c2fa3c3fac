"""Steps of the tests about partners: what a person does on the pages, and what is read afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Organization, Partnership
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, Agency, access_of, role

SignIn = Callable[[User], Client]
Send = Callable[..., Any]


def written(moment: datetime) -> str:
    """Return a moment as a form field has it; the cast's time zone is UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M")


def shares(**roles: SocialProfile) -> dict[str, str]:
    """Return the fields of a shares form: ``shares(editor=acme.news)``."""
    return {
        f"role-{profile.pk}": str(role(f"standard:{slug}").permission_id) for slug, profile in roles.items()
    }


def invite(
    acme: Acme, agency: Agency, client: Client, send: Send, data: dict[str, str] | None = None
) -> HttpResponse:
    """Offer the agency the profile news as editor, or what ``data`` says."""
    typed = {"public_id": agency.organization.public_id, **(data or shares(editor=acme.news))}
    response: HttpResponse = send(client, reverse("partner_invite", args=["acme"]), typed)
    return response


def ask(
    acme: Acme, client: Client, send: Send, *roles: str, slug: str = "agency", **fields: str
) -> HttpResponse:
    """Ask Acme, for the agency, for roles."""
    typed = {
        "public_id": acme.organization.public_id,
        "roles": [role(f"standard:{one}").permission_id for one in roles or ("editor",)],
        **fields,
    }
    response: HttpResponse = send(client, reverse("partner_ask", args=[slug]), typed)
    return response


def the_partnership(organization: Organization) -> Partnership:
    with organization_open(organization.pk):
        return Partnership.objects.select_related("organization", "partner").get()


def grants(organization: Organization) -> dict[str, str]:
    """Return what the organization grants to partners: {profile: role}."""
    with organization_open(organization.pk):
        rows = ProfileGroupGrant.objects.exclude(partnership=None)
        return {
            row.content_object.slug: row.permission.role.slug
            for row in rows.select_related("content_object", "permission__role")
        }


def assigned(organization: Organization) -> set[tuple[str, str, str]]:
    """Return who at partners is assigned what of the organization's profiles."""
    with organization_open(organization.pk):
        rows = ProfileAssignment.objects.select_related("user", "grant__content_object", "permission__role")
        return {(row.user.name, row.grant.content_object.slug, row.permission.role.slug) for row in rows}


def events(organization: Organization, *actions: str) -> list[AuditEvent]:
    with organization_open(organization.pk):
        found = AuditEvent.objects.order_by("sequence")
        return list(found.filter(action__in=actions) if actions else found)


def may(person: User, action: str, profile: SocialProfile, at: datetime | None = None) -> bool:
    """Ask the resolver, as a page would."""
    with organization_open(profile.organization_id):
        organization = profile.organization
    access = access_of(person, organization, at)
    with organization_open(organization.pk):
        return access.can(f"profile.{action}", profile)
