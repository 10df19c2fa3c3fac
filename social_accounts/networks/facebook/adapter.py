"""Facebook Pages as Connect, ManyAccounts, Prepare, Publish, Comment, Edit and Measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import httpx

from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    CommentRequest,
    Connectable,
    Content,
    Credentials,
    CredentialsExpired,
    MetricPoint,
    NetworkError,
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
from ..meta import login
from ..meta.graph import Call
from ..oauth import code_of
from ..text import plain_form
from ..words import _
from . import client
from .config import LABEL, NAME
from .features import FEATURES, LACKING, NEEDED, SCOPES, content_problems, edit_problems
from .uploading import next_step, photo_ids, video_of

CLOCK_DIFFERENCE_MAX = timedelta(minutes=2)
READ_BACK_MAX = 50
VIDEO_CHECK_AFTER = timedelta(seconds=10)
READY, FAILED = "ready", frozenset({"error", "expired", "upload_failed"})
PAGE = _("Page")


class FacebookAdapter:
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
        return login.start_consent(
            self._homes.at(app.server).endpoints["authorize"],
            app,
            redirect_uri=redirect_uri,
            scopes=self._homes.at(app.server).scopes or SCOPES,
        )

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
        """Return the person: he is no profile himself, but opens his pages (``accounts``)."""
        call = self._call(http, clock, app.server)
        short = login.fetch_user_token(call, app, code=code_of(callback), redirect_uri=redirect_uri)
        token = login.fetch_long_token(call, app, short)
        me = login.get_me(self._call(http, clock, app.server, token))
        person = str(me["id"])
        granted = login.inspect(call, app, token)
        login.require(granted, NEEDED)
        credentials = Credentials(access_token=token, scopes=granted.scopes, grant=person)
        account = Account(
            network=NAME,
            server=app.server,
            remote_id=person,
            handle=str(me.get("name") or person),
            display_name=str(me.get("name") or person),
            url=self._homes.at(app.server).endpoints["web"],
        )
        return account, credentials

    def accounts(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Sequence[Connectable]:
        """Return the person's pages; those he unticked on Facebook's page are not among them, or lack something."""
        call = self._call(http, clock, app.server, credentials.access_token)
        with_businesses = login.BUSINESSES in credentials.scopes
        pages = [page for page in client.list_pages(call, with_businesses=with_businesses) if page.token]
        if not pages:
            raise Rejected(
                RejectionReason.OTHER,
                _("Facebook named no page you may publish on. On its page, tick the pages Chorus may use."),
            )
        granted = login.inspect(call, app, credentials.access_token)
        return [self._connectable(page, granted.on(page.id), app.server, credentials) for page in pages]

    def _connectable(
        self, page: client.Page, scopes: tuple[str, ...], server: str, credentials: Credentials
    ) -> Connectable:
        return Connectable(
            account=self._account(page, server),
            credentials=Credentials(access_token=page.token, scopes=scopes, grant=credentials.grant),
            kind=PAGE,
            problem=_problem_of(page, scopes),
            notes=tuple(words for scope, words in LACKING.items() if scope not in scopes),
        )

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        """Page tokens have no end: they come back as they are."""
        return credentials

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        if not credentials.grant:
            return
        try:
            login.forget(self._call(http, clock, app.server), app, credentials.grant)
        except (CredentialsExpired, Rejected):
            return  # it is gone already

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        call = self._call(http, clock, server, credentials.access_token)
        found = login.get_me(call, "id,name,username,link,picture{url}")
        return self._account(client.as_page(found), server)

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        return TextCount(used=len(content.text), limit=FEATURES.text_limit)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        return content_problems(content, self.count(content, limits))

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        server, token = request.account.server, credentials.access_token
        call = self._call(http, clock, server, token)
        video_call = replace(call, api=self._homes.at(server).endpoints["video"])
        return next_step(call, video_call, request)

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        content = request.content
        session_id, video_id = video_of(request)
        if video_id:
            client.publish_video(
                replace(call, api=self._homes.at(request.account.server).endpoints["video"]),
                request.account.remote_id,
                session_id,
                description=content.text,
                title=content.options.get("video_title", ""),
            )
            return Processing(poll_token=video_id, check_at=call.now + VIDEO_CHECK_AFTER)
        try:
            post_id = client.create_post(
                call,
                request.account.remote_id,
                message=content.text,
                link=content.link_card.url if content.link_card else "",
                photo_ids=photo_ids(request),
            )
        except Rejected as refused:
            if request.sent_at is None and refused.reason is not RejectionReason.DUPLICATE:
                _forget_photos(call, request)  # of an earlier attempt whose answer was lost they may be out
            raise
        return Published(remote_id=post_id, permalink=self._permalink(call, post_id, request.account))

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        """Ask how far Facebook is with the video. Posts of text and photos are there at once."""
        call = self._call(http, clock, request.account.server, credentials.access_token)
        video = client.get_video(call, poll_token)
        if video.state in FAILED:
            raise Rejected(
                RejectionReason.MEDIA_INVALID,
                video.failure or _("%(host)s could not read the file.", host=LABEL),
            )
        if video.state != READY:
            return Processing(poll_token=poll_token, check_at=call.now + VIDEO_CHECK_AFTER)
        return self._shown(call, poll_token, video, request.account)

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        _session_id, video_id = video_of(request)
        if video_id and (video := client.get_video(call, video_id)).post_id:
            return self._shown(call, video_id, video, request.account)
        since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
        found = client.list_posts(call, request.account.remote_id, since=since, limit=READ_BACK_MAX)
        for post in found:
            if post.id not in request.known_remote_ids and _is_the_post(post, request):
                return Published(
                    remote_id=post.id,
                    permalink=post.permalink or self._fallback_link(post.id, request.account),
                )
        if len(found) >= READ_BACK_MAX:
            raise OutcomeUnknown(_("The account has posted too much since to find this post by itself."))
        return None

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """Delete a post. "Gone" and "you may not" look alike at Facebook, so a refusal is checked by looking."""
        call = self._call(http, clock, account.server, credentials.access_token)
        try:
            client.delete_post(call, remote_id)
        except Rejected as refused:
            if refused.reason is not RejectionReason.NOT_FOUND:
                raise
            try:
                client.get_permalink(call, remote_id)
            except Rejected:
                return
            raise

    # --- Comment and Edit ---

    def comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published:
        call = self._call(http, clock, request.account.server, credentials.access_token)
        comment_id = client.create_comment(call, request.remote_id, request.text)
        return Published(remote_id=comment_id, permalink=self._permalink(call, comment_id, request.account))

    def find_comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published | None:
        """Look for the page's own comment with these words: on its own post nobody else can have said it."""
        call = self._call(http, clock, request.account.server, credentials.access_token)
        found = client.list_comments(call, request.remote_id, limit=READ_BACK_MAX)
        for comment in found:
            is_ours = comment.author_id == request.account.remote_id
            is_free = comment.id not in request.known_remote_ids
            if is_ours and is_free and plain_form(comment.message) == plain_form(request.text):
                link = comment.permalink or self._fallback_link(comment.id, request.account)
                return Published(remote_id=comment.id, permalink=link)
        if len(found) >= READ_BACK_MAX:
            raise OutcomeUnknown(_("The post has too many comments to find this one by itself."))
        return None

    def edit(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        remote_id: str,
    ) -> Published:
        """Change the text: nothing else of a post that is out may change."""
        call = self._call(http, clock, request.account.server, credentials.access_token)
        client.edit_post(call, remote_id, message=request.content.text)
        return Published(remote_id=remote_id, permalink=self._permalink(call, remote_id, request.account))

    def edit_problems(self, before: Content, after: Content) -> Sequence[str]:
        return edit_problems(before, after)

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
        """Return reactions, comments, shares and views of each post; a post that is gone has values of None."""
        call = self._call(http, clock, account.server, credentials.access_token)
        points = []
        for remote_id in remote_ids:
            values: dict[str, int | None] = dict.fromkeys(("likes", "comments", "shares", "impressions"))
            try:
                values |= client.get_counts(call, remote_id)
                values["impressions"] = client.get_views(call, remote_id)
            except Rejected:
                pass  # it is gone, or Facebook does not tell this number of it
            points += [
                MetricPoint(remote_id=remote_id, metric=metric, value=value, measured_at=call.now)
                for metric, value in values.items()
            ]
        return points

    def is_there(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> bool | None:
        """Facebook says alike that a post is gone and that one may not see it; of one's own page it is gone."""
        call = self._call(http, clock, account.server, credentials.access_token)
        try:
            client.get_permalink(call, remote_id)
        except Rejected as refused:
            if refused.reason is RejectionReason.NOT_FOUND:
                return False
            raise
        return True

    def _call(self, http: httpx.Client, clock: Clock, server: str, token: str = "") -> Call:
        home = self._homes.at(server)
        return Call(
            http=http,
            api=home.endpoints["graph"],
            now=clock(),
            label=LABEL,
            token=token,
            secret=home.client_secret,
        )

    def _account(self, page: client.Page, server: str) -> Account:
        web = self._homes.at(server).endpoints["web"]
        return Account(
            network=NAME,
            server=server,
            remote_id=page.id,
            handle=f"@{page.username}" if page.username else page.name,
            display_name=page.name,
            url=page.link or f"{web}/{page.id}",
            avatar_url=page.picture,
        )

    def _permalink(self, call: Call, post_id: str, account: Account) -> str:
        """Return the post's address. Nothing that goes wrong after the post may look like a failure of it."""
        try:
            return client.get_permalink(call, post_id) or self._fallback_link(post_id, account)
        except NetworkError:
            return self._fallback_link(post_id, account)

    def _shown(self, call: Call, video_id: str, video: client.Video, account: Account) -> Published:
        """Return the post of a video. Where Facebook names none, the video is the post."""
        post_id = video.post_id or video_id
        if "_" not in post_id:
            post_id = f"{account.remote_id}_{post_id}"
        link = video.permalink or self._permalink(call, post_id, account)
        return Published(remote_id=post_id, permalink=link)

    def _fallback_link(self, post_id: str, account: Account) -> str:
        return f"{self._homes.at(account.server).endpoints['web']}/{post_id}"


def _forget_photos(call: Call, request: PublishRequest) -> None:
    """Take away the photos that went up for a post that was refused: nobody would ever see them."""
    for photo_id in photo_ids(request):
        with suppress(NetworkError):
            client.delete_post(call, photo_id)


def _problem_of(page: client.Page, scopes: Sequence[str]) -> str:
    """Return why nothing could be published on this page; empty when it could."""
    if login.CAN_PUBLISH not in page.tasks:
        return _("You may not publish on this page: its owner must give you access to its content.")
    if not set(NEEDED) <= set(scopes):
        return _("You did not tick this page for everything on Facebook's page: publishing was left out.")
    return ""


def _is_the_post(post: client.RemotePost, request: PublishRequest) -> bool:
    is_same_text = plain_form(post.message) == plain_form(request.content.text)
    return is_same_text and post.media_count == len(request.content.media)
