"""X as Connect, Prepare, Publish, Comment and Measure. It lets only its paying accounts edit, so Chorus does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

import httpx

from ..answers import number_of
from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    CommentRequest,
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
from ..oauth import code_of, consent_url, kept, new_state, new_verifier
from ..text import plain_form
from ..words import _
from . import client
from .config import LABEL, NAME
from .counting import count_x
from .errors import Call
from .features import FEATURES, YES, content_problems, outgoing_text, price_notes
from .oauth import SCOPES, Token, fetch_token, refresh_token, revoke_token
from .uploading import next_step, uploaded_ids

CLOCK_DIFFERENCE_MAX = timedelta(minutes=2)
READ_BACK_MAX = 20  # each post read is billed
IDS_PER_REQUEST = 100
METRICS = {
    "impressions": "impression_count",
    "likes": "like_count",
    "comments": "reply_count",
    "shares": "retweet_count",
    "quotes": "quote_count",
    "saves": "bookmark_count",
}


class XAdapter:
    features = FEATURES

    def __init__(self, homes: tuple[Home, ...]) -> None:
        self._homes = Homes(label=LABEL, homes=homes)

    # --- Connect ---

    def register_app(
        self, *, http: httpx.Client, server: str, redirect_uri: str, clock: Clock = utc_now
    ) -> AppRegistration:
        """Return the operator's own registration: X has no other."""
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
            self._homes.at(app.server).endpoints["web"] + "/i/oauth2/authorize",
            client_id=app.client_id,
            redirect_uri=redirect_uri,
            scope=" ".join(SCOPES),
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
            call, app, code=code_of(callback), redirect_uri=redirect_uri, verifier=kept(keep, "verifier")
        )
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
        call = self._call(http, clock, app.server)
        for token in (credentials.refresh_token, credentials.access_token):
            if token:
                revoke_token(call, app, token=token)

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        found = client.get_me(self._call(http, clock, server, credentials))
        home = self._homes.at(server)
        return Account(
            network=NAME,
            server=home.server,
            remote_id=found.id,
            handle=f"@{found.username}",
            display_name=found.name or found.username,
            url=f"{home.endpoints['web']}/{found.username}",
            avatar_url=found.picture,
        )

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        return count_x(outgoing_text(content), limit=FEATURES.text_limit)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        return content_problems(content, self.count(content, limits))

    def notes(self, content: Content) -> Sequence[str]:
        return price_notes(content)

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        return next_step(self._call(http, clock, request.account.server, credentials), request)

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        call = self._call(http, clock, request.account.server, credentials)
        options = request.content.options
        post_id = client.create_post(
            call,
            text=outgoing_text(request.content),
            media_ids=uploaded_ids(request.prepared, call.now),
            reply_settings=options.get("reply_settings", ""),
            made_with_ai=options.get("made_with_ai") == YES,
            paid=options.get("paid_partnership") == YES,
        )
        return self._published(post_id, request.account)

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        """X answers a post at once, so there is nothing to poll."""
        raise OutcomeUnknown(_("%(host)s was asked about a post it never took into work.", host="X"))

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        call = self._call(http, clock, request.account.server, credentials)
        return self._find(call, request, lambda post: _is_the_post(post, request))

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """Delete a post; one that is gone already is a success."""
        try:
            client.delete_post(self._call(http, clock, account.server, credentials), remote_id)
        except Rejected as refused:
            if refused.reason is not RejectionReason.NOT_FOUND:
                raise

    # --- Comment ---

    def comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published:
        call = self._call(http, clock, request.account.server, credentials)
        post_id = client.create_post(call, text=request.text, reply_to=request.remote_id)
        return self._published(post_id, request.account)

    def find_comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published | None:
        call = self._call(http, clock, request.account.server, credentials)
        wanted = plain_form(request.text)
        return self._find(
            call,
            request,
            lambda post: post.conversation_id == request.remote_id and plain_form(post.text) == wanted,
        )

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
        """Return each post's public numbers; a post that is gone has values of None."""
        call = self._call(http, clock, account.server, credentials)
        wanted = list(remote_ids)
        points = []
        for first in range(0, len(wanted), IDS_PER_REQUEST):
            batch = wanted[first : first + IDS_PER_REQUEST]
            counts = client.get_metrics(call, batch)
            points += [
                MetricPoint(
                    remote_id=post_id,
                    metric=metric,
                    value=number_of(counts.get(post_id), field),
                    measured_at=call.now,
                )
                for post_id in batch
                for metric, field in METRICS.items()
            ]
        return points

    def is_there(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> bool | None:
        call = self._call(http, clock, account.server, credentials)
        return remote_id in client.get_metrics(call, [remote_id])

    def _find(
        self,
        call: Call,
        request: PublishRequest | CommentRequest,
        is_it: Callable[[client.RemotePost], bool],
    ) -> Published | None:
        """Return what the request left among the newest posts. Raises OutcomeUnknown when they are too many."""
        since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
        found = client.list_posts(call, request.account.remote_id, since=since, limit=READ_BACK_MAX)
        for post in found:
            if post.id not in request.known_remote_ids and is_it(post):
                return self._published(post.id, request.account)
        if len(found) >= READ_BACK_MAX:
            raise OutcomeUnknown(_("The account has posted too much since to find this post by itself."))
        return None

    def _call(
        self, http: httpx.Client, clock: Clock, server: str, credentials: Credentials | None = None
    ) -> Call:
        token = credentials.access_token if credentials else ""
        return Call(http=http, api=self._homes.at(server).endpoints["api"], now=clock(), token=token)

    def _published(self, post_id: str, account: Account) -> Published:
        web = self._homes.at(account.server).endpoints["web"]
        permalink = f"{web}/{account.handle.lstrip('@')}/status/{post_id}"
        return Published(remote_id=post_id, permalink=permalink)


def _credentials(token: Token, call: Call, *, before: Credentials | None = None) -> Credentials:
    lifetime = token.expires_in_seconds
    return Credentials(
        access_token=token.access_token,
        refresh_token=token.refresh_token or (before.refresh_token if before else ""),
        expires_at=call.now + timedelta(seconds=lifetime) if lifetime else None,
        scopes=token.scopes or (before.scopes if before else ()),
    )


def _is_the_post(post: client.RemotePost, request: PublishRequest) -> bool:
    is_same_text = plain_form(post.text) == plain_form(outgoing_text(request.content))
    is_reply = post.conversation_id not in ("", post.id)
    return is_same_text and not is_reply and post.media_count == len(request.content.media)
