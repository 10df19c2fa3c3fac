"""YouTube as Connect, ManyAccounts, Prepare, Publish, Comment, Edit, Choices, Measure and Presence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import httpx

from ..answers import text_of
from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    CommentRequest,
    Connectable,
    Content,
    Credentials,
    MetricPoint,
    NotSent,
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
from ..oauth import code_of, kept, new_state, new_verifier
from ..words import _
from . import client, reading_back, uploading
from .config import LABEL, NAME
from .errors import Call
from .features import FEATURES, content_problems, count_description, edit_problems
from .finishing import next_look, publication_of, unknown_extras
from .metadata import changed
from .oauth import Token, consent_url, fetch_token, must_manage, refresh_token, revoke_token

IDS_PER_REQUEST = 50
CHANNEL = _("Channel")
METRICS = {"views": "viewCount", "likes": "likeCount", "comments": "commentCount"}


class YouTubeAdapter:
    features = FEATURES

    def __init__(self, homes: tuple[Home, ...]) -> None:
        self._homes = Homes(label=LABEL, homes=homes)

    # --- Connect ---

    def register_app(
        self, *, http: httpx.Client, server: str, redirect_uri: str, clock: Clock = utc_now
    ) -> AppRegistration:
        """Return the operator's own registration: Google has no other."""
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
        state, verifier = new_state(), new_verifier()
        url = consent_url(
            self._homes.at(app.server).endpoints["consent"],
            client_id=app.client_id,
            redirect_uri=redirect_uri,
            state=state,
            verifier=verifier,
        )
        return AuthorizationStart(url=url, state=state, keep={"verifier": verifier})

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
        token = fetch_token(
            call,
            self._homes.at(app.server).endpoints["oauth"],
            app,
            code=code_of(callback),
            redirect_uri=redirect_uri,
            verifier=kept(keep, "verifier"),
        )
        credentials = _credentials(token, call)
        account = self.identify(http=http, clock=clock, server=app.server, credentials=credentials)
        return account, replace(credentials, grant=account.remote_id)

    def accounts(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Sequence[Connectable]:
        """Return the channels this consent is for. On Google's page a person chooses one of his channels."""
        return [
            Connectable(
                account=self._account(channel, app.server),
                credentials=replace(credentials, extra={"channel": channel.id}),
                kind=CHANNEL,
            )
            for channel in self._channels(self._call(http, clock, app.server, credentials))
        ]

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        call, oauth = self._call(http, clock, app.server), self._homes.at(app.server).endpoints["oauth"]
        token = refresh_token(call, oauth, app, token=credentials.refresh_token)
        return _credentials(token, call, before=credentials)

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        """End the consent, as Google asks of everyone who forgets a token. One token ends the other with it."""
        token = credentials.refresh_token or credentials.access_token
        if token:
            oauth = self._homes.at(app.server).endpoints["oauth"]
            revoke_token(self._call(http, clock, app.server), oauth, token=token)

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        """Return the channel these credentials were kept for, or the first of the consent."""
        channels = self._channels(self._call(http, clock, server, credentials))
        wanted = text_of(credentials.extra, "channel")
        return self._account(next((one for one in channels if one.id == wanted), channels[0]), server)

    # --- Choices ---

    def choices(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, option: str
    ) -> Sequence[tuple[str, str]]:
        """Return the channel's playlists."""
        if option != "playlist":
            return ()
        must_manage(credentials)
        return client.list_playlists(self._call(http, clock, account.server, credentials))

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        return count_description(content)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        return content_problems(content, self.count(content, limits))

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        return uploading.next_step(self._call(http, clock, request.account.server, credentials), request)

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        """Bring the last piece of the video. Repeating it is harmless while its session lives."""
        call = self._call(http, clock, request.account.server, credentials)
        try:
            video = uploading.finish(call, request)
        except NotSent:
            # The session is gone: before the video goes up anew, see whether an earlier attempt had come through.
            earlier = reading_back.find_upload(call, request) if request.sent_at else None
            if earlier is None:
                raise
            return self._published(earlier, request.account, unknown_extras(request))
        return Processing(poll_token=video.id, check_at=next_look(video, call.now))

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        call = self._call(http, clock, request.account.server, credentials)
        done = publication_of(call, request, poll_token)
        if isinstance(done, Processing):
            return done
        return self._published(done.video_id, request.account, done.shortfall)

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        call = self._call(http, clock, request.account.server, credentials)
        found = reading_back.find_video(call, request)
        return self._published(found, request.account, unknown_extras(request)) if found else None

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """Delete a video; one that is gone already is a success."""
        must_manage(credentials)
        try:
            client.delete_video(self._call(http, clock, account.server, credentials), remote_id)
        except Rejected as refused:
            if refused.reason is not RejectionReason.NOT_FOUND:
                raise

    def is_there(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> bool | None:
        """Say whether the channel has the video: it sees its private ones as well."""
        call = self._call(http, clock, account.server, credentials)
        return client.get_state(call, remote_id) is not None

    # --- Comment and Edit ---

    def comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published:
        must_manage(credentials)
        comment_id = client.create_comment(
            self._call(http, clock, request.account.server, credentials),
            channel_id=request.account.remote_id,
            video_id=request.remote_id,
            text=request.text,
        )
        return self._published_comment(comment_id, request)

    def find_comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published | None:
        must_manage(credentials)
        call = self._call(http, clock, request.account.server, credentials)
        found = reading_back.find_comment(call, request)
        return self._published_comment(found, request) if found else None

    def edit(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        remote_id: str,
    ) -> Published:
        """Change what is said of the video. What stands at YouTube beside it (captions, a license) stays."""
        must_manage(credentials)
        call = self._call(http, clock, request.account.server, credentials)
        before = client.get_video(call, remote_id)
        client.update_video(call, {"id": remote_id, **changed(before, request.content)})
        return self._published(remote_id, request.account)

    def edit_problems(self, before: Content, after: Content) -> Sequence[str]:
        return [*edit_problems(before, after), *self.problems(after)]

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
        """Return each video's numbers; a video that is gone, or hides a number, has values of None."""
        call = self._call(http, clock, account.server, credentials)
        wanted = list(remote_ids)
        points = []
        for first in range(0, len(wanted), IDS_PER_REQUEST):
            batch = wanted[first : first + IDS_PER_REQUEST]
            found = client.get_statistics(call, batch)
            points += [
                MetricPoint(
                    remote_id=video_id,
                    metric=metric,
                    value=_number(text_of(found.get(video_id), field)),
                    measured_at=call.now,
                )
                for video_id in batch
                for metric, field in METRICS.items()
            ]
        return points

    def _call(
        self, http: httpx.Client, clock: Clock, server: str, credentials: Credentials | None = None
    ) -> Call:
        token = credentials.access_token if credentials else ""
        return Call(http=http, api=self._homes.at(server).endpoints["api"], now=clock(), token=token)

    def _channels(self, call: Call) -> list[client.Channel]:
        channels = client.list_channels(call)
        if not channels:
            raise Rejected(
                RejectionReason.OTHER,
                _("This Google account has no YouTube channel. Make one at YouTube, then connect again."),
            )
        return channels

    def _account(self, channel: client.Channel, server: str) -> Account:
        home = self._homes.at(server)
        return Account(
            network=NAME,
            server=home.server,
            remote_id=channel.id,
            handle=channel.handle or channel.title,
            display_name=channel.title or channel.id,
            url=f"{home.endpoints['web']}/channel/{channel.id}",
            avatar_url=channel.picture,
        )

    def _published(self, video_id: str, account: Account, shortfall: str = "") -> Published:
        web = self._homes.at(account.server).endpoints["web"]
        return Published(remote_id=video_id, permalink=f"{web}/watch?v={video_id}", shortfall=shortfall)

    def _published_comment(self, comment_id: str, request: CommentRequest) -> Published:
        below = self._published(request.remote_id, request.account).permalink
        return Published(remote_id=comment_id, permalink=f"{below}&lc={comment_id}")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _credentials(token: Token, call: Call, *, before: Credentials | None = None) -> Credentials:
    lifetime = token.expires_in_seconds
    return Credentials(
        access_token=token.access_token,
        refresh_token=token.refresh_token or (before.refresh_token if before else ""),
        expires_at=call.now + timedelta(seconds=lifetime) if lifetime else None,
        scopes=token.scopes or (before.scopes if before else ()),
        grant=before.grant if before else "",
        extra=before.extra if before else {},
    )
