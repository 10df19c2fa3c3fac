"""The cast of the tests, and Acme, the organization they act in; Ada's agency, which may be its partner.

Olga owns Acme, Marc manages, Ana administers the team Brand, Paul edits, Mina moderates, Gus is a guest, Emil is an
employee without any profile, Sven is suspended; Ada runs the agency; Mallory owns another organization.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils.text import slugify

from accounts.models import User
from orgs.models import (
    Membership,
    Organization,
    OrganizationUserGrant,
    Partnership,
    Team,
    TeamUserGrant,
    Workspace,
)
from permissions.catalogue import Scope
from permissions.checker import Access, load_access
from permissions.custom_roles import make_role
from permissions.models import Role
from permissions.roles import RoleFacts, builtin_role
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, ProfileUserGrant, SocialProfile
from tenancy.context import open_organization_id, organization_open

PASSWORD = "correct horse battery staple"
LONG_AGO = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


def inside(organization_id: int) -> AbstractContextManager[None]:
    """Open the organization; nothing where it is open, for the cast is made in one transaction."""
    return nullcontext() if open_organization_id() == organization_id else organization_open(organization_id)


def role(key: str, scope: Scope = Scope.PROFILE) -> RoleFacts:
    return builtin_role(key, scope)


def make_person(name: str, email: str = "", **fields: Any) -> User:
    email = email or f"{name.split()[0].lower()}@acme.test"
    person = User.objects.create_user(email=email, password=PASSWORD, name=name, **fields)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def make_people(*names: str, domain: str = "acme.test") -> list[User]:
    """As ``make_person``, for many at once: half of all tests begin with the whole cast."""
    password = make_password(PASSWORD)
    people = User.objects.bulk_create(
        User(email=f"{name.split()[0].lower()}@{domain}", password=password, name=name) for name in names
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people
    )
    return people


def make_organization(slug: str, name: str, owner: User, owner_role: str = "standard:owner") -> Organization:
    organization = Organization.objects.create(slug=slug, name=name)
    with inside(organization.pk):
        Workspace.objects.create(slug="main", name="Main")
        add_member(organization, owner, owner_role)
    return organization


def add_member(
    organization: Organization,
    person: User,
    role_key: str,
    *,
    workspaces: list[Workspace] | None = None,
    **fields: Any,
) -> Membership:
    facts = builtin_role(role_key, Scope.ORGANIZATION)
    with inside(organization.pk):
        membership = Membership.objects.create(
            user=person, reaches_all_workspaces=workspaces is None, joined_at=LONG_AGO, **fields
        )
        for workspace in workspaces or []:
            membership.workspace_accesses.create(workspace=workspace)
        OrganizationUserGrant.objects.create(
            content_object=organization,
            user=person,
            permission_id=facts.permission_id,
            is_owner=facts.is_owner,
            granted_at=LONG_AGO,
        )
    return membership


def add_members(roles: Mapping[User, str]) -> None:
    """As ``add_member``, for many at once, in the organization that is open."""
    Membership.objects.bulk_create(Membership(user=person, joined_at=LONG_AGO) for person in roles)
    OrganizationUserGrant.objects.bulk_create(
        OrganizationUserGrant(
            content_object_id=open_organization_id(),
            user=person,
            permission_id=builtin_role(role_key, Scope.ORGANIZATION).permission_id,
            granted_at=LONG_AGO,
        )
        for person, role_key in roles.items()
    )


def make_team(organization: Organization, slug: str, name: str) -> Team:
    with inside(organization.pk):
        group = Group.objects.create(name=f"team:{organization.slug}/{slug}#members")
        return Team.objects.create(slug=slug, name=name, members_group=group)


def put_in_team(team: Team, person: User, role_key: str = "standard:team_member") -> TeamUserGrant:
    with inside(team.organization_id):
        person.groups.add(team.members_group)
        return TeamUserGrant.objects.create(
            content_object=team,
            user=person,
            permission_id=builtin_role(role_key, Scope.TEAM).permission_id,
            granted_at=LONG_AGO,
        )


def make_profile(
    organization: Organization,
    slug: str,
    network: str = "mastodon",
    workspace: Workspace | None = None,
    **fields: Any,
) -> SocialProfile:
    with inside(organization.pk):
        defaults: dict[str, Any] = {
            "handle": f"@{slug}@sandbox.test",
            "name": slug.replace("-", " ").title(),
            "server": "https://sandbox.test",
            "remote_id": f"remote-{slug}",
            "status": SocialProfile.Status.CONNECTED,
        }
        return SocialProfile.objects.create(
            slug=slug,
            network=network,
            workspace=workspace or Workspace.objects.get(slug="main"),
            **(defaults | fields),
        )


def give(profile: SocialProfile, person: User, role_key: str, **window: Any) -> ProfileUserGrant:
    with inside(profile.organization_id):
        return ProfileUserGrant.objects.create(
            content_object=profile,
            user=person,
            permission_id=builtin_role(role_key, Scope.PROFILE).permission_id,
            granted_at=LONG_AGO,
            **window,
        )


def give_team(profile: SocialProfile, team: Team, role_key: str, **window: Any) -> ProfileGroupGrant:
    with inside(profile.organization_id):
        return ProfileGroupGrant.objects.create(
            content_object=profile,
            group=team.members_group,
            permission_id=builtin_role(role_key, Scope.PROFILE).permission_id,
            granted_at=LONG_AGO,
            **window,
        )


def make_own_role(
    organization: Organization, name: str, actions: Iterable[str], scope: Scope = Scope.PROFILE
) -> Role:
    """Write a role of the organization's own, as a service would have some time ago."""
    with inside(organization.pk):
        return make_role(
            organization=organization,
            scope=scope,
            slug=slugify(name),
            name=name,
            actions=set(actions),
            now=LONG_AGO,
        )


