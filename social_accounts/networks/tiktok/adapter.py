"""TikTok as Connect, Choices, Prepare, Publish, Measure and Presence.

Not here, because TikTok has it not: pictures brought as bytes, comments, changing or deleting a video (``delete``
says so).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import httpx

from ..answers import number_of, text_of
from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    Content,
    Credentials,
    MetricPoint,
    OutcomeUnknown,
    Prepared,
    Preparing,
    Processing,
    Published,
    PublishRequest,
    Rejected,
    RejectionReason,
    ServerLimits,
    TextCount,
    utc_now,
)
from ..homes import Home, Homes
from ..oauth import code_of, new_state
from ..text import plain_form
from ..words import _
from . import client, uploading
from .config import LABEL, NAME
from .errors import Call, refusal
from .features import FEATURES, PRIVACY_WORDS, content_problems, count_tiktok, outgoing_text
from .oauth import LIST, PROFILE, Token, consent_url, fetch_token, refresh_token, revoke_token

CLOCK_DIFFERENCE_MAX = timedelta(minutes=2)
LOOK_AGAIN = timedelta(seconds=10)
# A public video has its id when TikTok has looked through it; it is out before that.
ID_AGAIN, ID_TRIES = timedelta(minutes=1), 3
PUBLIC = "PUBLIC_TO_EVERYONE"
METRICS = {
    "views": "view_count",
    "likes": "like_count",
    "comments": "comment_count",
    "shares": "share_count",
}


class TikTokAdapter:
    features = FEATURES

    def __init__(self, homes: tuple[Home, ...]) -> None:
        self._homes = Homes(label=LABEL, homes=homes)

    # --- Connect ---

    def register_app(
        self, *, http: httpx.Client, server: str, redirect_uri: str, clock: Clock = utc_now
    ) -> AppRegistration:
        """Return the operator's own registration: TikTok has no other."""
        return self._homes.registration_at(server)

    def start(
        self,
        *,
        http: httpx.Client,
        app: AppRegistration,
        redirect_uri: str,
        login_hint: str = "",
        clock: Clock = utc_now,
    ) -> AuthorizationStart:
        state = new_state()
        web = self._homes.at(app.server).endpoints["web"]
        url = consent_url(web, client_key=app.client_id, redirect_uri=redirect_uri, state=state)
        return AuthorizationStart(url=url, state=state, keep={})

    def finish(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        app: AppRegistration,
        redirect_uri: str,
        keep: Mapping[str, object],
        callback: Mapping[str, str],
    ) -> tuple[Account, Credentials]:
        call = self._call(http, clock, app.server)
        token = fetch_token(call, app, code=code_of(callback), redirect_uri=redirect_uri)
        credentials = _credentials(token, call)
        account = self.identify(http=http, clock=clock, server=app.server, credentials=credentials)
        return account, credentials

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        call = self._call(http, clock, app.server)
        return _credentials(
            refresh_token(call, app, token=credentials.refresh_token), call, before=credentials
        )

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        revoke_token(self._call(http, clock, app.server), app, token=credentials.access_token)

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        call = self._call(http, clock, server, credentials)
        user = client.get_user(call, with_name=PROFILE in credentials.scopes)
        home = self._homes.at(server)
        return Account(
            network=NAME,
            server=home.server,
            remote_id=user.id,
            handle=f"@{user.username}" if user.username else user.name or user.id,
            display_name=user.name or user.username or user.id,
            url=f"{home.endpoints['web']}/@{user.username}" if user.username else home.endpoints["web"],
            avatar_url=user.picture,
        )

    # --- Choices ---

    def choices(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, option: str
    ) -> Sequence[tuple[str, str]]:
        """Return the audiences TikTok offers this account, in its order."""
        if option != "privacy":
            return ()
        creator = client.get_creator(self._call(http, clock, account.server, credentials))
        return [(level, PRIVACY_WORDS.get(level, level)) for level in creator.privacy_levels]

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        return count_tiktok(content)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        return content_problems(content, self.count(content, limits))

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        return uploading.next_step(self._call(http, clock, request.account.server, credentials), request)

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        """Bring the last piece of the video: TikTok posts it by itself then. Repeating it is harmless."""
        call = self._call(http, clock, request.account.server, credentials)
        publish_id = uploading.finish(call, request)
        return Processing(poll_token=publish_id, check_at=call.now + LOOK_AGAIN)

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        """``poll_token`` is the publish id, and how often the id of the finished video was asked for."""
        call = self._call(http, clock, request.account.server, credentials)
        publish_id, _space, tries = poll_token.partition(" ")
        standing = client.get_standing(call, publish_id)
        if standing.status == client.FAILED:
            raise refusal(standing.failure, standing.failure, 200)
        if standing.status != client.COMPLETE:
            return Processing(poll_token=publish_id, check_at=call.now + LOOK_AGAIN)
        count = int(tries or 0) + 1
        is_public = request.content.options.get("privacy") == PUBLIC
        if is_public and not standing.post_ids and count < ID_TRIES:
            return Processing(poll_token=f"{publish_id} {count}", check_at=call.now + ID_AGAIN)
        return self._published(standing, publish_id, request.account)

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        """Ask by the publish id. Without one nothing was uploaded yet, and only the newest videos can say more."""
        call = self._call(http, clock, request.account.server, credentials)
        publish_id = text_of(request.prepared, "publish_id")
        if not publish_id:
            return self._found_among_videos(call, credentials, request)
        try:
            standing = client.get_standing(call, publish_id)
        except Rejected as refused:
            if refused.reason is not RejectionReason.NOT_FOUND:
                raise
            return self._found_among_videos(call, credentials, request)
        if standing.status == client.COMPLETE:
            return self._published(standing, publish_id, request.account)
        if uploading.is_missing(standing, uploading.video_of(request.content).size_bytes):
            return None
        raise OutcomeUnknown(_("TikTok has the video and is still working on it."))

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """TikTok's interface deletes nothing."""
        raise Rejected(
            RejectionReason.OTHER,
            _("TikTok lets no other application delete videos. Delete it in TikTok itself."),
        )

    def is_there(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> bool | None:
        """Say yes for a video TikTok shows to all. Of any other it does not tell whether it is private or gone."""
        if LIST not in credentials.scopes or not remote_id.isdecimal():
            return None
        call = self._call(http, clock, account.server, credentials)
        return True if remote_id in client.get_counts(call, [remote_id]) else None

    # --- Measure ---

    def measure(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        remote_ids: Iterable[str],
    ) -> list[MetricPoint]:
        """Return each video's numbers. Of one that is not public, or gone, TikTok tells none."""
        call = self._call(http, clock, account.server, credentials)
        wanted = list(remote_ids)
        known = [one for one in wanted if one.isdecimal()] if LIST in credentials.scopes else []
        found = {
            video_id: counts
            for first in range(0, len(known), client.LIST_MAX)
            for video_id, counts in client.get_counts(call, known[first : first + client.LIST_MAX]).items()
        }
        return [
            MetricPoint(
                remote_id=video_id,
                metric=metric,
                value=number_of(found.get(video_id), field),
                measured_at=call.now,
            )
            for video_id in wanted
            for metric, field in METRICS.items()
        ]

    def _call(
        self, http: httpx.Client, clock: Clock, server: str, credentials: Credentials | None = None
    ) -> Call:
        token = credentials.access_token if credentials else ""
        return Call(http=http, api=self._homes.at(server).endpoints["api"], now=clock(), token=token)

    def _found_among_videos(
        self, call: Call, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        if LIST not in credentials.scopes:
            return None
        since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
        found = client.list_videos(call)
        for video in found:
            is_in = (
                video.created_at is not None and since <= video.created_at <= call.now + CLOCK_DIFFERENCE_MAX
            )
            is_it = plain_form(video.text) == plain_form(outgoing_text(request.content))
            if is_in and is_it and video.id not in request.known_remote_ids:
                return self._at(video.id, request.account)
        oldest = found[-1].created_at if found else None
        if len(found) >= client.LIST_MAX and (oldest is None or oldest >= since):
            raise OutcomeUnknown(_("The account has posted too much since to find this post by itself."))
        return None

    def _published(self, standing: client.Standing, publish_id: str, account: Account) -> Published:
        """Return the video; of one that is not public TikTok names no address, so the account's own stands for it."""
        if standing.post_ids:
            return self._at(standing.post_ids[0], account)
        return Published(remote_id=publish_id, permalink=account.url)

    def _at(self, video_id: str, account: Account) -> Published:
        whose = account.url if "/@" in account.url else f"{account.url}/@"
        return Published(remote_id=video_id, permalink=f"{whose}/video/{video_id}")


def _credentials(token: Token, call: Call, *, before: Credentials | None = None) -> Credentials:
    lifetime = token.expires_in_seconds
    return Credentials(
        access_token=token.access_token,
        refresh_token=token.refresh_token or (before.refresh_token if before else ""),
        expires_at=call.now + timedelta(seconds=lifetime) if lifetime else None,
        scopes=token.scopes or (before.scopes if before else ()),
    )
