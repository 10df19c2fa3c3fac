"""Real worker and beat processes that are killed and started again, and a sandbox full of accounts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from devstack.fleet import Fleet
from devstack.test_servers import OwnServers
from orgs.models import Organization, Workspace
from publishing.delivery.requests import REPEAT
from publishing.models import Post, Publication, PublishAttempt, State
from sandbox.testing import SandboxServer
from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Credentials, SignInWithPassword
from social_accounts.vault import store_credentials
from tenancy.context import organization_open
from tests.cast import make_organization, make_person

# The production waits, sped up: seconds become fractions, their order stays.
FAST = {
    "CHORUS_CLAIM_AGE_SECONDS": "4",
    "CHORUS_SEND_WITHIN_SECONDS": "4",
    "CHORUS_ATTEMPT_AGE_SECONDS": "8",
    "CHORUS_NOT_SENT_FIRST_WAIT_SECONDS": "0.5",
    "CHORUS_NOT_SENT_WAIT_MAX_SECONDS": "3",
    "CHORUS_READ_BACK_WAITS_SECONDS": "1,2,3",
    "CHORUS_READ_BACK_FAILED_WAIT_SECONDS": "2",
    "CHORUS_READ_BACK_GIVE_UP_SECONDS": "60",
    "CHORUS_POLL_FIRST_WAIT_SECONDS": "1",
    "CHORUS_ASK_LEASE_SECONDS": "5",
    "CHORUS_SETTLE_WAIT_SECONDS": "0.5",
    "CHORUS_LOG_LEVEL": "WARNING",
}
THREADS = 6
AT_WORK = (State.SCHEDULED, State.PUBLISHING, State.PROCESSING)


@dataclass
class Factory:
    """Workers and beat against servers and a sandbox of the test's own."""

    servers: OwnServers
    sandbox: SandboxServer
    folder: Path
    fleet: Fleet = field(init=False)
    organization: Organization = field(init=False)

    def __post_init__(self) -> None:
        self.fleet = Fleet(self.environment(), self.folder, threads=THREADS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.fleet.kill()

    # --- people and posts ---

    def furnish(self, *, profiles: int, posts_each: int) -> None:
        """Make an organization whose owner vouches for posts that are due now, each with a text of its own."""
        owner = make_person("Olga Owner")
        self.organization = make_organization("acme", "Acme", owner)
        with organization_open(self.organization.pk):
            workspace = Workspace.objects.get(slug="main")
            for number in range(profiles):
                profile = self._connected_profile(number, workspace)
                self._write(owner, workspace, profile, posts_each)

    def _connected_profile(self, number: int, workspace: Workspace) -> SocialProfile:
        network = "bluesky" if number % 4 == 3 else "mastodon"
        adapter, http, clock = connections.adapter(network), connections.http(), connections.clock
        if network == "mastodon":
            made = self.sandbox.create_account("mastodon", f"news{number}")
            credentials = Credentials(access_token=made["access_token"])
            account = adapter.identify(
                http=http, clock=clock, server=self.sandbox.mastodon_origin, credentials=credentials
            )
        else:
            made = self.sandbox.create_account("bluesky", f"news{number}.test")
            assert isinstance(adapter, SignInWithPassword)
            account, credentials = adapter.sign_in(
                http=http,
                clock=clock,
                server=self.sandbox.bluesky_origin,
                identifier=made["handle"],
                password=made["app_password"],
            )
        profile = SocialProfile.objects.create(
            slug=f"news-{number}",
            network=network,
            workspace=workspace,
            server=account.server,
            remote_id=account.remote_id,
            handle=account.handle,
            name=account.display_name or account.handle,
            url=account.url,
            status=SocialProfile.Status.CONNECTED,
        )
        store_credentials(profile, credentials)
        return profile

    def _write(self, owner: User, workspace: Workspace, profile: SocialProfile, count: int) -> None:
        due = timezone.now() - timedelta(seconds=1)
        for number in range(count):
            post = Post.objects.create(
                workspace=workspace, author=owner, text=f"{profile.slug} says thing number {number}."
            )
            Publication.objects.create(
                post=post,
                profile=profile,
                state=State.SCHEDULED,
                due_at=due,
                vouched_by=owner,
                sealed_digest=post.content_digest(profile.network),
            )

    # --- processes ---

    def environment(self) -> dict[str, str]:
        return self.servers.environment(
            CHORUS_SANDBOX_MASTODON_URL=self.sandbox.mastodon_origin,
            CHORUS_SANDBOX_BLUESKY_URL=self.sandbox.bluesky_origin,
            CHORUS_EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
            DJANGO_SETTINGS_MODULE="config.settings",
            PYTHONWARNINGS="ignore",
            **FAST,
        )

    @property
    def kills(self) -> int:
        return self.fleet.kills

    def start(self, *, workers: int) -> None:
        self.fleet.count = workers
        self.fleet.start()

    def kill_a_worker(self) -> None:
        self.fleet.kill_a_worker()

    def restart_database(self, *, crash: bool) -> None:
        self.servers.restart_postgres(crash=crash)
        connection.close()  # ours was cut as well

    # --- looking ---

    def rows(self) -> list[Publication]:
        with organization_open(self.organization.pk):
            return list(Publication.objects.select_related("post", "profile").order_by("pk"))

    def unfinished(self) -> int:
        """Return how many still go on by themselves."""
        return sum(
            row.state in AT_WORK or (row.state == State.UNCONFIRMED and not row.needs_answer)
            for row in self.rows()
        )

    def posted(self) -> int:
        return len(self.sandbox.posts())

    def wait_for(self, is_done: Callable[[], bool], *, seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not is_done():
            assert time.monotonic() < deadline, f"{what}: {self.summary()}\n{self.fleet.last_words()}"
            self.fleet.keep_alive()
            time.sleep(0.3)

    def finish(self, *, seconds: float) -> None:
        self.wait_for(lambda: self.unfinished() == 0, seconds=seconds, what="not finished")

    def summary(self) -> dict[str, Any]:
        with organization_open(self.organization.pk):
            repeated = PublishAttempt.objects.filter(kind=REPEAT).count()
        states = Counter(row.state for row in self.rows())
        return {**states, "repeated": repeated, "posts": self.posted(), "kills": self.kills}

    # --- the promise ---

    def check_promise(self) -> dict[str, Any]:
        """Assert: never twice, never silently lost, and every row tells the truth."""
        posts = self.sandbox.posts()
        texts = Counter(post["text"] for post in posts)
        assert max(texts.values(), default=0) <= 1, [text for text, count in texts.items() if count > 1]
        again = [post for post in posts if post["received_count"] != 1]
        assert not again, f"sent more than once: {again}"
        rows = self.rows()
        assert set(texts) <= {row.post.text for row in rows}
        by_text = {post["text"]: post for post in posts}
        for row in rows:
            post = by_text.get(row.post.text)
            match row.state:
                case State.PUBLISHED:
                    assert post is not None, f"{row} says published, and nothing is there"
                    assert post["id"] in row.remote_id, (post["id"], row.remote_id)
                    assert row.permalink
                case State.UNCONFIRMED:
                    assert row.needs_answer
                case State.REJECTED:
                    assert post is None, f"{row} says refused, and it is there"
                case _:
                    raise AssertionError(f"{row} ended as {row.state}")
        print(self.summary())
        return self.summary()


def lead_to_sandbox(sandbox: SandboxServer, chosen: Any = settings) -> None:
    """Point this process's adapters to the sandbox."""
    chosen.SANDBOX_MASTODON_URL = sandbox.mastodon_origin
    chosen.SANDBOX_BLUESKY_URL = sandbox.bluesky_origin
    chosen.BLUESKY_ENTRY_URL = chosen.BLUESKY_PLC_URL = sandbox.bluesky_origin
    chosen.TRUSTED_NETWORK_ORIGINS = [sandbox.mastodon_origin, sandbox.bluesky_origin]
