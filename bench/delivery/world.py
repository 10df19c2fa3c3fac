"""What a trial begins with: organizations, profiles connected to the sandbox, posts whose time has not come yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from bench.delivery.trials import DROPPED_AFTER, DROPPED_BEFORE, Size, Trial
from orgs.models import Organization, Workspace
from orgs.services.organizations import found_organization
from publishing.models import Post, Publication, State
from sandbox.testing import SandboxServer
from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Credentials
from social_accounts.vault import store_credentials
from tenancy.context import organization_open, unscoped

NETWORK: Final = "mastodon"
PUBLISHING_CALL: Final = "POST /api/v1/statuses"
DESCRIBING_CALL: Final = "GET /api/v2/instance"
FAR: Final = datetime(2100, 1, 1, tzinfo=UTC)
REQUESTS_PER_ACCOUNT: Final = 100_000
FAULT_SEED: Final = 49  # both systems meet the same faults


@dataclass(frozen=True)
class Account:
    """One account at the sandbox, and what signs in to it."""

    handle: str
    token: str
    texts: tuple[str, ...]


def accounts_with_texts(sandbox: SandboxServer, size: Size) -> list[Account]:
    """Make the accounts at the sandbox; every text is said once, by one of them."""
    sandbox.limit(NETWORK, REQUESTS_PER_ACCOUNT)
    each = size.posts // size.profiles
    found = []
    for number in range(size.profiles):
        handle = f"news{number}"
        made = sandbox.create_account(NETWORK, handle)
        texts = tuple(f"{handle} says thing number {post}." for post in range(each))
        found.append(Account(handle, made["access_token"], texts))
    return found


def make_trouble(sandbox: SandboxServer, trial: Trial) -> None:
    """Let the sandbox take its time, and drop some answers: most after it took the post, some before."""
    for after in (False, True):
        half = round(trial.answer_seconds * 500)
        sandbox.fault(kind="slow", network=NETWORK, endpoint="*", delay_ms=half, times=0, after=after)
    if not trial.has_keys:  # a server that does not say that it is Mastodon is not believed to keep keys
        sandbox.fault(kind="status", status=404, endpoint=DESCRIBING_CALL, times=0)
    if trial.has_faults:
        for number, (after, share) in enumerate(((True, DROPPED_AFTER), (False, DROPPED_BEFORE))):
            sandbox.fault(
                kind="drop",
                endpoint=PUBLISHING_CALL,
                after=after,
                probability=share,
                seed=FAULT_SEED + number,
                times=0,
            )


def furnish(sandbox: SandboxServer, accounts: list[Account], size: Size) -> None:
    """Write organizations whose owners vouch for the posts of their profiles; nothing of it is due yet."""
    settings.SANDBOX_MASTODON_URL = sandbox.mastodon_origin
    settings.TRUSTED_NETWORK_ORIGINS = [sandbox.mastodon_origin]
    for number in range(size.organizations):
        owner = User.objects.create_user(email=f"owner{number}@bench.test", name=f"Owner {number}")
        organization = found_organization(
            user=owner,
            name=f"Bench {number}",
            slug=f"bench-{number}",
            time_zone="UTC",
            packs=["standard"],
            now=timezone.now(),
        )
        _write(organization, owner, sandbox.mastodon_origin, accounts[number :: size.organizations])


def _write(organization: Organization, owner: User, server: str, accounts: list[Account]) -> None:
    with organization_open(organization.pk):
        workspace = Workspace.objects.get(slug="main")
        for account in accounts:
            profile = _connected(account, server, workspace)
            posts = Post.objects.bulk_create(
                Post(workspace=workspace, author=owner, text=text) for text in account.texts
            )
            Publication.objects.bulk_create(_scheduled(posts, profile, owner))


def _connected(account: Account, server: str, workspace: Workspace) -> SocialProfile:
    credentials = Credentials(access_token=account.token)
    found = connections.adapter(NETWORK).identify(
        http=connections.http(), clock=connections.clock, server=server, credentials=credentials
    )
    profile = SocialProfile.objects.create(
        slug=account.handle,
        network=NETWORK,
        workspace=workspace,
        server=server,
        remote_id=found.remote_id,
        handle=found.handle,
        name=found.display_name,
        url=found.url,
        status=SocialProfile.Status.CONNECTED,
    )
    store_credentials(profile, credentials)
    return profile


def _scheduled(posts: list[Post], profile: SocialProfile, owner: User) -> Iterator[Publication]:
    for post in posts:
        yield Publication(
            post=post,
            profile=profile,
            state=State.SCHEDULED,
            due_at=FAR,
            vouched_by=owner,
            sealed_digest=post.content_digest(NETWORK),
        )


def let_all_be_due(at: datetime) -> None:
    """Set the one minute for every post."""
    with unscoped():  # the bench's posts of all organizations, in one statement
        Publication.objects.filter(state=State.SCHEDULED).update(due_at=at)
