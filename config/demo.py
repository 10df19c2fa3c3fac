"""The demo: a brand with its people and its agency, profiles on the sandbox networks, and posts in every state.

Everything is made through the services a person's click would call. Loading it again changes nothing.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import httpx
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from accounts.models import User
from config.demo_pins import load_pins
from config.demo_planning import load_planning
from orgs.models import Membership, Organization, OrganizationUserGrant, Workspace
from orgs.services.members import grant_profile_roles
from orgs.services.organizations import found_organization
from orgs.services.partner_people import assign_profiles
from orgs.services.partnerships import Share, grants_of
from orgs.services.proposals import accept_partnership, invite_partner
from orgs.services.teams import add_to_team, create_team, put_profile_in_team
from permissions.catalogue import Scope
from permissions.checker import Access, load_access
from permissions.roles import builtin_role
from publishing.models import Post
from publishing.services.comments import write_comment
from publishing.services.media import add_media
from publishing.services.posts import Draft, create_post
from publishing.services.scheduling import schedule_post
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


def load_demo(now: datetime) -> bool:
    """Load the demo unless it is there; return whether it was loaded now."""
    if Organization.objects.filter(slug=SLUG).exists():
        return False
    people = {character.email.split("@")[0]: _person(character) for character in (*CAST, *AGENCY)}
    olga = people["olga"]
    organization = found_organization(
        user=olga, name="Northwind Bikes", slug=SLUG, time_zone=ZONE, packs=["standard"], now=now
    )
    for character in CAST[1:]:
        _join(organization, people[character.email.split("@")[0]], character, olga, now)
    profiles = _connect_sandbox(organization, olga, now)
    agency = _found_agency(people, now)
    if profiles:
        _share_out(organization, people, profiles, now)
        _share_with_agency(organization, agency, people, profiles, now)
        _plan_approvals(organization, people, profiles, now)
        _write_posts(organization, people, profiles, now)
        _talk_about_color(organization, people, now)
        load_pins(
            organization=organization,
            author=people["marc"],
            profile=profiles["pinterest"],
            picture=_bridge_at_dawn(),
            access_of=lambda person: _access(organization, person, now),
            now=now,
        )
        load_planning(
            organization=organization,
            people=people,
            profile=profiles["mastodon"],
            access_of=lambda person: _access(organization, person, now),
            now=now,
        )
    return True


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


def _access(organization: Organization, person: User, now: datetime) -> Access:
    with organization_open(organization.pk):
        return load_access(user=person, organization_id=organization.pk, at=now)


def _sandbox_account(network: str, handle: str) -> dict[str, str]:
    answer = httpx.post(
        f"{settings.SANDBOX_MASTODON_URL}/_control/accounts",
        json={"network": network, "handle": handle, "display_name": "Northwind Bikes"},
        timeout=10,
    )
    answer.raise_for_status()
    account: dict[str, str] = answer.json()
    return account


def _connect_sandbox(organization: Organization, owner: User, now: datetime) -> dict[str, SocialProfile]:
    if not (settings.SANDBOX_MASTODON_URL and settings.SANDBOX_BLUESKY_URL):
        return {}
    actor = _access(organization, owner, now)
    with organization_open(organization.pk):
        workspace = Workspace.objects.get()
    bluesky_account = _sandbox_account("bluesky", "northwind.test")
    bluesky = connect_with_password(
        actor=actor,
        destination=Destination(
            network="bluesky", typed_server=settings.SANDBOX_BLUESKY_URL, workspace_id=workspace.pk
        ),
        identifier=bluesky_account["handle"],
        password=bluesky_account["app_password"],
        now=now,
    )
    with organization_open(organization.pk):
        by_token = {
            network: _connect_with_token(network, workspace, owner, now)
            for network in ("mastodon", "youtube", "instagram", "threads", "pinterest")
        }
    return {"bluesky": bluesky, **by_token}


def _connect_with_token(network: str, workspace: Workspace, owner: User, now: datetime) -> SocialProfile:
    """Connect with a token the sandbox hands out, as if the owner had been to its consent page."""
    made = _sandbox_account(network, "northwind")
    credentials = Credentials(
        access_token=made["access_token"],
        refresh_token=made.get("refresh_token", ""),
        scopes=YOUTUBE_SCOPES if network == "youtube" else (),
    )
    server = sandbox_url(network) or settings.SANDBOX_MASTODON_URL
    account = adapter(network).identify(http=http(), clock=clock, server=server, credentials=credentials)
    profile = SocialProfile.objects.create(
        workspace=workspace,
        slug=f"northwind-{network}",
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


def _found_agency(people: dict[str, User], now: datetime) -> Organization:
    agency = found_organization(
        user=people["ada"],
        name="Harbor Studio",
        slug=AGENCY_SLUG,
        time_zone=ZONE,
        packs=["standard"],
        now=now,
    )
    _join(agency, people["beto"], AGENCY[1], people["ada"], now)
    return agency


def _share_with_agency(
    organization: Organization,
    agency: Organization,
    people: dict[str, User],
    profiles: dict[str, SocialProfile],
    now: datetime,
) -> None:
    """Olga invites the agency; Ada accepts, takes both profiles herself and gives one to Beto."""
    editor, moderator = (builtin_role(f"standard:{slug}", Scope.PROFILE) for slug in ("editor", "moderator"))
    shares = [Share(editor, profiles["mastodon"]), Share(moderator, profiles["bluesky"])]
    with organization_open(organization.pk):
        partnership = invite_partner(
            actor=_access(organization, people["olga"], now),
            organization=organization,
            public_id=agency.public_id,
            shares=shares,
            message="The winter campaign, until March.",
            now=now,
        )
    ada = _access(agency, people["ada"], now)
    with organization_open(agency.pk):
        accept_partnership(actor=ada, partnership=partnership, shares=shares, now=now)
        for who, role, profile in (
            ("ada", editor, profiles["mastodon"]),
            ("ada", moderator, profiles["bluesky"]),
            ("beto", moderator, profiles["mastodon"]),
        ):
            with organization_open(organization.pk):
                grant = grants_of(partnership).get(content_object=profile)
            assign_profiles(
                actor=ada, partnership=partnership, people=[people[who]], grants=[grant], role=role, now=now
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


def _talk_about_color(organization: Organization, people: dict[str, User], now: datetime) -> None:
    """A word in the team about the post that waits for approval."""
    with organization_open(organization.pk):
        post = Post.objects.get(text__startswith="New color: Fjord")
        write_comment(
            actor=_access(organization, people["mina"], now),
            post=post,
            text="@Paul Reis is Thursday still right, or do the shops need a day more?",
            now=now,
        )


def _write_posts(
    organization: Organization, people: dict[str, User], profiles: dict[str, SocialProfile], now: datetime
) -> None:
    """A few posts: out now, scheduled over the next days, waiting for approval, and a draft."""
    both, mastodon = [profiles["mastodon"], profiles["bluesky"]], [profiles["mastodon"]]
    at_meta = [profiles["instagram"], profiles["threads"]]
    texts = [
        (
            "paul",
            both,
            "Riding to work all winter? Seven small fixes keep you dry. https://northwind.test/winter",
            0,
        ),
        ("paul", mastodon, "Meet Lina, who welds every one of our frames. #BehindTheWeld", 1),
        (
            "marc",
            both,
            "Repair café in Lisbon this Saturday: bring your bike, we bring the tools. #BikeToWork",
            2,
        ),
        ("paul", both, "Why belt drives win: no oil, no rust, no noise. https://northwind.test/belt", 4),
        ("marc", mastodon, "Ride-to-work month in numbers: 412 riders, 18,000 km, one lost glove.", 6),
        ("mina", mastodon, "New color: Fjord. In the shops from Thursday.", 3),
        ("marc", at_meta, "Sunrise on the river bridge. Who else was out this early? #RideToWork", 0),
        ("ada", [profiles["bluesky"]], "Three routes along the river, none with a hill worth the name.", 5),
    ]
    for who, where, text, days in texts:
        with_picture = days in {0, 3}
        post = _write(organization, people[who], where, text, now, with_picture=with_picture)
        due_at = now if days == 0 else _at_nine(now, days)
        with organization_open(organization.pk):
            due = {publication.pk: due_at for publication in post.publications.all()}
            schedule_post(
                actor=_access(organization, people[who], now),
                post=post,
                due=due,
                now=now,
                note="For Thursday?",
            )
    _write(organization, people["paul"], mastodon, "Cargo trailer teaser: what would you carry?", now)


def _write(
    organization: Organization,
    author: User,
    profiles: list[SocialProfile],
    text: str,
    now: datetime,
    with_picture: bool = False,
) -> Post:
    actor = _access(organization, author, now)
    with organization_open(organization.pk):
        media = []
        if with_picture:
            picture = add_media(actor=actor, upload=_bridge_at_dawn(), now=now)
            media.append((picture.pk, "Two people cycle over a bridge while the sun rises behind them"))
        return create_post(
            actor=actor,
            workspace=profiles[0].workspace,
            profiles=profiles,
            draft=Draft(text=text, language="en", media=media),
            now=now,
        )


def _at_nine(now: datetime, days: int) -> datetime:
    local = now.astimezone(ZoneInfo(ZONE)) + timedelta(days=days)
    return local.replace(hour=9, minute=15, second=0, microsecond=0)


def _bridge_at_dawn() -> SimpleUploadedFile:
    """Draw a picture, so that no photograph has to be shipped."""
    width, height = 1200, 675
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for row in range(height):
        share = row / height
        draw.line(
            [(0, row), (width, row)], fill=(int(38 + 180 * share), int(40 + 90 * share), int(90 + 40 * share))
        )
    draw.ellipse((820, 330, 980, 490), fill=(255, 214, 170))
    draw.rectangle((0, 520, width, 545), fill=(20, 20, 34))
    for left in range(-100, width, 400):
        draw.arc((left, 380, left + 400, 680), 180, 360, fill=(20, 20, 34), width=8)
    for middle in (360, 520):
        for wheel in (middle - 34, middle + 34):
            draw.ellipse((wheel - 24, 472, wheel + 24, 520), outline=(12, 12, 24), width=6)
        draw.line([(middle - 34, 496), (middle, 460), (middle + 34, 496)], fill=(12, 12, 24), width=6)
        draw.ellipse((middle - 12, 404, middle + 12, 428), fill=(12, 12, 24))
        draw.line([(middle, 428), (middle - 6, 462)], fill=(12, 12, 24), width=10)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=88)
    return SimpleUploadedFile("bridge-at-dawn.jpg", file.getvalue(), "image/jpeg")
