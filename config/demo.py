"""The demo: two brands, their people and their agency, profiles on the sandbox networks, posts in every state.

Everything is made through the services a person's click would call. Loading it again changes nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx
from allauth.account.models import EmailAddress
from django.conf import settings

from accounts.models import User
from config.demo_alder import SLUG as SECOND_SLUG
from config.demo_alder import load_alder
from config.demo_brand import Brand
from config.demo_month import load_month
from config.demo_pictures import DAWN, bridge
from config.demo_pins import load_pins
from config.demo_planning import load_drafts, load_words
from config.demo_queues import load_queues, load_shared_calendar
from orgs.models import Membership, Organization, OrganizationUserGrant, Partnership, Workspace
from orgs.services.members import grant_profile_roles
from orgs.services.organizations import found_organization
from orgs.services.partner_people import assign_profiles
from orgs.services.partnerships import Share, grants_of
from orgs.services.proposals import accept_partnership, invite_partner
from orgs.services.teams import add_to_team, create_team, put_profile_in_team
from permissions.catalogue import Scope
from permissions.checker import Access, load_access
from permissions.roles import RoleFacts, builtin_role
from publishing.services.workflows import Plan, PlannedStep, create_workflow
from social_accounts.connections import adapter, clock, http, sandbox_url
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Credentials
from social_accounts.networks.youtube.oauth import SCOPES as YOUTUBE_SCOPES
from social_accounts.services.attempts import Destination
from social_accounts.services.connecting import connect_with_password
from social_accounts.vault import store_credentials
from tenancy.context import organization_open

SLUG: Final = "northwind"
PASSWORD: Final = "ride-the-wind"  # noqa: S105 - printed at every start, and only for the demo
ZONE: Final = "Europe/Lisbon"
AGENCY_SLUG: Final = "harbor"
SANDBOX_SECONDS: Final = 60
NETWORKS: Final = ("mastodon", "youtube", "instagram", "threads", "pinterest")


@dataclass(frozen=True)
class Character:
    name: str
    email: str
    role: str
    does: str


CAST: Final = (
    Character("Olga Duarte", "olga@northwind.test", "owner", "owns the organization and may do everything"),
    Character("Marc Okafor", "marc@northwind.test", "manager", "manages members and approves posts"),
    Character("Paul Reis", "paul@northwind.test", "member", "edits one profile and publishes on it"),
    Character("Mina Sato", "mina@northwind.test", "member", "moderates: her posts go for approval"),
    Character("Emil Lund", "emil@northwind.test", "member", "new, without any profile yet"),
)
AGENCY: Final = (
    Character("Ada Lima", "ada@harbor.test", "owner", "owns the agency that works on Northwind's profiles"),
    Character("Beto Cruz", "beto@harbor.test", "member", "works at the agency, on one of them"),
)
SECOND: Final = Character(
    "Nils Berg", "nils@alder.test", "owner", "owns Alder Coffee, the agency's other brand"
)
FORMER: Final = Character("Rita Gomes", "rita@northwind.test", "member", "left: what she planned is held")


def load_demo(now: datetime) -> str | None:
    """Load the demo unless it is there: then return None, else the token of a link for somebody outside."""
    if Organization.objects.filter(slug=SLUG).exists():
        return None
    characters = (*CAST, FORMER, *AGENCY, SECOND)
    people = {character.email.split("@")[0]: _person(character) for character in characters}
    northwind = _found(people, "olga", "Northwind Bikes", SLUG, now)
    for character in CAST[1:]:
        _join(northwind, people[character.email.split("@")[0]], character, people["olga"], now)
    agency = _found(people, "ada", "Harbor Studio", AGENCY_SLUG, now)
    _join(agency, people["beto"], AGENCY[1], people["ada"], now)
    alder = _found(people, "nils", "Alder Coffee", SECOND_SLUG, now)
    if settings.SANDBOX_MASTODON_URL and settings.SANDBOX_BLUESKY_URL:
        _wait_for_sandbox()
        _load_alder(alder, agency, people, now)
        return _load_northwind(northwind, agency, people, now)
    return ""


def _load_northwind(
    organization: Organization, agency: Organization, people: dict[str, User], now: datetime
) -> str:
    profiles = _connect_sandbox(organization, people["olga"], "northwind", NETWORKS, now)
    brand = Brand(organization=organization, people=people, profiles=profiles, zone=ZONE, now=now)
    _share_out(organization, people, profiles, now)
    shares = [Share(_role("editor"), profiles["mastodon"]), Share(_role("moderator"), profiles["bluesky"])]
    partnership = _share_with_agency(brand, agency, "olga", shares, "The winter campaign, until March.")
    _assign(
        brand,
        agency,
        partnership,
        [("ada", "editor", "mastodon"), ("ada", "moderator", "bluesky"), ("beto", "moderator", "mastodon")],
    )
    _plan_approvals(organization, people, profiles, now)
    load_words(brand, "olga")
    load_month(brand)
    load_drafts(brand, brand.words)
    load_queues(brand)
    token = load_shared_calendar(brand)
    load_pins(
        organization=organization,
        author=people["marc"],
        profile=profiles["pinterest"],
        picture=bridge(DAWN),
        access_of=lambda person: _access(organization, person, now),
        now=now,
    )
    return token


def _load_alder(
    organization: Organization, agency: Organization, people: dict[str, User], now: datetime
) -> None:
    profiles = _connect_sandbox(organization, people["nils"], "alder", ("mastodon",), now)
    brand = Brand(organization=organization, people=people, profiles=profiles, zone=ZONE, now=now)
    shares = [Share(_role("editor"), profile) for profile in profiles.values()]
    partnership = _share_with_agency(brand, agency, "nils", shares, "You write, I roast.")
    _assign(
        brand,
        agency,
        partnership,
        [("ada", "editor", "mastodon"), ("ada", "editor", "bluesky"), ("beto", "moderator", "bluesky")],
    )
    load_alder(brand)


def _person(character: Character) -> User:
    person = User.objects.create_user(
        email=character.email, password=PASSWORD, name=character.name, time_zone=ZONE
    )
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def _join(
    organization: Organization, person: User, character: Character, inviter: User, now: datetime
) -> None:
    """Make the person a member as if he had accepted an invitation: a demo has no mailbox to click in."""
    role = builtin_role(f"standard:{character.role}", Scope.ORGANIZATION)
    with organization_open(organization.pk):
        Membership.objects.create(user=person, joined_at=now, invited_by=inviter)
        OrganizationUserGrant.objects.create(
            content_object=organization,
            user=person,
            permission_id=role.permission_id,
            granted_by=inviter,
            granted_at=now,
        )


def _found(people: dict[str, User], owner: str, name: str, slug: str, now: datetime) -> Organization:
    return found_organization(
        user=people[owner], name=name, slug=slug, time_zone=ZONE, packs=["standard"], now=now
    )


def _role(slug: str) -> RoleFacts:
    return builtin_role(f"standard:{slug}", Scope.PROFILE)


def _access(organization: Organization, person: User, now: datetime) -> Access:
    with organization_open(organization.pk):
        return load_access(user=person, organization_id=organization.pk, at=now)


def _wait_for_sandbox() -> None:
    """Return once both servers answer; they start at the same time as this does."""
    end = time.monotonic() + SANDBOX_SECONDS
    for origin in (settings.SANDBOX_MASTODON_URL, settings.SANDBOX_BLUESKY_URL):
        while True:
            try:
                httpx.get(f"{origin}/healthz", timeout=10).raise_for_status()
                break
            except httpx.HTTPError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)


def _sandbox_account(network: str, handle: str, name: str) -> dict[str, str]:
    answer = httpx.post(
        f"{settings.SANDBOX_MASTODON_URL}/_control/accounts",
        json={"network": network, "handle": handle, "display_name": name},
        timeout=10,
    )
    answer.raise_for_status()
    account: dict[str, str] = answer.json()
    return account


def _connect_sandbox(
    organization: Organization, owner: User, handle: str, networks: tuple[str, ...], now: datetime
) -> dict[str, SocialProfile]:
    """Connect an account on Bluesky, with its password, and one on each of the networks."""
    actor = _access(organization, owner, now)
    with organization_open(organization.pk):
        workspace = Workspace.objects.get()
    made = _sandbox_account("bluesky", f"{handle}.test", organization.name)
    bluesky = connect_with_password(
        actor=actor,
        destination=Destination(
            network="bluesky", typed_server=settings.SANDBOX_BLUESKY_URL, workspace_id=workspace.pk
        ),
        identifier=made["handle"],
        password=made["app_password"],
        now=now,
    )
    with organization_open(organization.pk):
        by_token = {
            network: _connect_with_token(network, handle, workspace, owner, now) for network in networks
        }
    return {"bluesky": bluesky, **by_token}


def _connect_with_token(
    network: str, handle: str, workspace: Workspace, owner: User, now: datetime
) -> SocialProfile:
    """Connect with a token the sandbox hands out, as if the owner had been to its consent page."""
    made = _sandbox_account(network, handle, workspace.organization.name)
    credentials = Credentials(
        access_token=made["access_token"],
        refresh_token=made.get("refresh_token", ""),
        scopes=YOUTUBE_SCOPES if network == "youtube" else (),
    )
    server = sandbox_url(network) or settings.SANDBOX_MASTODON_URL
    account = adapter(network).identify(http=http(), clock=clock, server=server, credentials=credentials)
    profile = SocialProfile.objects.create(
        workspace=workspace,
        slug=f"{handle}-{network}",
        network=network,
        server=account.server,
        remote_id=account.remote_id,
        handle=account.handle,
        name=account.display_name,
        url=account.url,
        time_zone=ZONE,
        status=SocialProfile.Status.CONNECTED,
        connected_by=owner,
        connected_at=now,
        checked_at=now,
    )
    store_credentials(profile, credentials)
    return profile


def _share_out(
    organization: Organization, people: dict[str, User], profiles: dict[str, SocialProfile], now: datetime
) -> None:
    """Paul edits and Mina moderates on Mastodon; the team Brand edits Bluesky."""
    olga = _access(organization, people["olga"], now)
    with organization_open(organization.pk):
        member_of = {member.user_id: member for member in Membership.objects.select_related("user")}
        for who, role in (("paul", "standard:editor"), ("mina", "standard:moderator")):
            grant_profile_roles(
                actor=olga,
                membership=member_of[people[who].pk],
                role=builtin_role(role, Scope.PROFILE),
                profiles=[profiles["mastodon"]],
                now=now,
            )
        team = create_team(
            actor=olga, organization=organization, name="Brand", description="Speaks for Northwind", now=now
        )
        place = builtin_role("standard:team_member", Scope.TEAM)
        for who in ("paul", "marc"):
            add_to_team(actor=olga, team=team, membership=member_of[people[who].pk], role=place, now=now)
        put_profile_in_team(
            actor=olga,
            team=team,
            profile=profiles["bluesky"],
            role=builtin_role("standard:editor", Scope.PROFILE),
            now=now,
        )


def _share_with_agency(
    brand: Brand, agency: Organization, owner: str, shares: list[Share], message: str
) -> Partnership:
    """The brand's owner invites the agency, and Ada accepts."""
    with organization_open(brand.organization.pk):
        partnership = invite_partner(
            actor=brand.access(owner),
            organization=brand.organization,
            public_id=agency.public_id,
            shares=shares,
            message=message,
            now=brand.now,
        )
    with organization_open(agency.pk):
        accept_partnership(
            actor=_access(agency, brand.people["ada"], brand.now),
            partnership=partnership,
            shares=shares,
            now=brand.now,
        )
    return partnership


