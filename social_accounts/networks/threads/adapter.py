"""Threads as Connect, Prepare, Publish, Comment and Measure. One login opens one account.

A post of text alone is begun and published in one go; one with files waits for them first, as on Instagram. Threads
publishes a container once, takes the same words twice, and lets nobody change a post that is out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri

from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    CommentRequest,
    Content,
    Credentials,
    MetricPoint,
    NetworkError,
    NotSent,
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
from ..meta.containers import CHECK_AGAIN, FINISHED, IN_PROGRESS, PUBLISHED, WORDS_MAX, container_of
from ..meta.graph import Call, NotReady
from ..oauth import code_of, new_state
from ..text import plain_form
from ..words import _
from . import client
from .config import LABEL, NAME
from .errors import DIALECT
from .features import FEATURES, SCOPES, content_problems, count_text
from .preparing import ThreadsPreparation, check_quota, text_fields

CLOCK_DIFFERENCE_MAX = timedelta(minutes=2)
READ_BACK_MAX = 50
TEXT_POST, CAROUSEL = "TEXT_POST", "CAROUSEL_ALBUM"


class ThreadsAdapter:
    features = FEATURES

    def __init__(self, homes: tuple[Home, ...]) -> None:
        self._homes = Homes(label=LABEL, homes=homes)

    # --- Connect ---

    def register_app(
        self, *, http: httpx.Client, server: str, redirect_uri: str, clock: Clock = utc_now
    ) -> AppRegistration:
        """Return the operator's own registration."""
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
        """Threads knows no PKCE: the state and the app's secret guard it."""
        state = new_state()
        url = prepare_grant_uri(
            self._homes.at(app.server).endpoints["authorize"],
            client_id=app.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=",".join(SCOPES),
            state=state,
        )
        return AuthorizationStart(url=str(url), state=state, keep={})

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
        code = code_of(callback).removesuffix("#_")  # Meta hangs this on
        tokens = self._call(http, clock, app.server, part="tokens")
        short = client.fetch_token(tokens, app, code=code, redirect_uri=redirect_uri)
        long = client.fetch_long_token(self._call(http, clock, app.server, short.value, part="tokens"), app)
        credentials = self._credentials(long, clock)
        account = self.identify(http=http, clock=clock, server=app.server, credentials=credentials)
        return account, credentials

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        """Make the token last another sixty days; Threads does so from its second day on."""
        call = self._call(http, clock, app.server, credentials.access_token, part="tokens")
        return self._credentials(client.refresh_token(call), clock)

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        """Threads has no way to give a token back: it ends by itself, or when the person removes the application."""

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        home = self._homes.at(server)
        found = client.get_account(self._call(http, clock, server, credentials.access_token))
        return Account(
            network=NAME,
            server=home.server,
            remote_id=found.id,
            handle=f"@{found.username}",
            display_name=found.name or found.username,
            url=f"{home.endpoints['web']}/@{found.username}",
            avatar_url=found.picture,
        )

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        return count_text(content)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        return content_problems(content, self.count(content, limits))

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        server = request.account.server
        return ThreadsPreparation(
            call=self._call(http, clock, server, credentials.access_token),
            request=request,
            needs_https=server.startswith("https://"),
        ).step()

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        container = container_of(request)
        if not container:
            if request.content.media:
                raise NotSent(_("The files are not at %(network)s yet.", network=LABEL))
            container = self._begin_text(call, request)
        elif request.sent_at is not None and client.get_status(call, container).code == PUBLISHED:
            return self._look_for_what_is_out(call, request)
        return self._publish(call, request.account, container)

    def _begin_text(self, call: Call, request: PublishRequest) -> str:
        user_id = request.account.remote_id
        check_quota(call, user_id)
        fields = {"media_type": "TEXT", **text_fields(request.content)}
        return client.create_container(call, user_id, fields)

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        """Look at the container and publish it once it is ready. ``poll_token`` is its id."""
        call = self._call(http, clock, request.account.server, credentials.access_token)
        status = client.get_status(call, poll_token)
        if status.code == PUBLISHED:
            return self._look_for_what_is_out(call, request)
        if status.code == IN_PROGRESS:
            return Processing(poll_token=poll_token, check_at=call.now + CHECK_AGAIN)
        if status.code == FINISHED:
            return self._publish(call, request.account, poll_token)
        raise Rejected(
            RejectionReason.MEDIA_INVALID,
            status.words[:WORDS_MAX] or _("%(network)s could not use the files.", network=LABEL),
        )

    def _publish(self, call: Call, account: Account, container: str) -> Published | Processing:
        try:
            post_id = client.publish_container(call, account.remote_id, container)
        except NotReady:
            return Processing(poll_token=container, check_at=call.now + CHECK_AGAIN)
        return Published(remote_id=post_id, permalink=self._permalink(call, post_id))

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        """Ask the container first, where there is one: it knows for certain whether it went out."""
        call = self._call(http, clock, request.account.server, credentials.access_token)
        container = container_of(request)
        code = client.get_status(call, container).code if container else ""
        if code in (FINISHED, IN_PROGRESS):
            return None
        if code == PUBLISHED:
            return self._look_for_what_is_out(call, request)
        return self._find(call, request)

    def _look_for_what_is_out(self, call: Call, request: PublishRequest) -> Published:
        found = self._find(call, request)
        if found is None:
            raise NotSent(_("%(network)s says that it is out, but does not list it yet.", network=LABEL))
        return found

    def _find(self, call: Call, request: PublishRequest) -> Published | None:
        since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
        found = client.list_posts(call, request.account.remote_id, since=since, limit=READ_BACK_MAX)
        for post in found:
            if post.id not in request.known_remote_ids and _is_the_post(post, request.content):
                return Published(remote_id=post.id, permalink=post.permalink)
        if len(found) >= READ_BACK_MAX:
            raise OutcomeUnknown(_("The account has posted too much since to find this post by itself."))
        return None

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        call = self._call(http, clock, account.server, credentials.access_token)
        try:
            client.delete_post(call, remote_id)
        except Rejected as refused:
            if refused.reason is not RejectionReason.NOT_FOUND:
                raise

    def is_there(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> bool | None:
        call = self._call(http, clock, account.server, credentials.access_token)
        try:
            client.get_permalink(call, remote_id)
        except Rejected as refused:
            if refused.reason is RejectionReason.NOT_FOUND:
                return False
            raise
        return True

    # --- Comment ---

    def comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published:
        """Reply to the post: a container and its publishing, like a post. Text is ready at once."""
        call = self._call(http, clock, request.account.server, credentials.access_token)
        fields = {"media_type": "TEXT", "text": request.text, "reply_to_id": request.remote_id}
        container = client.create_container(call, request.account.remote_id, fields)
        reply_id = client.publish_container(call, request.account.remote_id, container)
        return Published(remote_id=reply_id, permalink=self._permalink(call, reply_id))

    def find_comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published | None:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
        user_id = request.account.remote_id
        found = client.list_posts(call, user_id, since=since, limit=READ_BACK_MAX, replies=True)
        for reply in found:
            is_new = reply.id not in request.known_remote_ids
            is_below = reply.replied_to in ("", request.remote_id)  # empty: Threads did not say
            if is_new and is_below and plain_form(reply.text) == plain_form(request.text):
                return Published(remote_id=reply.id, permalink=reply.permalink)
        if len(found) >= READ_BACK_MAX:
            raise OutcomeUnknown(_("The account has replied too much since to find this reply by itself."))
        return None

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
        """Return views, likes, replies, shares and quotes of each post; one that is gone has values of None."""
        call = self._call(http, clock, account.server, credentials.access_token)
        points = []
        for remote_id in remote_ids:
            try:
                told = client.get_insights(call, remote_id)
            except Rejected:
                told = {}  # it is gone
            values = {
                "likes": told.get("likes"),
                "comments": told.get("replies"),
                "shares": _sum(told.get("reposts"), told.get("shares")),
                "quotes": told.get("quotes"),
                "impressions": told.get("views"),
            }
            points += [
                MetricPoint(remote_id=remote_id, metric=metric, value=value, measured_at=call.now)
                for metric, value in values.items()
            ]
        return points

    def _call(
        self, http: httpx.Client, clock: Clock, server: str, token: str = "", part: str = "graph"
    ) -> Call:
        return Call(
            http=http,
            api=self._homes.at(server).endpoints[part],
            now=clock(),
            label=LABEL,
            token=token,
            dialect=DIALECT,
        )

    def _credentials(self, token: client.Token, clock: Clock) -> Credentials:
        """The token renews itself, so it stands for the refresh token as well: whoever holds none is never asked to."""
        expires_at = clock() + token.lasts if token.lasts else None
        return Credentials(
            access_token=token.value, refresh_token=token.value, expires_at=expires_at, scopes=SCOPES
        )

    def _permalink(self, call: Call, post_id: str) -> str:
        """Return the address, empty when Threads does not tell it: it cannot be made from the id.

        Nothing that goes wrong after the post may look like a failure of it.
        """
        try:
            return client.get_permalink(call, post_id)
        except NetworkError:
            return ""


def _is_the_post(post: client.RemotePost, content: Content) -> bool:
    if plain_form(post.text) != plain_form(content.text):
        return False
    if len(content.media) > 1:
        return post.kind == CAROUSEL
    return post.kind == (("VIDEO" if content.media[0].is_video else "IMAGE") if content.media else TEXT_POST)


def _sum(*numbers: int | None) -> int | None:
    """Return the sum of those that were told; None when none was."""
    told = [number for number in numbers if number is not None]
    return sum(told) if told else None