def access_of(person: User, organization: Organization, at: datetime | None = None) -> Access:
    with inside(organization.pk):
        return load_access(user=person, organization_id=organization.pk, at=at or datetime.now(UTC))


@dataclass
class Acme:
    """One brand with everybody in it."""

    organization: Organization
    main: Workspace
    olga: User
    marc: User
    ana: User
    paul: User
    mina: User
    gus: User
    emil: User
    sven: User
    mallory: User
    elsewhere: Organization
    brand: Team
    news: SocialProfile
    sky: SocialProfile
    quiet: SocialProfile

    @property
    def everybody(self) -> dict[str, User]:
        names = ("olga", "marc", "ana", "paul", "mina", "gus", "emil", "sven", "mallory")
        return {name: getattr(self, name) for name in names}

    def access(self, person: User) -> Access:
        return access_of(person, self.organization)


def make_acme() -> Acme:
    roles = {
        "Marc Manager": "standard:manager",
        "Ana Admin": "standard:member",
        "Paul Editor": "standard:member",
        "Mina Moderator": "standard:member",
        "Gus Guest": "standard:member",
        "Emil Employee": "standard:member",
        "Sven Suspended": "standard:manager",
    }
    olga, *others = make_people("Olga Owner", *roles)
    mallory = make_person("Mallory Moriarty", "mallory@elsewhere.test")
    organization = make_organization("acme", "Acme", olga)
    elsewhere = make_organization("elsewhere", "Elsewhere", mallory)
    made = {person.name.split()[0].lower(): person for person in others}
    with inside(organization.pk):
        add_members({person: roles[person.name] for person in others})
        Membership.objects.filter(user=made["sven"]).update(status=Membership.Status.SUSPENDED)
        main = Workspace.objects.get(slug="main")
        news = make_profile(organization, "acme-news", "mastodon")
        sky = make_profile(organization, "acme-sky", "bluesky")
        quiet = make_profile(organization, "acme-quiet", "mastodon")
        brand = make_team(organization, "brand", "Brand")
        put_in_team(brand, made["ana"], "standard:team_admin")
        put_in_team(brand, made["paul"])
        give_team(sky, brand, "standard:editor")
        give(news, made["paul"], "standard:editor")
        give(news, made["mina"], "standard:moderator")
        give(news, made["gus"], "standard:guest")
    return Acme(
        organization=organization,
        main=main,
        olga=olga,
        mallory=mallory,
        elsewhere=elsewhere,
        brand=brand,
        news=news,
        sky=sky,
        quiet=quiet,
        **made,
    )


@dataclass
class Agency:
    """Ada's agency: she owns it, Alan manages it, Abe and Asa are employees."""

    organization: Organization
    ada: User
    alan: User
    abe: User
    asa: User

    @property
    def everybody(self) -> dict[str, User]:
        return {name: getattr(self, name) for name in ("ada", "alan", "abe", "asa")}

    def access(self, person: User) -> Access:
        return access_of(person, self.organization)


def make_agency(slug: str = "agency") -> Agency:
    domain = f"{slug}.test"
    ada = make_person("Ada Agency", f"ada@{domain}")
    organization = make_organization(slug, slug.title(), ada)
    people = {
        name: make_person(f"{name.title()} Agency", f"{name}@{domain}") for name in ("alan", "abe", "asa")
    }
    for name, person in people.items():
        add_member(organization, person, "standard:manager" if name == "alan" else "standard:member")
    return Agency(organization=organization, ada=ada, **people)


def make_partnership(
    organization: Organization,
    partner: Organization,
    shared: Mapping[SocialProfile, str] | None = None,
    *,
    status: str = Partnership.Status.ACTIVE,
    **fields: Any,
) -> Partnership:
    """Make ``partner`` a partner of ``organization``; ``shared``: its profiles with the role granted on each.

    Nobody at the partner has anything by it before ``assign``.
    """
    with inside(organization.pk):
        group = Group.objects.create(name=f"partner:{organization.slug}/{partner.slug}/{uuid.uuid4()}#people")
        defaults: dict[str, Any] = {
            "proposed_at": LONG_AGO,
            "answer_by": LONG_AGO + timedelta(days=14),
            "answered_at": LONG_AGO if status == Partnership.Status.ACTIVE else None,
        }
        partnership = Partnership.objects.create(
            partner=partner, status=status, people_group=group, **(defaults | fields)
        )
    for profile, role_key in (shared or {}).items():
        share(partnership, profile, role_key)
    return partnership


def share(
    partnership: Partnership, profile: SocialProfile, role_key: str, **window: Any
) -> ProfileGroupGrant:
    """Grant the partner a role on a profile (R8): nobody has it before ``assign``."""
    with inside(profile.organization_id):
        return ProfileGroupGrant.objects.create(
            content_object=profile,
            group=partnership.people_group,
            partnership=partnership,
            permission_id=builtin_role(role_key, Scope.PROFILE).permission_id,
            granted_at=LONG_AGO,
            **window,
        )


def assign(
    partnership: Partnership, profile: SocialProfile, person: User, role_key: str, **window: Any
) -> ProfileAssignment:
    """Hand one of the partner's people a profile that is shared with the partner."""
    with inside(profile.organization_id):
        grant = ProfileGroupGrant.objects.get(partnership=partnership, content_object=profile)
        return ProfileAssignment.objects.create(
            grant=grant,
            user=person,
            permission_id=builtin_role(role_key, Scope.PROFILE).permission_id,
            granted_at=LONG_AGO,
            **window,
        )