def _assign(
    brand: Brand, agency: Organization, partnership: Partnership, places: list[tuple[str, str, str]]
) -> None:
    """Ada gives her people roles on the profiles the agency got: who, which role, on which network."""
    ada = _access(agency, brand.people["ada"], brand.now)
    with organization_open(agency.pk):
        for who, role, network in places:
            with organization_open(brand.organization.pk):
                grant = grants_of(partnership).get(content_object=brand.profiles[network])
            assign_profiles(
                actor=ada,
                partnership=partnership,
                people=[brand.people[who]],
                grants=[grant],
                role=_role(role),
                now=brand.now,
            )


def _plan_approvals(
    organization: Organization, people: dict[str, User], profiles: dict[str, SocialProfile], now: datetime
) -> None:
    """Two steps for posts on Mastodon: the brand's own people, then somebody outside together with the manager."""
    brand = PlannedStep(
        name="Brand",
        people=[people["paul"], people["marc"]],
        remind_after_hours=24,
        escalate_after_hours=48,
        escalate_to=people["olga"],
    )
    client = PlannedStep(
        name="Dealers' association",
        people=[people["marc"]],
        outsiders=[("Clara Costa", "clara@dealers.test")],
    )
    with organization_open(organization.pk):
        create_workflow(
            actor=_access(organization, people["olga"], now),
            organization=organization,
            plan=Plan(name="Brand and dealers", profiles=[profiles["mastodon"]], steps=[brand, client]),
            now=now,
        )
